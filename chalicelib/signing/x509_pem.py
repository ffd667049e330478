"""X.509 certificates as PEM."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def pem(certificates: Sequence[bytes]) -> bytes:
    """DER certificates one after another as PEM."""
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in certificates)
