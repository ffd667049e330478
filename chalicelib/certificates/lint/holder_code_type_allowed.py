"""The holder's kind of code is one that the catalog entry admits."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return draft.text("holder_code_type") in draft.entry.holder_code_types


RULE = Rule(
    "holder_code_type_allowed",
    "art. 3 (catalog entry)",
    "持证主体代码类型为目录所允许",
    "The holder's kind of code is one that the catalog entry admits",
    keeps,
)
