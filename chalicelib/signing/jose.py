"""JOSE bytes: compact JWS with ES256 (RFC 7515, RFC 7518 §3.4), thumbprints (RFC 7638)."""

from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from chalicelib.kernel.encoding import Json, b64url, canonical_json, sha256

P256_BYTES: Final = 32


def raw_signature(der: bytes) -> bytes:
    """DER ECDSA-Sig-Value → r‖s, 64 bytes (RFC 7518 §3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(P256_BYTES, "big") + s.to_bytes(P256_BYTES, "big")


def der_signature(raw: bytes) -> bytes:
    """r‖s, 64 bytes → DER. ValueError for any other length."""
    if len(raw) != 2 * P256_BYTES:
        raise ValueError("an ES256 signature has 64 bytes")
    return encode_dss_signature(
        int.from_bytes(raw[:P256_BYTES], "big"), int.from_bytes(raw[P256_BYTES:], "big")
    )


def signing_input(header: Mapping[str, Json], payload: bytes) -> bytes:
    """BASE64URL(header) . BASE64URL(payload), the bytes that a JWS signature covers."""
    return f"{b64url(canonical_json(dict(header)))}.{b64url(payload)}".encode("ascii")


def compact(signed: bytes, der: bytes) -> str:
    """Put a signature to its signing input: the JWS in compact form."""
    return f"{signed.decode('ascii')}.{b64url(raw_signature(der))}"


def public_jwk(key: EllipticCurvePublicKey) -> dict[str, Json]:
    """The public key as a JWK with its thumbprint as `kid`, ready for a key set."""
    numbers = key.public_numbers()
    core: dict[str, Json] = {
        "crv": "P-256",
        "kty": "EC",
        "x": b64url(numbers.x.to_bytes(P256_BYTES, "big")),
        "y": b64url(numbers.y.to_bytes(P256_BYTES, "big")),
    }
    return {**core, "kid": b64url(sha256(canonical_json(core))), "alg": "ES256", "use": "sig"}


def thumbprint(key: EllipticCurvePublicKey) -> str:
    """RFC 7638 SHA-256 thumbprint of a P-256 key."""
    return str(public_jwk(key)["kid"])
