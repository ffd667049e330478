"""The OIDC adapter against a provider over HTTP, with keys that rotate; and the mock provider of the local stage."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from chalicelib.adapters.oidc_issuer import OidcIssuer
from chalicelib.kernel.errors import DomainError, Unauthenticated
from local_aws.client import id_token
from local_aws.identity import start_identity

AUDIENCE = "zhengzhao"


class Provider:
    """Serves discovery and keys; `keys` may be changed while it runs."""

    def __init__(self) -> None:
        self.keys: list[Any] = [RSAKey.generate_key(2048, {"kid": "a"})]
        self.asked, provider = 0, self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                body = json.dumps(provider.documents().get(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def documents(self) -> dict[str, Any]:
        public = [key.as_dict(private=False) for key in self.keys]
        discovery = {"issuer": self.issuer, "jwks_uri": self.issuer + "/jwks"}
        return {"/.well-known/openid-configuration": discovery, "/jwks": {"keys": public}}

    def token(self, key: Any = None, alg: str = "RS256", **changes: Any) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": "s", "iat": now, "exp": now + 300, **changes}
        chosen = key or self.keys[0]
        header = {"alg": alg, **({"kid": chosen.kid} if chosen.kid else {})}
        return jwt.encode(
            header, {name: one for name, one in claims.items() if one is not None}, chosen, algorithms=[alg]
        )


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def verify(provider: Provider, token: str, now: datetime | None = None) -> tuple[str, str]:
    return OidcIssuer(provider.issuer, AUDIENCE).verify(token, now or datetime.now(UTC))


def test_a_genuine_token_names_its_subject(provider: Provider) -> None:
    assert verify(provider, provider.token()) == (provider.issuer, "s")
    assert verify(provider, provider.token(aud=[AUDIENCE, "other"], azp=AUDIENCE)) == (provider.issuer, "s")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://elsewhere.example"}, "invalid_subject_token"),
        ({"aud": "another"}, "invalid_subject_token"),
        ({"aud": [AUDIENCE, "other"]}, "invalid_subject_token"),
        ({"aud": [AUDIENCE, "other"], "azp": "other"}, "invalid_subject_token"),
        ({"sub": None}, "invalid_subject_token"),
        ({"sub": 7}, "invalid_subject_token"),
        ({"exp": 1}, "subject_token_expired"),
        ({"iat": 1}, "subject_token_expired"),
        ({"iat": None}, "invalid_subject_token"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_300}, "subject_token_expired"),
    ],
)
def test_a_token_for_somebody_else_or_another_time_is_refused(
    provider: Provider, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Unauthenticated, match=code):
        verify(provider, provider.token(**changes))


def test_another_key_or_algorithm_is_refused(provider: Provider) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "a"})
    secret = OctKey.import_key(b"x" * 40, {"kid": "a"})
    for token in (provider.token(stranger), provider.token(secret, "HS256"), "a.b.c", "", "é", "a" * 9000):
        with pytest.raises(Unauthenticated, match="invalid_subject_token"):
            verify(provider, token)


def test_a_rotated_key_is_looked_for_once_a_minute(provider: Provider) -> None:
    issuer, now = OidcIssuer(provider.issuer, AUDIENCE), datetime.now(UTC)
    issuer.verify(provider.token(), now)
    provider.keys = [ECKey.generate_key("P-256", {"kid": "b"})]
    rotated, asked = provider.token(alg="ES256"), provider.asked
    with pytest.raises(Unauthenticated):
        issuer.verify(rotated, now + timedelta(seconds=30))
    assert provider.asked == asked
    assert issuer.verify(rotated, now + timedelta(seconds=61)) == (provider.issuer, "s")
    assert provider.asked == asked + 2


@pytest.mark.parametrize("issuer", ["http://elsewhere.example", "ftp://127.0.0.1", "http://127.0.0.1:1"])
def test_an_issuer_that_cannot_be_asked_is_unavailable(issuer: str) -> None:
    with pytest.raises(DomainError, match="identity_provider_unavailable"):
        OidcIssuer(issuer, AUDIENCE).verify("a.b.c", datetime.now(UTC))


def test_an_issuer_that_says_to_be_another_is_not_believed(provider: Provider) -> None:
    with pytest.raises(DomainError, match="identity_provider_unavailable"):
        OidcIssuer(provider.issuer + "/", AUDIENCE).verify("a.b.c", datetime.now(UTC))


def test_the_local_stages_provider_is_a_real_one() -> None:
    child = start_identity(["market.reviewer"])
    try:
        token = id_token(child.url, AUDIENCE, "market.reviewer")
        assert OidcIssuer(child.url, AUDIENCE).verify(token, datetime.now(UTC)) == (
            child.url,
            "market.reviewer",
        )
    finally:
        child.stop()
