"""The header has the type, the algorithm, a key id and the chain, and nothing else."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule

LEAST_CHAIN: Final = 2
MEMBERS: Final = frozenset({"alg", "typ", "kid", "x5c"})


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    header, chain = draft.header, draft.header.get("x5c")
    right = header.get("typ") == "dc+sd-jwt" and header.get("alg") == "ES256" and bool(header.get("kid"))
    return right and isinstance(chain, list) and len(chain) >= LEAST_CHAIN and set(header) == MEMBERS


RULE = Rule(
    "header_complete",
    "SD-JWT VC §3.2.1 · RFC 7515 §4.1.6",
    "JOSE 头类型、算法、证书链正确",
    "The header has the type, the algorithm, a key id and the chain, and nothing else",
    keeps,
)
