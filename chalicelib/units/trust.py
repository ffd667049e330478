"""The platform's own certificates among the registry's: the root, and the status lists' signer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chalicelib.kernel.errors import DomainError, Refused
from chalicelib.signing.x509_profile import RENEWED_BEFORE
from chalicelib.units.model import UnitCertificate

PLATFORM: Final = "platform"  # the unit id under which the platform's own certificates stand
ROOT: Final = "root"
STATUS: Final = "status"
UNIT: Final = "unit"


def is_root(certificate: UnitCertificate) -> bool:
    """Whether it is a trust anchor."""
    return certificate.unit == PLATFORM and certificate.role == ROOT


def current(certificates: Sequence[UnitCertificate], role: str, now: datetime) -> UnitCertificate | None:
    """The newest certificate of the role that may sign at that moment: not retired, not revoked, not out of date."""
    usable = [
        one
        for one in certificates
        if one.role == role
        and not one.retired
        and one.revoked_at is None
        and one.not_before <= now < one.not_after
    ]
    return max(usable, key=lambda one: (one.not_before, one.serial), default=None)


def standing(
    certificates: Sequence[UnitCertificate], role: str, key: str, now: datetime
) -> UnitCertificate | None:
    """The role's current certificate on that key, unless its end is so near that a new one is due."""
    found = current([one for one in certificates if one.key == key], role, now)
    return found if found is not None and now < found.not_after - RENEWED_BEFORE else None


def signing_certificate(certificates: Sequence[UnitCertificate], now: datetime) -> UnitCertificate:
    """The unit's certificate to sign with; Refused("no_signing_certificate") when it has none."""
    found = current(certificates, UNIT, now)
    if found is None:
        raise Refused("no_signing_certificate")
    return found


def platform_certificate(
    certificates: Sequence[UnitCertificate], role: str, now: datetime
) -> UnitCertificate:
    """The platform's certificate of that role; DomainError("stage_not_established") before there is one."""
    found = current(certificates, role, now)
    if found is None:
        raise DomainError("stage_not_established")
    return found
