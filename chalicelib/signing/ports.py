"""The only way to a signature: a key's name goes in, the key itself never comes out."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey


class Signer(Protocol):
    """Signs with keys held elsewhere (KMS)."""

    def sign(self, key: str, message: bytes) -> bytes:
        """ECDSA P-256 over SHA-256 of `message`, DER-encoded (RFC 3279 §2.2.3).

        One call is one signature, and what is returned verifies under `public_key`. Raises
        DomainError("signing_key_unavailable") when the key is disabled, deleted or of another kind,
        DomainError("signing_service_unavailable") when no answer came.
        """
        ...

    def public_key(self, key: str) -> EllipticCurvePublicKey:
        """The public half; may be cached for the life of the process, since a key's material never changes.

        Raises as `sign` does; a key that is merely disabled still shows its public half.
        """
        ...
