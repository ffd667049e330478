"""What all certifying shares: the root ready to sign, a certificate linted and recorded with its entry."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.audit.journal import Change
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.kernel.errors import Conflict, DomainError, Refused
from chalicelib.signing.crl import KEY_COMPROMISE
from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_builder import Authority, build_leaf
from chalicelib.signing.x509_lint import lint_x509
from chalicelib.signing.x509_profile import LEAF_PROFILE, ROOT_PROFILE, Subject, public_key_of
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


def as_recorded(
    certificate: x509.Certificate, issuer: x509.Certificate, unit: str, key: str, role: str
) -> UnitCertificate:
    """The certificate as the registry holds it; DomainError("x509_lint_failed") when it breaks the profile."""
    broken = lint_x509(certificate, issuer, ROOT_PROFILE if role == ROOT else LEAF_PROFILE)
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
    """A leaf on the key, signed by the root; nothing is recorded yet.

    Refused("key_compromised"), Conflict("key_certified_for_another"), Invalid("invalid_unit_name").
    """
    now, public = platform.clock.now(), platform.signer.public_key(key)
    _refuse_spent_key(platform, public, unit, role)
    authority = root_authority(platform, now)
    leaf = build_leaf(authority, subject, public, now, platform.entropy)
    return as_recorded(leaf, authority.certificate, unit, key, role)


def _refuse_spent_key(platform: Platform, public: EllipticCurvePublicKey, unit: str, role: str) -> None:
    """A compromised key is never certified again, under whatever name; and a key answers for one signer only (art. 3)."""
    for one in platform.registry.all_certificates():
        if public_key_of(one.der) != public:
            continue
        if one.revocation_reason == KEY_COMPROMISE:
            raise Refused("key_compromised", "key")
        if (one.unit, one.role) != (unit, role):
            raise Conflict("key_certified_for_another", "key")


def record(
    platform: Platform, office: Office, kind: str, certificate: UnitCertificate, *more: Change
) -> None:
    """Commit the new certificate and what goes with it. A crash before leaves a signature that nobody holds.

    A crash after leaves the certificate recorded: run again, whoever certifies finds it standing.
    """
    details: dict[str, Json] = {
        "serial": certificate.serial,
        "role": certificate.role,
        "sha256": sha256(certificate.der).hex(),
    }
    log = office.entry(platform, kind, f"unit/{certificate.unit}", details, platform.keys.root)
    platform.journal.commit([PutUnitCertificate(certificate), *more], [log])
