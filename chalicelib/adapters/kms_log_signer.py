"""`LogSigner` on two KMS keys: Ed25519, which every note tool reads, and ML-DSA-65, which outlives it.

Both sign the message itself (MessageType RAW, at most 4096 bytes), so what is signed is what is verified anywhere.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chalicelib.adapters.kms_signer import refusal
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import ED25519, ML_DSA_65, Note, NoteSignature, VerifierKey, timestamped
from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_kms.literals import SigningAlgorithmSpecType

ALGORITHMS: Final[dict[bytes, "SigningAlgorithmSpecType"]] = {
    ED25519: "ED25519_SHA_512",
    ML_DSA_65: "ML_DSA_SHAKE_256",
}


class KmsLogSigner:
    """`origin` is the name of both keys; `ed25519` and `ml_dsa` are their KMS names."""

    def __init__(self, client: "KMSClient", origin: str, ed25519: str, ml_dsa: str) -> None:
        self._client, self._origin = client, origin
        self._names = {ED25519: ed25519, ML_DSA_65: ml_dsa}
        self._lock = threading.Lock()
        self._keys: tuple[VerifierKey, ...] | None = None

    def verifier_keys(self) -> Sequence[VerifierKey]:
        """See `LogSigner.verifier_keys`; asked for once in the life of the process."""
        with self._lock:
            if self._keys is None:
                self._keys = tuple(
                    VerifierKey(self._origin, kind, self._public(kind, name))
                    for kind, name in self._names.items()
                )
            return self._keys

    def sign(self, checkpoint: Checkpoint, time: datetime) -> bytes:
        """See `LogSigner.sign`."""
        seconds = int(time.timestamp())
        signatures = tuple(self._signature(key, checkpoint, seconds) for key in self.verifier_keys())
        note = Note(checkpoint.text(), signatures)
        if not all(key.verifies(note) for key in self.verifier_keys()):
            self._keys = None  # an alias may have been moved to another key under us
            raise DomainError("signature_does_not_verify")
        return note.render()

    def _signature(self, key: VerifierKey, checkpoint: Checkpoint, seconds: int) -> NoteSignature:
        message = key.sign_input(checkpoint.text(), seconds)
        try:
            made = self._client.sign(
                KeyId=self._names[key.kind],
                Message=message,
                MessageType="RAW",
                SigningAlgorithm=ALGORITHMS[key.kind],
            )["Signature"]
        except (ClientError, BotoCoreError) as error:
            raise refusal(error) from error
        return NoteSignature(key.name, key.id, made if key.kind == ED25519 else timestamped(seconds, made))

    def _public(self, kind: bytes, name: str) -> bytes:
        try:
            loaded = load_der_public_key(self._client.get_public_key(KeyId=name)["PublicKey"])
        except (ClientError, BotoCoreError) as error:
            raise refusal(error) from error
        if isinstance(loaded, Ed25519PublicKey if kind == ED25519 else MLDSA65PublicKey):
            return loaded.public_bytes_raw()
        raise DomainError("signing_key_unavailable")
