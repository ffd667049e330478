"""KMS as documented: Sign, Verify, key states, encryption context, aliases (AWS KMS API Reference)."""

import hashlib
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.contract.aws.conftest import refused

pytestmark = pytest.mark.aws
MESSAGE = b"certificate"
DIGEST = hashlib.sha256(MESSAGE).digest()
ES256 = {"SigningAlgorithm": "ECDSA_SHA_256"}


def public(kms: Any, key: str) -> Any:
    return load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def test_a_digest_is_signed_as_it_is(kms: Any, signing_key: str) -> None:
    """Sign, MessageType: DIGEST means the message is the digest; it is not hashed again."""
    signature = kms.sign(KeyId=signing_key, Message=DIGEST, MessageType="DIGEST", **ES256)["Signature"]
    public(kms, signing_key).verify(signature, MESSAGE, ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public(kms, signing_key).verify(signature, DIGEST, ECDSA(SHA256()))


def test_a_raw_message_is_hashed_once(kms: Any, signing_key: str) -> None:
    """Sign, MessageType: RAW (the default) hashes the message."""
    signature = kms.sign(KeyId=signing_key, Message=MESSAGE, **ES256)["Signature"]
    public(kms, signing_key).verify(signature, MESSAGE, ECDSA(SHA256()))


def test_a_digest_has_the_length_of_its_algorithm(kms: Any, signing_key: str) -> None:
    """Sign: a digest of another length is a ValidationException."""
    attempt = lambda: kms.sign(KeyId=signing_key, Message=b"short", MessageType="DIGEST", **ES256)  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "ValidationException"


def test_a_raw_message_has_at_most_4096_bytes(kms: Any, signing_key: str) -> None:
    """Sign: RAW messages can be up to 4096 bytes."""
    kms.sign(KeyId=signing_key, Message=b"a" * 4096, **ES256)
    assert refused(lambda: kms.sign(KeyId=signing_key, Message=b"a" * 4097, **ES256)) == "ValidationException"


@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
def test_a_good_signature_verifies_and_a_bad_one_is_an_error(kms: Any, signing_key: str, kind: str) -> None:
    """Verify: when the signature does not fit, the call fails with KMSInvalidSignatureException."""
    message = MESSAGE if kind == "RAW" else DIGEST
    said = {"KeyId": signing_key, "Message": message, "MessageType": kind, **ES256}
    signature = kms.sign(**said)["Signature"]
    assert kms.verify(**said, Signature=signature)["SignatureValid"] is True
    other = hashlib.sha256(b"another").digest()
    assert (
        refused(lambda: kms.verify(**{**said, "Message": other}, Signature=signature))
        == "KMSInvalidSignatureException"
    )
    assert refused(lambda: kms.verify(**said, Signature=b"0" * 70)) == "KMSInvalidSignatureException"


def test_a_disabled_key_signs_nothing_until_it_is_enabled(kms: Any, signing_key: str) -> None:
    """Key states: Sign with a disabled key fails with DisabledException."""
    kms.disable_key(KeyId=signing_key)
    assert refused(lambda: kms.sign(KeyId=signing_key, Message=MESSAGE, **ES256)) == "DisabledException"
    kms.enable_key(KeyId=signing_key)
    assert kms.sign(KeyId=signing_key, Message=MESSAGE, **ES256)["Signature"]


def test_a_key_pending_deletion_signs_nothing(kms: Any, signing_key: str) -> None:
    """Key states: Sign with a key pending deletion fails with KMSInvalidStateException."""
    kms.schedule_key_deletion(KeyId=signing_key, PendingWindowInDays=7)
    assert (
        refused(lambda: kms.sign(KeyId=signing_key, Message=MESSAGE, **ES256)) == "KMSInvalidStateException"
    )


def test_another_algorithm_than_the_keys_is_refused(kms: Any, signing_key: str) -> None:
    """Sign: an algorithm that the key spec does not support is InvalidKeyUsageException."""
    attempt = lambda: kms.sign(KeyId=signing_key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_384")  # noqa: E731  # used once, on the next line
    assert refused(attempt) in ("InvalidKeyUsageException", "ValidationException")


def test_an_alias_stands_for_its_key(kms: Any, signing_key: str) -> None:
    """KeyId may be an alias name."""
    alias = "alias/contract-" + signing_key.rsplit("/", 1)[1][:8]
    kms.create_alias(AliasName=alias, TargetKeyId=signing_key)
    assert kms.sign(KeyId=alias, Message=MESSAGE, **ES256)["KeyId"] == signing_key


def test_a_wrapped_secret_opens_under_its_context_only(kms: Any) -> None:
    """Decrypt: the encryption context must be the one given when the data key was made."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    made = {"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"secret": "fields"}}
    wrapped = kms.generate_data_key_without_plaintext(**made)["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=wrapped, KeyId=key, EncryptionContext={"secret": "fields"})[
        "Plaintext"
    ]
    assert len(opened) == 32
    attempt = lambda: kms.decrypt(CiphertextBlob=wrapped, KeyId=key, EncryptionContext={"secret": "x"})  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "InvalidCiphertextException"
