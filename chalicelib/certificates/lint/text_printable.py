"""Every text can be shown: no control, private or bidirectional characters."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.text import clean

LONGEST: Final = 4000


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    try:
        _clean(dict(draft.disclosed))
    except Invalid:
        return False
    return True


def _clean(value: Json) -> None:
    if isinstance(value, str):
        clean(value, limit=LONGEST)
    elif isinstance(value, dict):
        for name, member in value.items():
            _clean(name)
            _clean(member)
    elif isinstance(value, list):
        for member in value:
            _clean(member)


RULE = Rule(
    "text_printable",
    "art. 11",
    "所有文字均可显示",
    "Every text can be shown: no control, private or bidirectional characters",
    keeps,
)
