"""Reading a compact JWS (RFC 7515) strictly: ES256 only, a key that we already hold, one declared type.

The algorithm is ours to name, never the token's: `none`, HMAC and key confusion cannot be spelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.kernel.encoding import Json, parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.jose import der_signature

LONGEST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Jws:
    """A JWS taken apart; nothing in it is verified yet."""

    header: dict[str, Json]
    payload: bytes
    signed: bytes
    signature: bytes

    @property
    def kid(self) -> str:
        """The key id that it claims, empty when it claims none."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""


def parse_jws(text: str, field: str | None = None) -> Jws:
    """Take apart, or Invalid("malformed_jws")."""
    parts = text.split(".")
    if len(text) > LONGEST or len(parts) != len(("header", "payload", "signature")):
        raise Invalid("malformed_jws", field)
    try:
        header, payload, signature = (unb64url(part) for part in parts)
        return Jws(parse_object(header), payload, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)
    except (ValueError, Invalid) as error:
        raise Invalid("malformed_jws", field) from error


def verify_jws(jws: Jws, key: EllipticCurvePublicKey, typ: str, field: str | None = None) -> bytes:
    """The payload when header and signature are right; Invalid("altered_jws" | "unsuitable_jws") otherwise."""
    if jws.header.get("alg") != "ES256" or jws.header.get("typ") != typ or "crit" in jws.header:
        raise Invalid("unsuitable_jws", field)
    try:
        key.verify(der_signature(jws.signature), jws.signed, ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise Invalid("altered_jws", field) from error
    return jws.payload


def public_key(jwk: Mapping[str, str]) -> EllipticCurvePublicKey:
    """A P-256 public key from its JWK (RFC 7518 §6.2.1), or Invalid("invalid_jwk")."""
    try:
        if jwk["kty"] != "EC" or jwk["crv"] != "P-256" or "d" in jwk:
            raise Invalid("invalid_jwk")
        x, y = (int.from_bytes(unb64url(jwk[name]), "big") for name in ("x", "y"))
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except (KeyError, ValueError) as error:
        raise Invalid("invalid_jwk") from error
