"""No mark of a state secret anywhere in the content (art. 3): 绝密, 机密, 秘密 as GB/T 9704 §7.2.2 has them written.

A mark is the degree followed by ★ and a term (机密★10年), the degree with a label (密级:机密), or the degree standing
alone as a whole value. Spaces, full-width forms and other stars do not hide it. Ordinary words stay free: 商业秘密,
保密协议, 秘密花园餐厅.
"""

import re
import unicodedata
from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.text import within

_DEGREE: Final = "(?:绝密|机密|秘密)"
_STAR: Final = "[★☆✩✪✭✮✯✰⋆*＊]"
_MARK: Final = re.compile(
    f"{_DEGREE}级?{_STAR}|(?:密级|保密级别|涉密等级|秘密等级)[::]?{_DEGREE}|^[\\[(【〔《]?{_DEGREE}级?(?:文件|资料)?[\\])】〕》]?$"
    f"|国家秘密[::]?{_DEGREE}"
)
_IGNORED: Final = re.compile(r"[\s\u00b7\u200b-\u200d\u2060\ufeff_\-]+")


def _plain(text: str) -> str:
    """The text as a reader's eye takes it: compatibility forms folded, spaces and invisible characters gone."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text))


def find_state_secret_mark(value: Json, path: str = "") -> str | None:
    """The path of the first marked text, or None. The path names members only, never content."""
    if isinstance(value, str):
        return path or "value" if _MARK.search(_plain(value)) else None
    members: list[tuple[str, Json]] = []
    if isinstance(value, dict):
        members = [(within(path, name), member) for name, member in value.items()]
    elif isinstance(value, list):
        members = [(f"{path}[{index}]", member) for index, member in enumerate(value)]
    return next((found for name, member in members if (found := find_state_secret_mark(member, name))), None)


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return find_state_secret_mark(dict(draft.disclosed)) is None


RULE = Rule(
    "state_secret",
    "art. 3 · GB/T 9704 §7.2.2",
    "不含国家秘密标志",
    "It bears no mark of a state secret",
    keeps,
)
