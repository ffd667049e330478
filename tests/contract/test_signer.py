"""`Signer`: one suite for the fake and for KMS on the local AWS (or on whatever AWS_ENDPOINT_URL names)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.adapters.kms_signer import KmsSigner
from chalicelib.kernel.errors import DomainError
from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.ports import Signer
from chalicelib.signing.x509_builder import build_root
from chalicelib.signing.x509_lint import lint_x509
from chalicelib.signing.x509_profile import ROOT_PROFILE
from local_aws.emulator.process import start_emulator
from tests.fakes.ambient import NOON
from tests.fakes.local_signer import LocalSigner

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

MESSAGE = "电子证照 · 𠮷".encode()
ALGORITHM = ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class Signing:
    """A signer, two of its keys, and how one of them is disabled."""

    signer: Signer
    key: str
    other: str
    disable: Callable[[str], object]


def client(endpoint: str) -> "KMSClient":
    return boto3.client(
        "kms",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1}),
    )


def kms_signing(kms: "KMSClient") -> Signing:
    def key() -> str:
        made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
        return made["KeyMetadata"]["Arn"]

    return Signing(KmsSigner(kms), key(), key(), lambda name: kms.disable_key(KeyId=name))


@pytest.fixture(params=["memory", pytest.param("kms", marks=pytest.mark.aws)])
def signing(request: pytest.FixtureRequest) -> Signing:
    if request.param == "kms":
        return kms_signing(client(request.getfixturevalue("endpoint_url")))
    signer = LocalSigner()
    return Signing(signer, "one", "other", signer.disabled.add)


def test_a_signature_verifies_under_its_own_key_over_the_message_itself(signing: Signing) -> None:
    signature = signing.signer.sign(signing.key, MESSAGE)
    public = signing.signer.public_key(signing.key)
    public.verify(signature, MESSAGE, ALGORITHM)
    with pytest.raises(InvalidSignature):
        public.verify(signature, MESSAGE[:-1] + b"\x00", ALGORITHM)
    with pytest.raises(InvalidSignature):
        signing.signer.public_key(signing.other).verify(signature, MESSAGE, ALGORITHM)


def test_it_is_der_with_both_halves_in_the_groups_range(signing: Signing) -> None:
    order = SECP256R1().group_order
    for part in decode_dss_signature(signing.signer.sign(signing.key, MESSAGE)):
        assert 0 < part < order


@pytest.mark.parametrize("size", [0, 1, 32, 4097, 100_000])
def test_messages_of_any_size_are_signed(signing: Signing, size: int) -> None:
    """KMS itself takes at most 4096 bytes: the digest is made here."""
    message = b"m" * size
    signature = signing.signer.sign(signing.key, message)
    signing.signer.public_key(signing.key).verify(signature, message, ALGORITHM)


def test_the_public_half_is_p256_and_stays(signing: Signing) -> None:
    public = signing.signer.public_key(signing.key)
    assert isinstance(public.curve, SECP256R1)
    assert signing.signer.public_key(signing.key) == public
    assert signing.signer.public_key(signing.other) != public


def test_a_disabled_key_signs_no_more_and_another_does(signing: Signing) -> None:
    signing.signer.sign(signing.key, MESSAGE)
    signing.disable(signing.key)
    with pytest.raises(DomainError) as refused:
        signing.signer.sign(signing.key, MESSAGE)
    assert refused.value == DomainError("signing_key_unavailable")
    assert signing.signer.sign(signing.other, MESSAGE)


def test_a_root_made_on_it_verifies_itself(signing: Signing) -> None:
    root = build_root(KmsPrivateKey(signing.signer, signing.key), NOON, 1)
    assert lint_x509(root, root, ROOT_PROFILE) == []
    root.verify_directly_issued_by(root)


def test_many_threads_sign_at_once(signing: Signing) -> None:
    signatures: list[bytes] = []

    def sign() -> None:
        signatures.append(signing.signer.sign(signing.key, MESSAGE))

    threads = [threading.Thread(target=sign) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signatures) == 16
    for signature in signatures:
        signing.signer.public_key(signing.key).verify(signature, MESSAGE, ALGORITHM)


@pytest.mark.aws
def test_a_key_that_is_not_there_is_unavailable(endpoint_url: str) -> None:
    signer = KmsSigner(client(endpoint_url))
    missing = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000"
    for call in (lambda: signer.sign(missing, MESSAGE), lambda: signer.public_key(missing)):
        with pytest.raises(DomainError) as refused:
            call()
        assert refused.value == DomainError("signing_key_unavailable")


def test_moto_as_it_comes_hashes_twice_and_is_found_out() -> None:
    """Why the local AWS is corrected, and what happens where somebody forgets to."""
    emulator = start_emulator(plain=True)
    try:
        signing = kms_signing(client(emulator.endpoint_url))
        with pytest.raises(DomainError) as refused:
            signing.signer.sign(signing.key, MESSAGE)
        assert refused.value == DomainError("signature_does_not_verify")
    finally:
        emulator.stop()
