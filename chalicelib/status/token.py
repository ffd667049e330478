"""A status list token's header and claims (IETF Token Status List §5.1)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from chalicelib.kernel.encoding import Json, canonical_json, parse_object, unb64url
from chalicelib.signing.jose import signing_input
from chalicelib.status.model import BITS
from chalicelib.status.packing import unpacked

TYP: Final = "statuslist+jwt"
LIFETIME: Final = timedelta(hours=1)  # an offline verifier is never further behind than this (invariant 8)
TTL_SECONDS: Final = 300
RENEWED_BEFORE: Final = timedelta(
    minutes=30
)  # six turns of the schedule: as many may fail before anybody notices


def status_token_input(header: Mapping[str, Json], uri: str, lst: str, issued_at: datetime) -> bytes:
    """The bytes to be signed. `header` brings `kid` and `x5c`; `uri` is what credentials refer to (§5.1, `sub`).

    `issued_at` is a moment before the values were read: the token says nothing about a time it does not know of.
    """
    issued = int(issued_at.timestamp())
    claims: dict[str, Json] = {
        "sub": uri,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "ttl": TTL_SECONDS,
        "status_list": {"bits": BITS, "lst": lst},
    }
    return signing_input({**header, "alg": "ES256", "typ": TYP}, canonical_json(claims))


def packed_in(token: str) -> bytes:
    """The values in a token that we signed ourselves, as `packing.packed` makes them.

    Values are compared, not compressed forms: another release of zlib may compress the same values otherwise.
    """
    claims = parse_object(unb64url(token.split(".")[1]))
    listed = claims["status_list"]
    if not isinstance(listed, dict):
        raise TypeError("not a status list token of ours")
    return unpacked(str(listed["lst"]))
