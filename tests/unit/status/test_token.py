import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chalicelib.kernel.clock import SHANGHAI
from chalicelib.kernel.encoding import Json, b64url, parse_object, unb64url
from chalicelib.signing.jose import thumbprint
from chalicelib.status.model import Status
from chalicelib.status.packing import pack, packed
from chalicelib.status.token import packed_in, status_token_input
from chalicelib.units.trust import PLATFORM, ROOT, STATUS
from chalicelib.usecases.publish_status_list import publish_status_list
from tests.fakes.ambient import NOON
from tests.fakes.city import City
from tests.fakes.records import BASE

URI = f"{BASE}/v1/status-lists/1-00"
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI)


def parts(signed: bytes) -> tuple[dict[str, Json], dict[str, Json]]:
    header, claims = (parse_object(unb64url(part)) for part in signed.decode().split("."))
    return header, claims


def signing_input(moment: datetime = NOON) -> bytes:
    return status_token_input({"kid": "k", "x5c": ["leaf", "root"]}, URI, pack({}), moment)


def test_the_claims_are_those_of_the_draft_and_no_others() -> None:
    header, claims = parts(signing_input())
    assert header == {"alg": "ES256", "typ": "statuslist+jwt", "kid": "k", "x5c": ["leaf", "root"]}
    assert claims == {
        "sub": URI,
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 3600,
        "ttl": 300,
        "status_list": {"bits": 2, "lst": pack({})},
    }


@pytest.mark.parametrize(
    "moment", [NEW_YEARS_EVE, NEW_YEARS_EVE.astimezone(UTC), NEW_YEARS_EVE.replace(microsecond=999_999)]
)
def test_a_list_of_the_last_second_of_the_year_expires_in_the_next(moment: datetime) -> None:
    _, claims = parts(signing_input(moment))
    assert datetime.fromtimestamp(int(str(claims["iat"])), SHANGHAI) == NEW_YEARS_EVE
    assert (
        datetime.fromtimestamp(int(str(claims["exp"])), SHANGHAI).isoformat() == "2027-01-01T00:59:59+08:00"
    )


def test_a_stranger_verifies_it_with_the_key_of_its_own_chain(city: City) -> None:
    token = publish_status_list(city.platform, "1-00").token
    read = jws.deserialize_compact(
        token, ECKey.import_key(chain(token)[0].public_bytes()), registry=registry()
    )
    assert read.headers()["typ"] == "statuslist+jwt"
    assert parse_object(read.payload)["sub"] == URI


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_altered_anywhere_is_refused_by_a_stranger(city: City, part: int) -> None:
    token = publish_status_list(city.platform, "1-00").token
    altered = token.split(".")
    octets = bytearray(unb64url(altered[part]))
    octets[-3] ^= 1
    altered[part] = b64url(bytes(octets))
    key = ECKey.import_key(chain(token)[0].public_bytes())
    with pytest.raises((JoseError, ValueError)):
        jws.deserialize_compact(".".join(altered), key, registry=registry())
    assert jws.deserialize_compact(token, key, registry=registry()).payload


def test_its_chain_is_the_status_signer_and_the_root(city: City) -> None:
    token = publish_status_list(city.platform, "1-00").token
    signer, root = chain(token)
    certified = {one.role: one.der for one in city.store.certificates(PLATFORM)}
    header = parse_object(unb64url(token.partition(".")[0]))
    assert (signer.der, root.der) == (certified[STATUS], certified[ROOT])
    assert header["kid"] == thumbprint(signer.key)
    assert signer.names() == [f"{BASE}/v1/trust/platform/status"]


def test_what_was_packed_is_read_back_however_it_was_compressed() -> None:
    said = {3: Status.SUSPENDED, 131_071: Status.OBJECTION_PENDING}
    signed = status_token_input({}, URI, pack(said), NOON).decode()
    assert packed_in(f"{signed}.signature") == packed(said)
    assert packed_in(f"{signed}.signature") != packed({})


class Link:
    """One certificate of an `x5c`."""

    def __init__(self, encoded: str) -> None:
        self.der = base64.b64decode(encoded)
        self._read = x509.load_der_x509_certificate(self.der)

    @property
    def key(self) -> EllipticCurvePublicKey:
        key = self._read.public_key()
        assert isinstance(key, EllipticCurvePublicKey)
        return key

    def public_bytes(self) -> bytes:
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def names(self) -> list[str]:
        found = self._read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return found.get_values_for_type(x509.UniformResourceIdentifier)


def chain(token: str) -> list[Link]:
    listed = parse_object(unb64url(token.partition(".")[0]))["x5c"]
    assert isinstance(listed, list)
    return [Link(str(one)) for one in listed]


def registry() -> jws.JWSRegistry:
    """joserfc with limits that a chain fits in."""
    found = jws.JWSRegistry(algorithms=["ES256"])
    found.max_header_length, found.max_payload_length = 16_384, 131_072
    return found
