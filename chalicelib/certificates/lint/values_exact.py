"""Every value is one that all readers of JSON read alike: no number beyond 2^53, no infinity, no broken character."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import canonical_json


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    try:
        canonical_json({"visible": dict(draft.visible), "disclosed": dict(draft.disclosed)})
    except (ValueError, RecursionError):
        return False
    return True


RULE = Rule(
    "values_exact",
    "RFC 8785 §3.2.2 · RFC 7493 §2",
    "所有取值可被各方一致读取(数值不超过 2^53)",
    "Every value is one that all readers of JSON read alike",
    keeps,
)
