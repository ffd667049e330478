"""Whether the signing certificate was revoked: the root's CRL (RFC 5280 §5, §6.3).

A revocation counts from its date: what was signed before stands. A compromised key voids all that it ever signed, since
whoever holds it may write any date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from chalicelib.verification.chain import UNREADABLE, Leaf, extension

VOIDS_ALL: Final = frozenset({"keyCompromise", "cACompromise", "aACompromise"})


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A CRL that `root` signed: from when and until when it speaks, and since when and why each serial is revoked."""

    root: x509.Certificate
    this_update: float
    next_update: float
    revoked: dict[int, tuple[float, str]]

    def of(self, leaf: Leaf) -> tuple[float, str] | None:
        """Since when (seconds since 1970) and why the leaf is revoked; None when it is not, or not this root's."""
        return self.revoked.get(leaf.serial) if leaf.root is self.root else None

    def voids(self, leaf: Leaf, signed_at: float) -> bool:
        """Whether what the leaf's key signed then no longer counts."""
        found = self.of(leaf)
        return found is not None and (found[1] in VOIDS_ALL or signed_at >= found[0])


def read_crl(der: bytes, roots: Sequence[x509.Certificate]) -> RevocationList | None:
    """The list, or None when it is not a complete one of an anchor's."""
    try:
        crl = x509.load_der_x509_crl(der)
        root = next((root for root in roots if _signed_by(der, crl, root)), None)
        if root is None or crl.next_update_utc is None or any(one.critical for one in crl.extensions):
            return None  # critical: a delta, or a list of some certificates only (§5.2.4, §5.2.5)
        revoked = {one.serial_number: _revoked(one) for one in crl}
        return RevocationList(root, crl.last_update_utc.timestamp(), crl.next_update_utc.timestamp(), revoked)
    except UNREADABLE:
        return None


def _signed_by(der: bytes, crl: x509.CertificateRevocationList, root: x509.Certificate) -> bool:
    key, usage = root.public_key(), extension(root, x509.KeyUsage)
    may = usage is None or usage.crl_sign
    return (
        may
        # X.690 §11.2.1: a signature is whole bytes; whatever says otherwise was touched outside of what is signed.
        and der.endswith(b"\x00" + crl.signature)
        and crl.issuer == root.subject
        and isinstance(key, EllipticCurvePublicKey)
        and crl.is_signature_valid(key)
    )


def _revoked(one: x509.RevokedCertificate) -> tuple[float, str]:
    try:
        reason = one.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    since: datetime = one.revocation_date_utc
    return since.timestamp(), reason
