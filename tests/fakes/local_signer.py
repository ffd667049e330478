"""`Signer` with P-256 keys of its own, made on first use: real signatures, no service."""

import threading

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.kernel.errors import DomainError


class LocalSigner:
    """Counts its signatures; a key named in `disabled` refuses, like one that is disabled in KMS."""

    def __init__(self) -> None:
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self._lock = threading.Lock()
        self.disabled: set[str] = set()
        self.signatures = 0

    def private_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """What no service would give away: for tests that sign what the product refuses to."""
        with self._lock:
            return self._keys.setdefault(name, ec.generate_private_key(ec.SECP256R1()))

    def sign(self, key: str, message: bytes) -> bytes:
        if key in self.disabled:
            raise DomainError("signing_key_unavailable")
        self.signatures += 1
        return self.private_key(key).sign(message, ec.ECDSA(SHA256()))

    def public_key(self, key: str) -> ec.EllipticCurvePublicKey:
        return self.private_key(key).public_key()
