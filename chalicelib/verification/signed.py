"""A compact JWS whose key stands in its own header: read once, believed only through the anchors.

The algorithm is ours to name, never the token's, and a `crit` is refused: `none`, HMAC and key confusion cannot be spelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.kernel.encoding import parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.jose import der_signature
from chalicelib.verification.chain import Leaf, read_leaf

_ES256: Final = ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class Header:
    """What the checks ask of a JOSE header; `chain` tells whether it brought any."""

    typ: str
    sound: bool
    leaf: Leaf | None
    chain: bool

    def believed(self, signed_at: int) -> bool:
        """Whether an anchor lets this key sign, and did so at that moment (seconds since 1970)."""
        leaf = self.leaf
        return (
            self.sound
            and leaf is not None
            and leaf.root is not None
            and leaf.fits
            and leaf.not_before <= signed_at <= leaf.not_after
        )


def read_header(encoded: str, roots: Sequence[x509.Certificate]) -> Header | None:
    """The header, or None when it is no JSON object in base64url. A `kid` must be the key's thumbprint (RFC 7638)."""
    try:
        header = parse_object(unb64url(encoded))
    except (ValueError, Invalid):
        return None
    leaf = read_leaf(header.get("x5c"), roots)
    named = leaf is None or header.get("kid", leaf.kid) == leaf.kid
    sound = header.get("alg") == "ES256" and "crit" not in header and "b64" not in header and named
    typ = header.get("typ")
    return Header(typ if isinstance(typ, str) else "", sound, leaf, "x5c" in header)


def signed_by(leaf: Leaf, jws: str) -> bool:
    """Whether the leaf's key made the signature of this compact JWS."""
    signed, _, signature = jws.rpartition(".")
    try:
        leaf.key.verify(der_signature(unb64url(signature)), signed.encode("ascii"), _ES256)
    except (InvalidSignature, ValueError):
        return False
    return True
