"""Revoking a unit's X.509 certificate: it signs no more from this moment, and the next CRL says so to strangers."""

from collections.abc import Sequence
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
    affected = _affected(recorded, named, reason)
    if not affected:
        return named
    now = platform.clock.now()
    serials: list[Json] = [one.serial for one in affected]
    log = office.entry(platform, KIND, f"unit/{unit_id}", {"serials": serials, "reason": reason})
    platform.journal.commit([PutUnitCertificate(_revoked(one, reason, now), one) for one in affected], [log])
    # A crash here leaves it revoked for us and not yet on the CRL: `publish_crl`, run again, sees the difference.
    return _revoked(named, reason, now) if named in affected else named


def _affected(
    recorded: Sequence[UnitCertificate], named: UnitCertificate, reason: str
) -> list[UnitCertificate]:
    if reason != KEY_COMPROMISE:
        return [named] if named.revoked_at is None else []
    key = public_key_of(named.der)
    return [
        one for one in recorded if one.revocation_reason != KEY_COMPROMISE and public_key_of(one.der) == key
    ]


def _revoked(one: UnitCertificate, reason: str, now: datetime) -> UnitCertificate:
    return replace(one, revoked_at=one.revoked_at or now, revocation_reason=reason, retired=True)
