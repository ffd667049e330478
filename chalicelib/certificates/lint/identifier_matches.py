"""The identifier names this type and this issuing unit."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    parts = str(draft.visible.get("certificate_identifier")).split(".")
    named = parts[-5:-3]
    said = [draft.visible.get("type_code"), draft.visible.get("issuing_authority_code")]
    return named == said == [draft.entry.type_code, draft.issuer]


RULE = Rule(
    "identifier_matches",
    "GB/T 36904 (modelled on)",
    "标识中的类型与颁发机构与证照一致",
    "The identifier names this type and this issuing unit",
    keeps,
)
