"""The issuing unit is among those that the catalog entry names."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return draft.issuer in draft.entry.issuing_units


RULE = Rule(
    "issuer_entitled",
    "art. 9",
    "签发单位在目录条目所列之中",
    "The issuing unit is among those that the catalog entry names",
    keeps,
)
