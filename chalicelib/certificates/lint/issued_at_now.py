"""iat is the present, not a date of somebody's choosing."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule

TOLERANCE_SECONDS: Final = 300


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    issued = draft.visible.get("iat")
    return isinstance(issued, int) and abs(draft.now.timestamp() - issued) <= TOLERANCE_SECONDS


RULE = Rule(
    "issued_at_now",
    "RFC 7519 §4.1.6",
    "iat 为当前时间",
    "iat is the present, not a date of somebody's choosing",
    keeps,
)
