"""The certificate revocation list (RFC 5280 §5): complete, version 2, numbered, signed by the root.

An entry stays for ever, beyond the certificate's own end: what a leaf signed is judged decades later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.signing.x509_builder import Authority

LIFETIME: Final = timedelta(days=7)
RENEWED_AFTER: Final = timedelta(hours=20)  # so that a daily run never finds it a minute too young
KEY_COMPROMISE: Final = "keyCompromise"
# RFC 5280 §5.3.1, without what does not befall a leaf of ours: a compromised CA, and a hold that is lifted again.
REASONS: Final = frozenset(
    {KEY_COMPROMISE, "affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"}
)


@dataclass(frozen=True, slots=True)
class Revoked:
    """A serial (hexadecimal), since when, and why: one of `REASONS`."""

    serial: str
    since: datetime
    reason: str


def build_crl(authority: Authority, number: int, revoked: Iterable[Revoked], now: datetime) -> bytes:
    """DER, good for seven days."""
    start = now.replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder(
            issuer_name=authority.certificate.subject, last_update=start, next_update=start + LIFETIME
        )
        .add_extension(authority.key_identifier, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for one in sorted(revoked, key=lambda one: one.serial):
        builder = builder.add_revoked_certificate(_listing(one))
    return builder.sign(authority.key, SHA256()).public_bytes(Encoding.DER)


def _listing(one: Revoked) -> x509.RevokedCertificate:
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(int(one.serial, 16))
        .revocation_date(one.since.replace(microsecond=0))
        .add_extension(x509.CRLReason(x509.ReasonFlags(one.reason)), critical=False)
        .build()
    )


def is_current(der: bytes, revoked: Iterable[Revoked], now: datetime) -> bool:
    """Whether the list says exactly this, and is younger than `RENEWED_AFTER`."""
    listed = x509.load_der_x509_crl(der)
    wanted = {int(one.serial, 16): one.reason for one in revoked}
    return now < listed.last_update_utc + RENEWED_AFTER and _reasons(listed) == wanted


def _reasons(listed: x509.CertificateRevocationList) -> Mapping[int, str]:
    return {
        one.serial_number: one.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        for one in listed
    }
