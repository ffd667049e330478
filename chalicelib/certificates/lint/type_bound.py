"""vct and its integrity bind this very version of the catalog entry."""

from chalicelib.catalog.type_metadata import type_integrity, vct
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    entry = draft.entry
    named = vct(draft.base_url, entry.type_code, entry.version)
    bound = type_integrity(entry, draft.base_url)
    return draft.visible.get("vct") == named and draft.visible.get("vct#integrity") == bound


RULE = Rule(
    "type_bound",
    "SD-JWT VC §3.2.2.1, §7",
    "vct 与其完整性值指向本目录版本",
    "vct and its integrity bind this very version of the catalog entry",
    keeps,
)
