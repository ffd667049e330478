"""What the KMS signer makes of KMS's answers; against a KMS of four lines, since no emulator can be made to fail so."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.adapters.kms_signer import KmsSigner
from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ARN = "arn:aws:kms:cn-north-1:123456789012:key/0e2bf3c0-6f3c-4d7e-9a52-7f3a7d6c1a11"
URL = "https://kms.cn-north-1.amazonaws.com.cn"


class Kms:
    """Holds one key. `answer` makes a signature of a digest; `fault` is raised instead of any answer."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.calls: list[tuple[str, dict[str, object]]] = []
        self.hold(ec.generate_private_key(ec.SECP256R1()))

    def hold(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey = key.public_key()
        self.answer: Callable[[bytes], bytes] = lambda digest: key.sign(digest, ec.ECDSA(Prehashed(SHA256())))

    def sign(self, **asked: object) -> dict[str, bytes]:
        self._called("sign", asked)
        digest = asked["Message"]
        assert isinstance(digest, bytes)
        return {"Signature": self.answer(digest)}

    def get_public_key(self, **asked: object) -> dict[str, bytes]:
        self._called("get_public_key", asked)
        return {"PublicKey": self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}

    def _called(self, name: str, asked: dict[str, object]) -> None:
        self.calls.append((name, asked))
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def kms() -> Kms:
    return Kms()


@pytest.fixture
def signer(kms: Kms) -> KmsSigner:
    return KmsSigner(cast("KMSClient", kms))


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{ARN} is not to be had"}}, "Sign")


def test_the_digest_goes_out_and_never_the_message(kms: Kms, signer: KmsSigner) -> None:
    signer.sign(ARN, b"message")
    assert kms.calls[0] == (
        "sign",
        {
            "KeyId": ARN,
            "Message": hashlib.sha256(b"message").digest(),
            "MessageType": "DIGEST",
            "SigningAlgorithm": "ECDSA_SHA_256",
        },
    )


def test_a_signature_is_one_call_once_the_public_half_is_here(kms: Kms, signer: KmsSigner) -> None:
    for _ in range(3):
        signer.sign(ARN, b"message")
        signer.public_key(ARN)
    assert [name for name, _ in kms.calls] == ["sign", "get_public_key", "sign", "sign"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (refusal("DisabledException"), "signing_key_unavailable"),
        (refusal("KMSInvalidStateException"), "signing_key_unavailable"),
        (refusal("NotFoundException"), "signing_key_unavailable"),
        (refusal("InvalidKeyUsageException"), "signing_key_unavailable"),
        (refusal("AccessDeniedException"), "signing_key_unavailable"),
        (refusal("ThrottlingException"), "signing_service_unavailable"),
        (refusal("LimitExceededException"), "signing_service_unavailable"),
        (refusal("DependencyTimeoutException"), "signing_service_unavailable"),
        (refusal("KeyUnavailableException"), "signing_service_unavailable"),
        (refusal("KMSInternalException"), "signing_service_unavailable"),
        (ReadTimeoutError(endpoint_url=URL), "signing_service_unavailable"),
        (ConnectTimeoutError(endpoint_url=URL), "signing_service_unavailable"),
        (EndpointConnectionError(endpoint_url=URL), "signing_service_unavailable"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
@pytest.mark.parametrize("call", ["sign", "public_key"])
def test_each_trouble_has_its_code_and_no_key_id(
    kms: Kms, signer: KmsSigner, fault: Exception, code: str, call: str
) -> None:
    kms.fault = fault
    with pytest.raises(DomainError) as refused:
        signer.sign(ARN, b"message") if call == "sign" else signer.public_key(ARN)
    assert refused.value == DomainError(code)
    assert ARN not in str(refused.value)


def test_trouble_passes(kms: Kms, signer: KmsSigner) -> None:
    kms.fault = refusal("ThrottlingException")
    with pytest.raises(DomainError):
        signer.public_key(ARN)
    kms.fault = None
    assert signer.public_key(ARN) == kms.public


def test_a_service_that_hashes_the_digest_again_is_found_out(kms: Kms, signer: KmsSigner) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    kms.hold(key)
    assert signer.sign(ARN, b"message")
    kms.answer = lambda digest: key.sign(digest, ec.ECDSA(SHA256()))
    with pytest.raises(DomainError) as refused:
        signer.sign(ARN, b"message")
    assert refused.value == DomainError("signature_does_not_verify")


@pytest.mark.parametrize("answer", [b"", b"\x30\x00", b"\x30\x06\x02\x01\x01\x02\x01\x01", b"\x00" * 64])
def test_what_is_no_signature_is_found_out(kms: Kms, signer: KmsSigner, answer: bytes) -> None:
    kms.answer = lambda _: answer
    with pytest.raises(DomainError) as refused:
        signer.sign(ARN, b"message")
    assert refused.value == DomainError("signature_does_not_verify")


def test_an_alias_moved_to_another_key_refuses_once_and_is_then_known(kms: Kms, signer: KmsSigner) -> None:
    signer.sign("alias/status", b"message")
    kms.hold(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(DomainError) as refused:
        signer.sign("alias/status", b"message")
    assert refused.value == DomainError("signature_does_not_verify")
    signature = signer.sign("alias/status", b"message")
    signer.public_key("alias/status").verify(signature, b"message", ec.ECDSA(SHA256()))
    assert signer.public_key("alias/status") == kms.public


@pytest.mark.parametrize(
    "public",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key(),
    ],
    ids=["P-384", "RSA"],
)
def test_a_key_of_another_kind_is_none_of_ours(
    kms: Kms, signer: KmsSigner, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
) -> None:
    kms.public = public
    with pytest.raises(DomainError) as refused:
        signer.public_key(ARN)
    assert refused.value == DomainError("signing_key_unavailable")
