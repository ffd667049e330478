"""The header has the type, the algorithm, a key id and the chain, and nothing else."""

import base64
import binascii
from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import Json

LEAST_CHAIN: Final = 2
MEMBERS: Final = frozenset({"alg", "typ", "kid", "x5c"})


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    header, kid, chain = draft.header, draft.header.get("kid"), draft.header.get("x5c")
    named = isinstance(kid, str) and bool(kid) and set(header) == MEMBERS
    typed = header.get("typ") == "dc+sd-jwt" and header.get("alg") == "ES256"
    return (
        named
        and typed
        and isinstance(chain, list)
        and len(chain) >= LEAST_CHAIN
        and all(map(_is_base64, chain))
    )


def _is_base64(link: Json) -> bool:
    """Base64 with padding, not base64url (RFC 7515 §4.1.6)."""
    try:
        return isinstance(link, str) and len(base64.b64decode(link, validate=True)) > 0
    except (binascii.Error, ValueError):
        return False


RULE = Rule(
    "header_complete",
    "SD-JWT VC §3.2.1 · RFC 7515 §4.1.6",
    "JOSE 头类型、算法、密钥标识、证书链完整",
    "The header has the type, the algorithm, a key id and the chain, and nothing else",
    keeps,
)
