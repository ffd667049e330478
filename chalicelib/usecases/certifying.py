"""What all certifying shares: the root ready to sign, a certificate linted and recorded with its entry."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.audit.journal import Change
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.kernel.errors import DomainError
from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_lint import lint_x509
from chalicelib.signing.x509_profile import Authority, Subject, build_leaf
from chalicelib.units.changes import PutUnitCertificate
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, ROOT, platform_certificate
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform


def root_authority(platform: Platform, now: datetime) -> Authority:
    """The root's certificate and key; DomainError("stage_not_established") before there is one."""
    root = platform_certificate(platform.registry.certificates(PLATFORM), ROOT, now)
    certificate = x509.load_der_x509_certificate(root.der)
    return Authority(certificate, KmsPrivateKey(platform.signer, root.key), platform.base_url)


def as_recorded(certificate: x509.Certificate, unit: str, key: str, role: str) -> UnitCertificate:
    """The certificate as the registry holds it; DomainError("x509_lint_failed") when it breaks the profile."""
    broken = lint_x509(certificate)
    if broken:
        raise DomainError("x509_lint_failed", None, tuple(broken))
    return UnitCertificate(
        unit=unit,
        serial=f"{certificate.serial_number:x}",
        key=key,
        der=certificate.public_bytes(Encoding.DER),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        role=role,
    )


def certify(platform: Platform, subject: Subject, unit: str, key: str, role: str) -> UnitCertificate:
    """A leaf on the key, signed by the root; nothing is recorded yet."""
    now = platform.clock.now()
    authority = root_authority(platform, now)
    leaf = build_leaf(authority, subject, platform.signer.public_key(key), now, platform.entropy)
    return as_recorded(leaf, unit, key, role)


def record(
    platform: Platform, office: Office, kind: str, certificate: UnitCertificate, *more: Change
) -> None:
    """Commit the new certificate and what goes with it. A crash before leaves a signature that nobody holds."""
    details: dict[str, Json] = {
        "serial": certificate.serial,
        "role": certificate.role,
        "sha256": sha256(certificate.der).hex(),
    }
    log = office.entry(platform, kind, f"unit/{certificate.unit}", details)
    platform.journal.commit([PutUnitCertificate(certificate), *more], [log])
