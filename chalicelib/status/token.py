"""A status list token's header and claims (IETF Token Status List §5.1)."""

from datetime import datetime, timedelta
from typing import Final

from chalicelib.kernel.encoding import Json, canonical_json, parse_object, unb64url
from chalicelib.signing.jose import signing_input
from chalicelib.status.model import BITS

TYP: Final = "statuslist+jwt"
LIFETIME: Final = timedelta(hours=1)  # an offline verifier is never further behind than this (invariant 8)
TTL_SECONDS: Final = 300
RENEWED_BEFORE: Final = timedelta(minutes=30)


def status_token_input(header: dict[str, Json], uri: str, lst: str, now: datetime) -> bytes:
    """The bytes to be signed. `header` brings `kid` and `x5c`."""
    claims: dict[str, Json] = {
        "sub": uri,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "ttl": TTL_SECONDS,
        "status_list": {"bits": BITS, "lst": lst},
    }
    return signing_input({**header, "alg": "ES256", "typ": TYP}, canonical_json(claims))


def packed_in(token: str) -> str:
    """The `lst` of a token that we signed ourselves."""
    claims = parse_object(unb64url(token.split(".")[1]))
    listed = claims["status_list"]
    if not isinstance(listed, dict):
        raise TypeError("not a status list token of ours")
    return str(listed["lst"])
