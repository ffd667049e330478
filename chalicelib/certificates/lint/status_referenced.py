"""The status reference is complete and within its list."""

from chalicelib.certificates.claims import status_list_url
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.status.model import LIST_SIZE


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    status = draft.visible.get("status")
    listed = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(listed, dict):
        return False
    index, uri = listed.get("idx"), listed.get("uri")
    within = type(index) is int and 0 <= index < LIST_SIZE  # true is no number
    prefix = status_list_url(draft.base_url, "")
    return within and isinstance(uri, str) and uri.startswith(prefix) and uri != prefix


RULE = Rule(
    "status_referenced",
    "IETF Token Status List §6.2",
    "状态列表引用完整且在范围内",
    "The status reference is complete and within its list",
    keeps,
)
