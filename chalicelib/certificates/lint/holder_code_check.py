"""The holder's code has the right check digit for its type."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import holder_code


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    try:
        holder_code(draft.text("holder_code"), draft.text("holder_code_type"))
    except Invalid:
        return False
    return True


RULE = Rule(
    "holder_code_check",
    "GB 32100 · GB 11643",
    "持证主体代码校验位正确",
    "The holder's code has the right check digit for its type",
    keeps,
)
