"""KMS as documented: the key specs that sign the log (AWS KMS API Reference, Sign; "Key spec reference")."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.contract.aws.conftest import refused

pytestmark = pytest.mark.aws
SPECS = {
    "ECC_NIST_EDWARDS25519": ("ED25519_SHA_512", Ed25519PublicKey),
    "ML_DSA_65": ("ML_DSA_SHAKE_256", MLDSA65PublicKey),
}


@pytest.fixture(params=sorted(SPECS))
def spec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def key(kms: Any, spec: str) -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"])


def test_the_public_half_is_of_the_spec(kms: Any, spec: str, key: str) -> None:
    algorithm, kind = SPECS[spec]
    answer = kms.get_public_key(KeyId=key)
    assert isinstance(load_der_public_key(answer["PublicKey"]), kind)
    assert algorithm in answer["SigningAlgorithms"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeySpec"] == spec


@pytest.mark.parametrize("message", [b"checkpoint", bytes(range(256)) * 16], ids=["short", "4096 bytes"])
def test_a_raw_message_is_signed_as_it_is(kms: Any, spec: str, key: str, message: bytes) -> None:
    algorithm = SPECS[spec][0]
    asked = {"KeyId": key, "SigningAlgorithm": algorithm, "MessageType": "RAW"}
    signature = kms.sign(Message=message, **asked)["Signature"]
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    public.verify(signature, message)
    with pytest.raises(InvalidSignature):
        public.verify(signature, message + b"x")
    assert kms.verify(Message=message, Signature=signature, **asked)["SignatureValid"] is True
    attempt = lambda: kms.verify(Message=message[:-1], Signature=signature, **asked)  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "KMSInvalidSignatureException"


def test_a_message_of_more_than_4096_bytes_is_refused(kms: Any, spec: str, key: str) -> None:
    asked = {"KeyId": key, "SigningAlgorithm": SPECS[spec][0], "Message": bytes(4097)}
    assert refused(lambda: kms.sign(**asked)) == "ValidationException"


def test_another_specs_algorithm_is_refused(kms: Any, key: str) -> None:
    asked = {"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"x"}
    assert refused(lambda: kms.sign(**asked)) in ("InvalidKeyUsageException", "ValidationException")


def test_a_disabled_key_signs_nothing(kms: Any, spec: str, key: str) -> None:
    kms.disable_key(KeyId=key)
    asked = {"KeyId": key, "SigningAlgorithm": SPECS[spec][0], "Message": b"x"}
    assert refused(lambda: kms.sign(**asked)) == "DisabledException"
