"""Every claim about holder and face is a disclosure of its own; only the envelope is always visible."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule

ENVELOPE: Final = frozenset(
    "iss iat nbf exp vct vct#integrity status certificate_identifier type_code issuing_authority_code".split()
)


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return ENVELOPE.issuperset(draft.visible) and not ENVELOPE.intersection(draft.disclosed)


RULE = Rule(
    "nothing_personal_visible",
    "art. 13 · RFC 9901 §9.7",
    "个人信息与照面字段均可选择性披露",
    "Every claim about holder and face is a disclosure of its own; only the envelope is always visible",
    keeps,
)
