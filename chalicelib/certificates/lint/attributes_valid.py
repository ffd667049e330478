"""The attributes conform to the catalog entry's schema, formats included."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.catalog.policy import FORMATS
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule

if TYPE_CHECKING:
    from jsonschema import FormatChecker


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    from jsonschema import Draft202012Validator  # late: 60 ms that most requests need not pay
    from referencing.exceptions import Unresolvable

    validator = Draft202012Validator(draft.entry.schema, format_checker=_format_checker())
    try:
        return bool(validator.is_valid(draft.attributes()))
    except (Unresolvable, RecursionError):
        return False  # a schema that refers nowhere, or to itself for ever, is conformed to by nothing


@cache
def _format_checker() -> "FormatChecker":
    """JSON Schema 2020-12, Validation §7.2.2 (format assertion): a format that cannot be checked is not conformed to."""
    from jsonschema import FormatChecker
    from jsonschema.exceptions import FormatError

    class Assertion(FormatChecker):
        def check(self, instance: object, format: str) -> None:  # noqa: A002  # jsonschema's name
            if format not in self.checkers:
                raise FormatError(f"no check for the format {format!r}")
            super().check(instance, format)

    return Assertion(sorted(FORMATS))


RULE = Rule(
    "attributes_valid",
    "art. 11 · JSON Schema 2020-12",
    "业务属性符合目录数据模式",
    "The attributes conform to the catalog entry's schema, formats included",
    keeps,
)
