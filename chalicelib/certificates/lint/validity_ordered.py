"""Validity does not end before it begins."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    start, end = draft.day("valid_from"), draft.day("valid_until")
    if start is None or ("valid_until" in draft.disclosed and end is None):
        return False
    return end is None or start <= end


RULE = Rule(
    "validity_ordered",
    "GB/T 36903 (modelled on): 有效期",
    "有效期起始不晚于截止",
    "Validity does not end before it begins",
    keeps,
)
