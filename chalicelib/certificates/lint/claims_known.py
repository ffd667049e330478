"""No claim that neither the metadata nor the catalog entry knows."""

from chalicelib.catalog.type_metadata import METADATA
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    known = {name for name, _, _, _ in METADATA} | {attribute.name for attribute in draft.entry.attributes}
    return known.issuperset(draft.disclosed)


RULE = Rule(
    "claims_known",
    "art. 3 (catalog entry)",
    "不含目录之外的字段",
    "No claim that neither the metadata nor the catalog entry knows",
    keeps,
)
