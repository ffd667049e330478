"""KMS: the key specs that the log signs with, by real implementations of the algorithms.

AWS (API reference, Sign; "Key spec reference"):
- ECC_NIST_EDWARDS25519 signs with ED25519_SHA_512 a RAW message of at most 4096 bytes: pure Ed25519 (RFC 8032).
- ML_DSA_44, ML_DSA_65 and ML_DSA_87 sign with ML_DSA_SHAKE_256 a RAW message of at most 4096 bytes (FIPS 204, empty
  context), or, as EXTERNAL_MU, the 64 bytes of a mu computed elsewhere.
- Verify of a signature that does not fit answers KMSInvalidSignatureException.
moto 5.2.5 knows none of them: it makes an RSA key and says that it has no algorithm.
"""

import json
from base64 import b64decode, b64encode
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA65PrivateKey,
    MLDSA87PrivateKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.core.exceptions import JsonRESTError
from moto.kms.models import Key
from moto.kms.responses import KmsResponse
from moto.kms.utils import KeySpec

from local_aws.emulator.corrections.replacing import replace

MAKERS: Final[dict[str, Any]] = {
    "ECC_NIST_EDWARDS25519": Ed25519PrivateKey.generate,
    "ML_DSA_44": MLDSA44PrivateKey.generate,
    "ML_DSA_65": MLDSA65PrivateKey.generate,
    "ML_DSA_87": MLDSA87PrivateKey.generate,
}
ALGORITHMS: Final = dict.fromkeys(MAKERS, "ML_DSA_SHAKE_256") | {"ECC_NIST_EDWARDS25519": "ED25519_SHA_512"}
LONGEST_RAW: Final = 4096
MU: Final = 64


class RealKey:
    """A key of one of these specs, in the shape in which moto keeps its own."""

    def __init__(self, spec: str) -> None:
        self.private = MAKERS[spec]()

    def public_key(self) -> bytes:
        """SubjectPublicKeyInfo in DER."""
        found: bytes = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return found


def _known(original: Any) -> Any:
    return lambda: sorted({*original(), *MAKERS})


def _curves(original: Any) -> Any:
    return lambda: [one for one in original() if one not in MAKERS]


def _made(original: Any) -> Any:
    def __init__(key: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807  # it takes the place of one
        original(key, *arguments, **named)
        if key.key_spec in MAKERS:
            key.private_key = RealKey(key.key_spec)

    return __init__


def _algorithms(original: Any) -> Any:
    def signing_algorithms(key: Any) -> Any:
        if key.key_spec in ALGORITHMS:
            return [ALGORITHMS[key.key_spec]]
        return original.fget(key)

    return property(signing_algorithms)


def _admitted(response: Any, key: Any) -> tuple[bytes, str]:
    """(message, message type), checked against key and algorithm."""
    name = response._get_param("SigningAlgorithm")  # noqa: SLF001  # moto's own accessor
    kind = response._get_param("MessageType") or "RAW"  # noqa: SLF001  # as above
    given = response._get_param("Message")  # noqa: SLF001  # as above
    message = given.encode("utf-8") if isinstance(given, str) else bytes(given)  # decoded by moto already
    if name != ALGORITHMS[key.key_spec]:
        raise JsonRESTError("InvalidKeyUsageException", f"{name} is not an algorithm of {key.arn}.")
    outside = kind == "EXTERNAL_MU" and key.key_spec.startswith("ML_DSA")
    if kind != "RAW" and not outside:
        raise JsonRESTError("ValidationException", f"{name} does not sign messages of type {kind}.")
    if (len(message) != MU) if outside else not 0 < len(message) <= LONGEST_RAW:
        raise JsonRESTError(
            "ValidationException", "Value at 'message' failed to satisfy constraint: its length."
        )
    return message, kind


def _key(response: Any) -> Any:
    name = response._get_param("KeyId")  # noqa: SLF001  # moto's own accessor
    response._validate_key_id(name)  # noqa: SLF001  # as above
    return response.kms_backend.describe_key(name)


def _sign(original: Any) -> Any:
    def sign(response: Any) -> Any:
        key = _key(response)
        if key.key_spec not in MAKERS:
            return original(response)
        message, kind = _admitted(response, key)
        private = key.private_key.private
        made = private.sign_mu(message) if kind == "EXTERNAL_MU" else private.sign(message)
        answer = {
            "KeyId": key.arn,
            "Signature": b64encode(made).decode("ascii"),
            "SigningAlgorithm": ALGORITHMS[key.key_spec],
        }
        return json.dumps(answer)

    return sign


def _verify(original: Any) -> Any:
    def verify(response: Any) -> Any:
        key = _key(response)
        if key.key_spec not in MAKERS:
            return original(response)
        message, kind = _admitted(response, key)
        signature = response._get_param("Signature")  # noqa: SLF001  # moto's own accessor
        given = b64decode(signature) if isinstance(signature, str) else bytes(signature)
        public = key.private_key.private.public_key()
        try:
            (public.verify_mu if kind == "EXTERNAL_MU" else public.verify)(given, message)
        except (InvalidSignature, ValueError) as error:
            raise JsonRESTError("KMSInvalidSignatureException", "") from error
        name = ALGORITHMS[key.key_spec]
        return json.dumps({"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": name})

    return verify


def apply() -> None:
    """Put the specs beside moto's own. Before `kms_keys`, whose guards of a key's state then hold for them too."""
    replace(KeySpec, "key_specs", _known)
    replace(KeySpec, "ecc_key_specs", _curves)
    replace(Key, "__init__", _made)
    replace(Key, "signing_algorithms", _algorithms)
    replace(KmsResponse, "sign", _sign)
    replace(KmsResponse, "verify", _verify)
