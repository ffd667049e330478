"""The credential stays within what readers take."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import canonical_json

LARGEST_HEADER: Final = 8192
LARGEST_CLAIMS: Final = 32_768


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    header = len(canonical_json(dict(draft.header)))
    claims = len(canonical_json(dict(draft.visible))) + len(canonical_json(dict(draft.disclosed)))
    return header <= LARGEST_HEADER and claims <= LARGEST_CLAIMS


RULE = Rule(
    "size_bounded",
    "design: item and reader limits",
    "凭证大小在读者可接受范围内",
    "The credential stays within what readers take",
    keeps,
)
