"""The attributes conform to the catalog entry's schema."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    from jsonschema import Draft202012Validator, FormatChecker  # late: 60 ms that most requests need not pay

    validator = Draft202012Validator(draft.entry.schema, format_checker=FormatChecker())
    return bool(validator.is_valid(draft.attributes()))


RULE = Rule(
    "attributes_valid",
    "art. 11 · JSON Schema 2020-12",
    "业务属性符合目录数据模式",
    "The attributes conform to the catalog entry's schema",
    keeps,
)
