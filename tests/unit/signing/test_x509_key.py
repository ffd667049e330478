"""The key that is not there: `cryptography` signs with it, and nobody gets it out."""

import copy
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.kernel.errors import DomainError
from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_builder import build_root
from tests.fakes.ambient import NOON
from tests.fakes.local_signer import LocalSigner

ALGORITHM = ec.ECDSA(SHA256())


@pytest.fixture
def signer() -> LocalSigner:
    return LocalSigner()


@pytest.fixture
def key(signer: LocalSigner) -> KmsPrivateKey:
    return KmsPrivateKey(signer, "root")


def test_it_signs_through_the_signer(signer: LocalSigner, key: KmsPrivateKey) -> None:
    key.public_key().verify(key.sign(b"message", ALGORITHM), b"message", ALGORITHM)
    assert signer.signatures == 1
    with pytest.raises(InvalidSignature):
        key.public_key().verify(key.sign(b"message", ALGORITHM), b"massage", ALGORITHM)


def test_a_certificate_costs_one_signature(signer: LocalSigner, key: KmsPrivateKey) -> None:
    root = build_root(key, NOON, 1)
    root.verify_directly_issued_by(root)
    assert signer.signatures == 1


def test_a_builder_that_wants_another_hash_is_refused(signer: LocalSigner, key: KmsPrivateKey) -> None:
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(x509.Name([])).last_update(NOON).next_update(NOON)
    )
    with pytest.raises(TypeError):
        builder.sign(key, SHA384())
    assert signer.signatures == 0
    assert builder.sign(key, SHA256()).is_signature_valid(key.public_key())


@pytest.mark.parametrize("algorithm", [ec.ECDSA(SHA384()), ec.ECDSA(Prehashed(SHA256()))])
def test_it_signs_with_one_algorithm_only(key: KmsPrivateKey, algorithm: ec.ECDSA) -> None:
    with pytest.raises(TypeError):
        key.sign(b"m" * 32, algorithm)


def test_nothing_of_it_can_be_exported_copied_or_agreed_with(key: KmsPrivateKey) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        key.private_numbers,
        lambda: key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        lambda: key.exchange(ec.ECDH(), key.public_key()),
        lambda: copy.copy(key),
        lambda: copy.deepcopy(key),
    )
    for attempt in attempts:
        with pytest.raises(TypeError, match="never leaves"):
            attempt()


def test_it_says_what_it_is(key: KmsPrivateKey) -> None:
    assert (key.curve.name, key.key_size) == ("secp256r1", 256)


def test_a_signer_that_refuses_leaves_no_certificate(signer: LocalSigner, key: KmsPrivateKey) -> None:
    signer.disabled.add("root")
    with pytest.raises(DomainError) as refused:
        build_root(key, NOON, 1)
    assert refused.value.code == "signing_key_unavailable"
