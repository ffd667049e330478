"""A private key that is not there: `cryptography` builds certificates and CRLs with it, and the signer signs.

Only `sign` and `public_key` exist; there is nothing to export.
"""

from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.signing.ports import Signer


class KmsPrivateKey(ec.EllipticCurvePrivateKey):
    """The key named `name`, held by `signer`: P-256, ECDSA over SHA-256."""

    def __init__(self, signer: Signer, name: str) -> None:
        self._signer, self._name = signer, name

    def sign(self, data: bytes, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # type: ignore[override]  # bytes is the Buffer that builders hand over
        """DER ECDSA signature over `data`."""
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, Prehashed) or not isinstance(algorithm, SHA256):
            raise TypeError("this key signs with ECDSA over SHA-256 only")
        return self._signer.sign(self._name, bytes(data))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._signer.public_key(self._name)

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return ec.SECP256R1()

    @property
    def key_size(self) -> int:
        """256 bits."""
        return self.curve.key_size

    def _absent(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the key never leaves its service")

    exchange = private_numbers = private_bytes = __copy__ = __deepcopy__ = _absent
