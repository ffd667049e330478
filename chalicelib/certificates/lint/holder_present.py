"""The holder's name and code are there."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return bool(draft.text("holder_name").strip() and draft.text("holder_code").strip())


RULE = Rule(
    "holder_present",
    "GB/T 36903 (modelled on): 持证主体",
    "持证主体名称与代码存在",
    "The holder's name and code are there",
    keeps,
)
