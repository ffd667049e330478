"""The certificate number is there and at most 100 characters long."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule

LONGEST: Final = 100


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return (
        len(draft.text("certificate_number").strip()) > 0 and len(draft.text("certificate_number")) <= LONGEST
    )


RULE = Rule(
    "number_present",
    "GB/T 36903 (modelled on): 证照编号",
    "证照编号存在且不超过 100 字",
    "The certificate number is there and at most 100 characters long",
    keeps,
)
