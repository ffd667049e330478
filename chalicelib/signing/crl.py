"""The certificate revocation list (RFC 5280 §5): complete, signed by the root, numbered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.signing.x509_profile import Authority

LIFETIME: Final = timedelta(days=7)
RENEWED_AFTER: Final = timedelta(days=1)
REASONS: Final = frozenset(
    {"keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"}
)


@dataclass(frozen=True, slots=True)
class Revoked:
    """A serial (hexadecimal), since when, and why (RFC 5280 §5.3.1)."""

    serial: str
    since: datetime
    reason: str


def build_crl(authority: Authority, number: int, revoked: Iterable[Revoked], now: datetime) -> bytes:
    """DER, good for seven days."""
    start, root = now.replace(microsecond=0), authority.certificate
    root_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder(
            issuer_name=root.subject, last_update=start, next_update=start + LIFETIME
        )
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False
        )
    )
    for one in sorted(revoked, key=lambda one: one.serial):
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(int(one.serial, 16))
            .revocation_date(one.since.replace(microsecond=0))
            .add_extension(x509.CRLReason(x509.ReasonFlags(one.reason)), critical=False)
            .build()
        )
    return builder.sign(authority.key, SHA256()).public_bytes(Encoding.DER)


def is_due(der: bytes, now: datetime) -> bool:
    """Whether the list is to be published anew although nothing changed."""
    return now >= x509.load_der_x509_crl(der).last_update_utc + RENEWED_AFTER
