"""nbf and exp say what the dates say, Shenzhen time."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.clock import end_of, start_of


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    start, end = draft.day("valid_from"), draft.day("valid_until")
    if start is None or draft.visible.get("nbf") != int(start_of(start).timestamp()):
        return False
    return draft.visible.get("exp") == (None if end is None else int(end_of(end).timestamp()))


RULE = Rule(
    "times_match",
    "RFC 7519 §4.1.4, §4.1.5",
    "nbf、exp 与有效期(北京时间)一致",
    "nbf and exp say what the dates say, Shenzhen time",
    keeps,
)
