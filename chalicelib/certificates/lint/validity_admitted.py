"""The length of validity is one that the catalog entry admits."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    start = draft.day("valid_from")
    return start is not None and draft.entry.validity.admits(start, draft.day("valid_until"))


RULE = Rule(
    "validity_admitted",
    "art. 3 (catalog entry)",
    "有效期符合目录规定",
    "The length of validity is one that the catalog entry admits",
    keeps,
)
