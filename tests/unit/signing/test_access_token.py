"""Access tokens: minted and read back; anything else is refused, whatever it looks like."""

import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.encoding import Json, b64url, canonical_json, unb64url
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.signing.access_token import LIFETIME, Claims, mint, read_token
from chalicelib.signing.jose import compact, signing_input, thumbprint
from tests.fakes.ambient import NOON, SeededEntropy
from tests.fakes.local_signer import LocalSigner
from tests.fakes.records import BASE, ISSUER

SIGNER = LocalSigner()
CLAIMS = Claims(ISSUER, ("issuing", "using"), "440300", ("reviewer",), "market.reviewer", None, None)
KEYS = {thumbprint(SIGNER.public_key(name)): SIGNER.public_key(name) for name in ("current", "previous")}


def token(key: str = "current") -> str:
    return mint(SIGNER, key, BASE, CLAIMS, NOON, SeededEntropy())


def read(text: str, **changes: Any) -> Claims:
    given = {"keys": KEYS, "issuer": BASE, "now": NOON, **changes}
    return read_token(text, given["keys"], given["issuer"], given["now"])


def forged(header: dict[str, Json], **claims: Json) -> str:
    """A token by our own key with other contents."""
    payload: dict[str, Json] = json.loads(unb64url(token().split(".")[1]))
    payload.update(claims)
    head: dict[str, Json] = {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": thumbprint(SIGNER.public_key("current")),
        **header,
    }
    signed = signing_input(
        head, canonical_json({name: value for name, value in payload.items() if value is not None})
    )
    return compact(signed, SIGNER.sign("current", signed))


def test_a_token_is_read_back() -> None:
    assert read(token()) == CLAIMS


def test_the_previous_key_is_taken_while_rotation_overlaps_and_no_other() -> None:
    assert read(token("previous")) == CLAIMS
    with pytest.raises(Unauthenticated, match="invalid_token"):
        read(token("stranger"))


def test_it_ends_at_its_last_second() -> None:
    assert read(token(), now=NOON + LIFETIME - timedelta(seconds=1)) == CLAIMS
    with pytest.raises(Unauthenticated, match="token_expired"):
        read(token(), now=NOON + LIFETIME)


def test_it_is_not_taken_before_it_was_made() -> None:
    with pytest.raises(Unauthenticated, match="invalid_token"):
        read(token(), now=NOON - timedelta(seconds=6))


@pytest.mark.parametrize(
    "text",
    [
        forged({"alg": "none"}),
        forged({"alg": "HS256"}),
        forged({"typ": "JWT"}),
        forged({"crit": ["exp"]}),
        forged({"kid": "unknown"}),
        forged({}, iss="https://elsewhere.example"),
        forged({}, aud="https://elsewhere.example"),
        forged({}, exp=None),
        forged({}, exp="tomorrow"),
        forged({}, exp=True),
        forged({}, unit=None),
        forged({}, unit=7),
        forged({}, posts="reviewer"),
        forged({}, posts=[1]),
        forged({}, person=["a"]),
        "",
        "a.b.c",
        "a" * 5000,
    ],
)
def test_what_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated, match=r"invalid_token|token_expired"):
        read(text)


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    """Key confusion: HMAC under the public key's bytes."""
    key = SIGNER.public_key("current")
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head: dict[str, Json] = {"alg": "HS256", "typ": "at+jwt", "kid": thumbprint(key)}
    signed = signing_input(head, unb64url(token().split(".")[1]))
    with pytest.raises(Unauthenticated, match="invalid_token"):
        read(f"{signed.decode()}.{b64url(hmac.digest(pem, signed, 'sha256'))}")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_each_part_is_covered(part: int) -> None:
    parts = token().split(".")
    data = bytearray(unb64url(parts[part]))
    data[len(data) // 2] ^= 1
    parts[part] = b64url(bytes(data))
    with pytest.raises(Unauthenticated):
        read(".".join(parts))


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"))
def test_any_text_is_refused_not_crashed_on(text: str) -> None:
    with pytest.raises(Unauthenticated):
        read(text)
