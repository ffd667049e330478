"""Every disclosure has a salt of its own, of at least 128 bits."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule

LEAST_BYTES: Final = 16


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    salts = list(draft.salts)
    strong = all(len(salt) >= LEAST_BYTES for salt in salts)
    return strong and len(set(salts)) == len(salts) == len(draft.disclosed)


RULE = Rule(
    "salts_strong",
    "RFC 9901 §9.3",
    "每项披露的盐不少于 128 位且互不相同",
    "Every disclosure has a salt of its own, of at least 128 bits",
    keeps,
)
