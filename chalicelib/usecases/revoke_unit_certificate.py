"""Revoking a unit's X.509 certificate: it signs no more from this moment, and the next CRL says so to strangers."""

from dataclasses import replace
from datetime import datetime

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid, NotFound, Refused
from chalicelib.signing.crl import KEY_COMPROMISE, REASONS
from chalicelib.signing.x509_profile import public_key_of
from chalicelib.units.changes import PutUnitCertificate
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import is_root
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "unit_certificate_revoked"


def revoke_unit_certificate(
    platform: Platform, office: Office, unit_id: str, serial: str, reason: str
) -> UnitCertificate:
    """The certificate, revoked for one of RFC 5280's reasons (`crl.REASONS`).

    A compromised key takes every certificate on it along, those revoked before for a lesser reason too: it voids all
    that the key ever signed. Otherwise what was revoked before stays as it was, and nothing is written.
    """
    if reason not in REASONS:
        raise Invalid("unknown_reason", "reason")
    recorded = platform.registry.certificates(unit_id)
    named = next((one for one in recorded if one.serial == serial), None)
    if named is None:
        raise NotFound("not_found", "serial")
    if is_root(named):
        # A root on its own list proves nothing: whoever trusts it has to take it out of the trust store.
        raise Refused("root_not_revocable", "serial")
    now, affected = platform.clock.now(), [named]
    if reason == KEY_COMPROMISE:
        affected = [one for one in recorded if public_key_of(one.der) == public_key_of(named.der)]
    changed = {one.serial: one for one in affected if one.revocation_reason not in (reason, KEY_COMPROMISE)}
    if reason != KEY_COMPROMISE:
        changed = {name: one for name, one in changed.items() if one.revoked_at is None}
    if not changed:
        return named
    changes = [PutUnitCertificate(_revoked(one, reason, now), one) for one in changed.values()]
    serials: list[Json] = [*sorted(changed)]
    log = office.entry(platform, KIND, f"unit/{unit_id}", {"serials": serials, "reason": reason})
    platform.journal.commit(changes, [log])
    # A crash here leaves it revoked for us and not yet on the CRL: `publish_crl`, run again, sees the difference.
    return _revoked(named, reason, now) if serial in changed else named


def _revoked(one: UnitCertificate, reason: str, now: datetime) -> UnitCertificate:
    return replace(one, revoked_at=one.revoked_at or now, revocation_reason=reason, retired=True)
