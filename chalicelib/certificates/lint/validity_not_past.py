"""It is not expired when it is signed."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.clock import business_date


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    end = draft.day("valid_until")
    return end is None or end >= business_date(draft.now)


RULE = Rule(
    "validity_not_past",
    "art. 11",
    "签发时尚在有效期内",
    "It is not expired when it is signed",
    keeps,
)
