"""Text that people typed: what we take, so that nothing unprintable is ever signed.

Every assigned printable character passes, 𠮷 and · included. NUL, other controls, lone surrogates, bidirectional
overrides and private-use or unassigned code points do not: a reader must see what the signature covers.
"""

import re
import unicodedata
from typing import Final

from chalicelib.kernel.errors import Invalid

# Cc control, Cs surrogate, Co private use, Cn unassigned, Zl/Zp line and paragraph separators.
_REFUSED: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


def within(path: str, name: str) -> str:
    """A path one member further; a name that is no claim's name could be anybody's data, and is not repeated."""
    shown = name if _NAME.fullmatch(name) else "?"
    return f"{path}.{shown}" if path else shown


def clean(text: str, field: str | None = None, *, limit: int = 2000, lines: bool = False) -> str:
    """`text` unchanged when it is fit to be signed; Invalid otherwise. Lengths count code points; `lines` admits line ends.

    Nothing is normalised silently: the unit signed these very code points.
    """
    if len(text) > limit:
        raise Invalid("text_too_long", field, (str(limit),))
    shown = text.replace("\n", "") if lines else text
    if any(unicodedata.category(char) in _REFUSED or char in _BIDI for char in shown):
        raise Invalid("unprintable_text", field)
    return text
