"""Access tokens (RFC 9068): minted by KMS, verified here with public keys at hand and no call.

A token says who calls (unit, person or system, posts); what they may do is asked of the table at each request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from chalicelib.kernel.encoding import Json, b64url, canonical_json, parse_object
from chalicelib.kernel.entropy import Entropy
from chalicelib.kernel.errors import DomainError, Unauthenticated
from chalicelib.signing.jose import compact, signing_input, thumbprint
from chalicelib.signing.jws import parse_jws, verify_jws
from chalicelib.signing.ports import Signer

TYP: Final = "at+jwt"
LIFETIME: Final = timedelta(minutes=10)
SKEW: Final = timedelta(seconds=5)
LONGEST: Final = 4096
_SUBJECTS: Final = ("person", "system")


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the bearer is, as plain values; `units` gives them their types."""

    unit: str
    kinds: tuple[str, ...]
    district: str
    posts: tuple[str, ...]
    person: str | None
    system: str | None
    key: str | None


def mint(signer: Signer, key: str, issuer: str, claims: Claims, now: datetime, entropy: Entropy) -> str:  # noqa: PLR0913  # a token has these parts
    """A token good for ten minutes: one signature."""
    subject = claims.person or claims.system or ""
    payload: dict[str, Json] = {
        "iss": issuer,
        "aud": issuer,
        "sub": subject,
        "client_id": claims.system or "portal",
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": b64url(entropy.token(16)),
        "unit": claims.unit,
        "kinds": [*claims.kinds],
        "district": claims.district,
        "posts": [*claims.posts],
        **({"person": claims.person} if claims.person else {}),
        **({"system": claims.system} if claims.system else {}),
        **({"key": claims.key} if claims.key else {}),
    }
    header: dict[str, Json] = {"alg": "ES256", "typ": TYP, "kid": thumbprint(signer.public_key(key))}
    signed = signing_input(header, canonical_json(payload))
    return compact(signed, signer.sign(key, signed))


def read_token(token: str, keys: Mapping[str, EllipticCurvePublicKey], issuer: str, now: datetime) -> Claims:
    """The claims of a genuine, current token of ours; Unauthenticated("invalid_token" | "token_expired") otherwise."""
    try:
        if len(token) > LONGEST:
            raise Unauthenticated("invalid_token")
        jws = parse_jws(token)
        payload = parse_object(verify_jws(jws, keys[jws.kid], TYP))
        if payload.get("iss") != issuer or payload.get("aud") != issuer:
            raise Unauthenticated("invalid_token")
        _current(payload, now)
        return _claims(payload)
    except (KeyError, TypeError, Unauthenticated, DomainError) as error:
        if isinstance(error, Unauthenticated):
            raise
        raise Unauthenticated("invalid_token") from error


def _current(payload: Mapping[str, Json], now: datetime) -> None:
    issued, expires = payload["iat"], payload["exp"]
    if not isinstance(issued, int) or not isinstance(expires, int):
        raise Unauthenticated("invalid_token")
    if now.timestamp() >= expires:
        raise Unauthenticated("token_expired")
    if issued > (now + SKEW).timestamp():
        raise Unauthenticated("invalid_token")


def _claims(payload: Mapping[str, Json]) -> Claims:
    def text(name: str) -> str:
        value = payload[name]
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def texts(name: str) -> tuple[str, ...]:
        value = payload[name]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise TypeError(name)
        return tuple(str(one) for one in value)

    optional = {name: text(name) if name in payload else None for name in ("person", "system", "key")}
    return Claims(text("unit"), texts("kinds"), text("district"), texts("posts"), **optional)
