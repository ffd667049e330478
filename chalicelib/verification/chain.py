"""From an `x5c` header to a public key that may be believed (RFC 5280 §6, narrowed to the platform's profile).

One root certifies leaves directly, so the path has two certificates. The leaf must be valid when it signed; its later
expiry takes nothing away from what it signed.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from chalicelib.kernel.encoding import Json

Kind = TypeVar("Kind", bound=x509.ExtensionType)
UNIT_CODE_PREFIX = "NTRCN-"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A signing certificate, read once: what the checks ask of it."""

    key: EllipticCurvePublicKey
    serial: int
    root: x509.Certificate | None
    fits: bool
    not_before: float
    not_after: float
    uris: tuple[str, ...]
    unit: str | None

    @property
    def trusted(self) -> bool:
        """Whether an anchor signed it."""
        return self.root is not None


def read_leaf(chain: Json, roots: Sequence[x509.Certificate]) -> Leaf | None:
    """The leaf of an `x5c` value against these anchors; None when there is none that could be read.

    The other members of the chain are not believed: only the anchors given decide.
    """
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
        key = certificate.public_key()
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
            return None
        return _leaf(certificate, key, _anchor(certificate, roots))
    except (ValueError, binascii.Error, TypeError):
        return None


def _anchor(certificate: x509.Certificate, roots: Sequence[x509.Certificate]) -> x509.Certificate | None:
    for root in roots:
        try:
            certificate.verify_directly_issued_by(root)
        except (InvalidSignature, ValueError, TypeError):
            continue
        return root
    return None


def _leaf(certificate: x509.Certificate, key: EllipticCurvePublicKey, root: x509.Certificate | None) -> Leaf:
    names = _extension(certificate, x509.SubjectAlternativeName)
    uris = tuple(names.get_values_for_type(x509.UniformResourceIdentifier)) if names else ()
    return Leaf(
        key=key,
        serial=certificate.serial_number,
        root=root,
        fits=_may_sign(certificate) and (root is None or _within(certificate, root)),
        not_before=certificate.not_valid_before_utc.timestamp(),
        not_after=certificate.not_valid_after_utc.timestamp(),
        uris=uris,
        unit=_unit(certificate),
    )


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _may_sign(certificate: x509.Certificate) -> bool:
    """An end entity whose key signs, with no critical extension that we do not understand."""
    constraints, usage = (
        _extension(certificate, x509.BasicConstraints),
        _extension(certificate, x509.KeyUsage),
    )
    understood = (x509.BasicConstraints, x509.KeyUsage, x509.SubjectAlternativeName)
    strange = any(one.critical and not isinstance(one.value, understood) for one in certificate.extensions)
    leaf = constraints is not None and not constraints.ca
    return leaf and usage is not None and usage.digital_signature and not strange


def _within(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    """The root may certify; its own name constraints hold for the leaf (RFC 5280 §4.2.1.10, directory names)."""
    constraints, usage = _extension(root, x509.BasicConstraints), _extension(root, x509.KeyUsage)
    names = _extension(root, x509.NameConstraints)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        return False
    subtrees = [one.value for one in (names.permitted_subtrees or ())] if names else []
    subject = list(certificate.subject.rdns)
    directories = [list(one.rdns) for one in subtrees if isinstance(one, x509.Name)]
    if len(directories) != len(subtrees) or (names is not None and names.excluded_subtrees):
        return False  # constraints that we do not understand are not met
    return not directories or any(subject[: len(directory)] == directory for directory in directories)


def _unit(certificate: x509.Certificate) -> str | None:
    """The USCC in the organisation identifier."""
    found = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.ORGANIZATION_IDENTIFIER)
    value = str(found[0].value) if found else ""
    return value.removeprefix(UNIT_CODE_PREFIX) if value.startswith(UNIT_CODE_PREFIX) else None


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A CRL that the root signed: until when it is good, and since when and why each serial is revoked."""

    next_update: float
    revoked: dict[int, tuple[float, str]]


def read_crl(der: bytes, roots: Sequence[x509.Certificate]) -> RevocationList | None:
    """The list, or None when it is not one of any anchor's."""
    try:
        crl = x509.load_der_x509_crl(der)
    except ValueError:
        return None
    if not any(_signed_by(crl, root) for root in roots) or crl.next_update_utc is None:
        return None
    return RevocationList(crl.next_update_utc.timestamp(), {one.serial_number: _revoked(one) for one in crl})


def _signed_by(crl: x509.CertificateRevocationList, root: x509.Certificate) -> bool:
    key = root.public_key()
    return (
        crl.issuer == root.subject and isinstance(key, EllipticCurvePublicKey) and crl.is_signature_valid(key)
    )


def _revoked(one: x509.RevokedCertificate) -> tuple[float, str]:
    try:
        reason = one.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    since: datetime = one.revocation_date_utc
    return since.timestamp(), reason
