"""The only way to a signature: a key's name goes in, the key itself never comes out."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey


class Signer(Protocol):
    """Signs with keys held elsewhere (KMS)."""

    def sign(self, key: str, message: bytes) -> bytes:
        """ECDSA P-256 over SHA-256 of `message`, DER-encoded (RFC 3279 §2.2.3).

        One call is one signature. Raises SigningUnavailable when the key is disabled or the service is out.
        """
        ...

    def public_key(self, key: str) -> EllipticCurvePublicKey:
        """The public half; may be cached for the life of the process, since a key's material never changes."""
        ...
