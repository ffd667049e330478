"""Every text can be shown: no control, private or bidirectional characters."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.certificates.lint.texts import texts
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.text import clean

LONGEST: Final = 4000


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    try:
        for path, text in texts(dict(draft.disclosed)):
            clean(text, path, limit=LONGEST)
    except Invalid:
        return False
    return True


RULE = Rule(
    "text_printable",
    "art. 11",
    "所有文字均可显示",
    "Every text can be shown: no control, private or bidirectional characters",
    keeps,
)
