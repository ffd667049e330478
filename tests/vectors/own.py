"""Our own vectors: a certificate of the city of fakes, made of fixed keys, fixed lots and RFC 6979 signatures.

The same bytes come out each time. A change in them is a change of format, which files of twenty years' standing will not
follow: it must be meant.
"""

import hashlib
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.catalog.type_metadata import type_metadata
from chalicelib.units.trust import PLATFORM, is_root
from chalicelib.usecases.publish_status_list import publish_status_list
from tests.fakes.city import found_city
from tests.fakes.local_signer import LocalSigner
from tests.fakes.records import BASE, ENTRY

FOLDER: Final = Path(__file__).parent / "own"


class FixedSigner(LocalSigner):
    """Each key follows from its name, each signature from key and message (RFC 6979)."""

    def private_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(
            int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") >> 1, ec.SECP256R1()
        )

    def sign(self, key: str, message: bytes) -> bytes:
        return self.private_key(key).sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))


def make() -> dict[str, bytes]:
    """File name → content."""
    city = found_city(FixedSigner())
    identifier = city.issued()
    record, crl = city.store.certificate(identifier), city.store.crl()
    assert record is not None
    assert record.slot is not None
    assert crl is not None
    root = next(one for one in city.store.certificates(PLATFORM) if is_root(one))
    return {
        "certificate.sd-jwt": city.credential(identifier).encode(),
        "roots.pem": x509.load_der_x509_certificate(root.der).public_bytes(Encoding.PEM),
        "status-list.jwt": publish_status_list(city.platform, record.slot.list_id).token.encode(),
        "crl.der": crl[1],
        "type-metadata.json": type_metadata(ENTRY, BASE),
    }
