"""No mark of a state secret anywhere in the content (art. 3): 绝密, 机密, 秘密 as GB/T 9704 §7.2.2 has them written.

    机密★10年 · 绝密★启用前 · 机密*长期     the degree, a star, and a term (after an asterisk the term must be there)
    密级:机密 · 国家秘密:绝密              the degree with its label
    【机密】关于… · (秘密)关于…            the degree in brackets, round ones only where a text begins
    机密 · 秘密级文件 · 绝密 10年          the degree as a whole value

Spaces, full-width and traditional forms and other stars do not hide it. Ordinary words stay free: 商业秘密, 保密协议,
秘密花园餐厅, a title in 《》.
"""

import re
import unicodedata
from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.certificates.lint.texts import texts
from chalicelib.kernel.encoding import Json

_DEGREE: Final = "(?:绝密|机密|秘密)级?"
_TERM: Final = "(?:[0-9〇一二三四五六七八九十百]{1,4}(?:年|个?月|日)|长期|启用前)"
_LABEL: Final = "(?:密级|保密级别|保密等级|涉密等级|涉密级别|秘密等级|国家秘密)"
_MARK: Final = re.compile(
    "|".join(
        (
            f"(?<!商业)(?<!工作)(?<!技术)(?<!个人){_DEGREE}(?:[★☆⭐⋆✦✧✩✪✫✬✭✮✯✰✱]|[*∗⁎]{_TERM})",
            f"{_LABEL}[:=]?(?:为|是|属)?{_DEGREE}",
            rf"[\[【〔]{_DEGREE}[\]】〕]|^\({_DEGREE}\)",
            rf"^\(?{_DEGREE}(?:文件|资料|事项|件)?\(?{_TERM}?\)?$",
        )
    )
)
_TRADITIONAL: Final = str.maketrans("絕機祕級", "绝机秘级")
# Categories that take room at most: separators, invisible characters, combining marks; and what is set between letters.
_INVISIBLE: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})
_BETWEEN: Final = frozenset("·•・_-‐–—")


def find_state_secret_mark(value: Json) -> str | None:
    """The path of the first marked text, or None. The path names members only, never content."""
    return next((path for path, text in texts(value) if _is_marked(text)), None)


def _is_marked(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
    return "密" in plain and _MARK.search(_closed_up(plain)) is not None


def _closed_up(text: str) -> str:
    """As a reader's eye takes it: what stands between the letters gone."""
    return "".join(
        char for char in text if char not in _BETWEEN and unicodedata.category(char) not in _INVISIBLE
    )


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    return find_state_secret_mark(dict(draft.disclosed)) is None


RULE = Rule(
    "state_secret_mark",
    "art. 3 · GB/T 9704 §7.2.2",
    "不含国家秘密标志",
    "It bears no mark of a state secret",
    keeps,
)
