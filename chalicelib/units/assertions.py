"""A client assertion's claims (RFC 7523 §3): what must hold once its signature does."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Unauthenticated

LONGEST_LIFE: Final = timedelta(minutes=5)
SKEW: Final = timedelta(seconds=60)
LONGEST_JTI: Final = 128


def check_assertion(
    claims: Mapping[str, Json], client_id: str, audiences: Sequence[str], now: datetime
) -> tuple[str, datetime]:
    """(jti, expiry) when the assertion is for us, current and single-use; Unauthenticated saying what is wrong."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise Unauthenticated("assertion_subject")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if len(named) != 1 or named[0] not in audiences:
        raise Unauthenticated("assertion_audience")
    expires = _moment(claims, "exp")
    if expires is None or now >= expires + SKEW:
        raise Unauthenticated("assertion_expired")
    if expires > now + LONGEST_LIFE + SKEW:
        raise Unauthenticated("assertion_lives_too_long")
    for name in ("nbf", "iat"):
        moment = _moment(claims, name)
        if moment is not None and moment > now + SKEW:
            raise Unauthenticated("assertion_not_yet_valid")
    return _jti(claims), expires + SKEW


def _jti(claims: Mapping[str, Json]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI or not jti.isprintable():
        raise Unauthenticated("assertion_without_jti")
    return jti


def _moment(claims: Mapping[str, Json], name: str) -> datetime | None:
    """A NumericDate (RFC 7519 §2); None when absent."""
    value = claims.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unauthenticated("assertion_times")
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unauthenticated("assertion_times") from error
