"""A small client of the HTTP interface, as a unit's developer would write one; demo and tests use it.

Standard library, `cryptography` and our JOSE encoding only: nothing of the server's inside.
"""

import http.client
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.signing.jose import compact, signing_input

TIMEOUT: Final = 60
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  # a type's name
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def request(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """One request; redirects are answers too."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def sign(key: EllipticCurvePrivateKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A compact JWS, ES256."""
    signed = signing_input({"alg": "ES256", **header}, json.dumps(claims, ensure_ascii=False).encode())
    return compact(signed, key.sign(signed, ECDSA(SHA256())))


@dataclass(slots=True)
class Client:
    """Calls the API with a bearer token; every POST carries an Idempotency-Key of its own unless given."""

    base_url: str
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """GET a path of the API."""
        return request("GET", self.base_url + path, None, {**self._authorised(), **headers})

    def post(self, path: str, body: Any, key: str | None = None) -> Answer:
        """POST a JSON body."""
        headers = {
            **self._authorised(),
            "Content-Type": "application/json",
            "Idempotency-Key": key or str(uuid.uuid4()),
        }
        return request("POST", self.base_url + path, json.dumps(body).encode(), headers)

    def _authorised(self) -> dict[str, str]:
        return {**self.headers, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}


def token(base_url: str, form: dict[str, str]) -> Answer:
    """POST to the token endpoint."""
    return request("POST", base_url + "/v1/oauth/token", urlencode(form).encode(), {"Content-Type": FORM})


def assertion(base_url: str, client_id: str, key: EllipticCurvePrivateKey, kid: str, **claims: Any) -> str:
    """A client assertion (RFC 7523 §3), good for a minute."""
    now = int(time.time())
    said = {
        "iss": client_id, "sub": client_id, "aud": base_url + "/v1/oauth/token", "iat": now, "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }  # fmt: skip
    return sign(key, {"typ": "JWT", "kid": kid}, {**said, **claims})


def system_client(base_url: str, client_id: str, key: EllipticCurvePrivateKey, kid: str) -> Client:
    """A business system, signed in."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": assertion(base_url, client_id, key, kid),
    }
    return Client(base_url, _granted(token(base_url, form)))


def staff_client(base_url: str, oidc_issuer: str, audience: str, subject: str) -> Client:
    """A member of staff, signed in at the OIDC issuer and then here (RFC 8693)."""
    form = {
        "grant_type": EXCHANGE,
        "subject_token": id_token(oidc_issuer, audience, subject),
        "subject_token_type": ID_TOKEN,
    }
    return Client(base_url, _granted(token(base_url, form)))


def _granted(answer: Answer) -> str:
    if answer.status != 200:
        raise RuntimeError(f"no token: {answer.status} {answer.body.decode()}")
    return str(answer.json()["access_token"])


def id_token(oidc_issuer: str, audience: str, subject: str) -> str:
    """An ID token of the mock issuer, by the authorization code flow."""
    redirect = "http://127.0.0.1/callback"
    query = urlencode(
        {"client_id": audience, "redirect_uri": redirect, "response_type": "code", "scope": "openid",
         "state": "s", "nonce": uuid.uuid4().hex}
    )  # fmt: skip
    headers = {"Content-Type": FORM}
    sent = request(
        "POST", f"{oidc_issuer}/oauth2/authorize?{query}", urlencode({"sub": subject}).encode(), headers
    )
    code = parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "client_id": audience,
        "client_secret": "local",
    }  # fmt: skip
    return str(
        request("POST", f"{oidc_issuer}/oauth2/token", urlencode(form).encode(), headers).json()["id_token"]
    )
