"""`Signer` on KMS: the digest goes out, a DER signature comes back, and is checked before anybody uses it.

What KMS answers            what the caller hears (free of key ids; the cause is chained for the function's own log)
────────────────────────    ────────────────────────────────────────────────────────────────────────────────────────
disabled, pending deletion, signing_key_unavailable      an administrator has to act
absent, not ours to use
throttled, timed out, ill   signing_service_unavailable  nothing was signed that anybody holds: try again
a signature that is none    signature_does_not_verify    the service, or what poses as it, is wrong: trust nothing
"""

import hashlib
import threading
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_PREHASHED: Final = ECDSA(Prehashed(SHA256()))
# KMS API reference, errors of Sign and GetPublicKey: those that time does not heal.
_KEY_AT_FAULT: Final = frozenset(
    {
        "AccessDeniedException",
        "DisabledException",
        "InvalidArnException",
        "InvalidKeyUsageException",
        "KMSInvalidStateException",
        "NotFoundException",
        "UnsupportedOperationException",
        "ValidationException",
    }
)


class KmsSigner:
    """One KMS Sign a signature; a key's public half is asked for once in the life of the process."""

    def __init__(self, client: "KMSClient") -> None:
        self._client = client
        self._lock = threading.Lock()
        self._public: dict[str, EllipticCurvePublicKey] = {}

    def sign(self, key: str, message: bytes) -> bytes:
        """See `Signer.sign`. A signature that does not verify never leaves here: 0.1 ms against 20 years of doubt."""
        digest = hashlib.sha256(message).digest()
        try:
            answer = self._client.sign(
                KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
            )
        except (ClientError, BotoCoreError) as error:
            raise refusal(error) from error
        try:
            self.public_key(key).verify(answer["Signature"], digest, _PREHASHED)
        except InvalidSignature as error:
            # An alias may have been moved to another key under us: the next signature asks for the public half anew.
            self._public.pop(key, None)
            raise DomainError("signature_does_not_verify") from error
        return answer["Signature"]

    def public_key(self, key: str) -> EllipticCurvePublicKey:
        """See `Signer.public_key`."""
        found = self._public.get(key)
        if found is None:
            with self._lock:
                found = self._public.get(key) or self._asked(key)
                self._public[key] = found
        return found

    def _asked(self, key: str) -> EllipticCurvePublicKey:
        try:
            loaded = load_der_public_key(self._client.get_public_key(KeyId=key)["PublicKey"])
        except (ClientError, BotoCoreError) as error:
            raise refusal(error) from error
        if not isinstance(loaded, EllipticCurvePublicKey) or not isinstance(loaded.curve, SECP256R1):
            raise DomainError("signing_key_unavailable")
        return loaded


def refusal(error: ClientError | BotoCoreError) -> DomainError:
    """What the caller hears of a failed call; see the table above."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return DomainError("signing_key_unavailable" if code in _KEY_AT_FAULT else "signing_service_unavailable")
