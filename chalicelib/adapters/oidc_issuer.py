"""The configured OpenID Connect issuer: discovery, its keys, and ID tokens (OpenID Connect Core §3.1.3.7)."""

import http.client
import json
import threading
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from chalicelib.kernel.errors import DomainError, Unauthenticated

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
OLDEST: Final = timedelta(minutes=10)
SKEW: Final = timedelta(seconds=60)
KEYS_KEPT: Final = timedelta(hours=1)
ASKED_AGAIN: Final = timedelta(minutes=1)
TIMEOUT: Final = 5
LARGEST: Final = 262_144
LONGEST: Final = 8192
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class OidcIssuer:
    """`StaffIdentity`. Keys are kept for an hour; a token by a key not among them makes us look again, once a minute."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer, self._audience = issuer, audience
        self._lock = threading.Lock()
        self._keys: tuple[datetime, Any] | None = None

    @property
    def issuer(self) -> str:
        """See `StaffIdentity`."""
        return self._issuer

    def verify(self, id_token: str, now: datetime) -> tuple[str, str]:
        """See `StaffIdentity`. The algorithm must be asymmetric; the key is the issuer's, never the token's."""
        claims = self._decoded(id_token, now)
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        subject = claims.get("sub")
        if claims.get("iss") != self._issuer or self._audience not in named or not isinstance(subject, str):
            raise Unauthenticated("invalid_subject_token")
        if len(named) > 1 and claims.get("azp") != self._audience:
            raise Unauthenticated("invalid_subject_token")
        self._check_times(claims, now)
        return self._issuer, subject

    @staticmethod
    def _check_times(claims: dict[str, Any], now: datetime) -> None:
        issued, expires, moment = claims.get("iat"), claims.get("exp"), now.timestamp()
        if not isinstance(issued, int) or not isinstance(expires, int):
            raise Unauthenticated("invalid_subject_token")
        fresh = moment - OLDEST.total_seconds() <= issued <= moment + SKEW.total_seconds()
        if not fresh or moment >= expires:
            raise Unauthenticated("subject_token_expired")

    def _decoded(self, id_token: str, now: datetime) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError

        if len(id_token) > LONGEST or not id_token.isascii():
            raise Unauthenticated("invalid_subject_token")
        for fresh in (False, True):
            keys = self._key_set(now, fresh=fresh)
            try:
                return dict(jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError, TypeError, KeyError) as error:
                if fresh:
                    raise Unauthenticated("invalid_subject_token") from error
        raise Unauthenticated("invalid_subject_token")

    def _key_set(self, now: datetime, *, fresh: bool) -> Any:
        """The issuer's keys; `fresh` asks again, unless that was done within the last minute."""
        from joserfc.jwk import KeySet

        with self._lock:
            age = now - self._keys[0] if self._keys else None
            if self._keys is None or age is None or age > (ASKED_AGAIN if fresh else KEYS_KEPT):
                discovered = self._fetch(self._issuer + "/.well-known/openid-configuration")
                if discovered.get("issuer") != self._issuer:
                    raise DomainError("identity_provider_unavailable")
                self._keys = (now, KeySet.import_key_set(self._fetch(str(discovered["jwks_uri"]))))  # type: ignore[arg-type]  # its typed dict
            return self._keys[1]

    @staticmethod
    def _fetch(url: str) -> dict[str, Any]:
        """GET a JSON object over TLS (plain HTTP from loopback only); redirects are not followed."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.netloc, timeout=TIMEOUT
            )
        elif parts.scheme == "http" and parts.hostname in _LOOPBACK:
            connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
        else:
            raise DomainError("identity_provider_unavailable")
        try:
            connection.request("GET", parts.path, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            body = answer.read(LARGEST)
            found = json.loads(body) if answer.status == http.client.OK else None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise DomainError("identity_provider_unavailable") from error
        finally:
            connection.close()
        if not isinstance(found, dict):
            raise DomainError("identity_provider_unavailable")
        return found
