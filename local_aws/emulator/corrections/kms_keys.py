"""KMS: digests are digests, a key that is not enabled does nothing, a wrong signature is an error.

AWS (API reference, Sign and Verify; "Key states of AWS KMS keys"):
- MessageType DIGEST: the message *is* the digest and is not hashed again; its length must be the algorithm's.
- RAW messages have at most 4096 bytes.
- A disabled key answers DisabledException, one pending deletion KMSInvalidStateException, to every cryptographic call.
- Every call takes a key's id or its ARN.
- Verify of a signature that does not fit answers KMSInvalidSignatureException, never SignatureValid: false.
moto 5.2.5 hashes a DIGEST again, signs with disabled and pending keys, fails on ARNs in
DisableKey and its like, and answers SignatureValid: false with 200.
"""

import json
from base64 import b64decode, b64encode
from functools import partial
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse

from local_aws.emulator.corrections.replacing import replace

HASHES: Final[dict[str, HashAlgorithm]] = {
    "ECDSA_SHA_256": SHA256(),
    "ECDSA_SHA_384": SHA384(),
    "ECDSA_SHA_512": SHA512(),
}
ECDSA_SPECS: Final = frozenset({"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"})
LONGEST_RAW: Final = 4096
CRYPTOGRAPHIC: Final = (
    "sign",
    "verify",
    "encrypt",
    "decrypt",
    "re_encrypt",
    "generate_data_key",
    "generate_data_key_without_plaintext",
    "generate_mac",
    "verify_mac",
    "get_public_key",
)
MANAGEMENT: Final = ("disable_key", "enable_key", "schedule_key_deletion", "cancel_key_deletion")


def _error(kind: str, message: str) -> JsonRESTError:
    return JsonRESTError(kind, message)


def _usable(response: Any, operation: str) -> None:
    """Refuse when the key named is not enabled. GetPublicKey works on disabled keys, not on those pending deletion."""
    name = response._get_param("KeyId")  # noqa: SLF001  # moto's own accessor
    if not name:
        return
    response._validate_key_id(name)  # noqa: SLF001  # as above
    key = response.kms_backend.describe_key(name)
    if key.key_state == "PendingDeletion":
        raise _error("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key.key_state == "Disabled" and operation != "get_public_key":
        raise _error("DisabledException", f"{key.arn} is disabled.")


def _guarded(operation: str, original: Any) -> Any:
    def guarded(response: Any) -> Any:
        _usable(response, operation)
        return original(response)

    return guarded


def _bytes(value: Any) -> bytes:
    return value.encode("utf-8") if isinstance(value, str) else bytes(value)


def _algorithm(response: Any, key: Any, message: bytes) -> ec.ECDSA:
    """The algorithm to use, after checking it against key, message type and length."""
    name = response._get_param("SigningAlgorithm")  # noqa: SLF001  # moto's own accessor
    if key.key_usage != "SIGN_VERIFY" or name not in key.signing_algorithms:
        raise _error("InvalidKeyUsageException", f"{name} is not an algorithm of {key.arn}.")
    hashed = HASHES[name]
    if (response._get_param("MessageType") or "RAW") == "DIGEST":  # noqa: SLF001  # as above
        if len(message) != hashed.digest_size:
            raise _error("ValidationException", "Digest is invalid length for algorithm " + name + ".")
        return ec.ECDSA(Prehashed(hashed))
    if len(message) > LONGEST_RAW:
        raise _error(
            "ValidationException", "Value at 'message' failed to satisfy constraint: at most 4096 bytes."
        )
    return ec.ECDSA(hashed)


def _sign(original: Any) -> Any:
    def sign(response: Any) -> Any:
        key = response.kms_backend.describe_key(response._get_param("KeyId"))  # noqa: SLF001  # moto's own accessor
        message = _bytes(response._get_param("Message"))  # noqa: SLF001  # as above
        if key.key_spec not in ECDSA_SPECS or not message:
            return original(response)
        signature = key.private_key.private_key.sign(message, _algorithm(response, key, message))
        return json.dumps(
            {
                "KeyId": key.arn,
                "Signature": b64encode(signature).decode("ascii"),
                "SigningAlgorithm": response._get_param("SigningAlgorithm"),  # noqa: SLF001  # as above
            }
        )

    return sign


def _verify(original: Any) -> Any:
    def verify(response: Any) -> Any:
        key = response.kms_backend.describe_key(response._get_param("KeyId"))  # noqa: SLF001  # moto's own accessor
        message = _bytes(response._get_param("Message"))  # noqa: SLF001  # as above
        if key.key_spec not in ECDSA_SPECS or not message:
            return original(response)
        signature = response._get_param("Signature")  # noqa: SLF001  # as above
        given = b64decode(signature) if isinstance(signature, str) else bytes(signature)
        algorithm = _algorithm(response, key, message)
        try:
            key.private_key.private_key.public_key().verify(given, message, algorithm)
        except (InvalidSignature, ValueError) as error:
            raise _error("KMSInvalidSignatureException", "") from error
        name = response._get_param("SigningAlgorithm")  # noqa: SLF001  # as above
        return json.dumps({"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": name})

    return verify


def _by_id(original: Any) -> Any:
    def by_id(backend: Any, key_id: str, *arguments: Any, **named: Any) -> Any:
        return original(backend, backend.get_key_id(key_id), *arguments, **named)

    return by_id


def apply() -> None:
    """Put the corrections over moto's handlers."""
    replace(KmsResponse, "sign", _sign)
    replace(KmsResponse, "verify", _verify)
    for operation in CRYPTOGRAPHIC:
        replace(KmsResponse, operation, partial(_guarded, operation))
    for operation in MANAGEMENT:
        replace(KmsBackend, operation, _by_id)
