"""Revoking a unit's X.509 certificate: it signs no more from this moment, and the next CRL says so to strangers."""

from dataclasses import replace

from chalicelib.kernel.errors import Invalid, NotFound
from chalicelib.signing.crl import REASONS
from chalicelib.units.changes import PutUnitCertificate
from chalicelib.units.model import UnitCertificate
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "unit_certificate_revoked"


def revoke_unit_certificate(
    platform: Platform, office: Office, unit_id: str, serial: str, reason: str
) -> UnitCertificate:
    """The certificate, revoked; revoked before, it stays as it was. The reason is one of RFC 5280's (`crl.REASONS`)."""
    if reason not in REASONS:
        raise Invalid("unknown_reason", "reason")
    found = next((one for one in platform.registry.certificates(unit_id) if one.serial == serial), None)
    if found is None:
        raise NotFound("not_found", "serial")
    if found.revoked_at is not None:
        return found
    revoked = replace(found, revoked_at=platform.clock.now(), revocation_reason=reason, retired=True)
    log = office.entry(platform, KIND, f"unit/{unit_id}", {"serial": serial, "reason": reason})
    platform.journal.commit([PutUnitCertificate(revoked, found)], [log])
    # A crash here leaves it revoked for us and not yet on the CRL: the schedule publishes one within five minutes.
    return revoked
