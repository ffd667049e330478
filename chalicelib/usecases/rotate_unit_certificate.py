"""Rotation: a new certificate signs from now on, the old ones sign no more and go on verifying."""

from dataclasses import replace

from chalicelib.certificates.claims import issuer_url
from chalicelib.kernel.errors import NotFound
from chalicelib.signing.x509_profile import Subject
from chalicelib.units.changes import PutUnitCertificate
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import UNIT
from chalicelib.usecases.certifying import certify, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "unit_certificate_rotated"


def rotate_unit_certificate(platform: Platform, office: Office, unit_id: str, key: str) -> UnitCertificate:
    """The new certificate, on the same key or another. Old and new change hands in one transaction: never none.

    What was approved under the old certificate and is not yet issued has to be approved again. ChangeRefused when the
    old ones changed under us (another rotation, a revocation). Run again, it rotates again. Refuses as `certify` does.
    """
    unit, certificates = platform.registry.unit_and_certificates(unit_id)
    if unit is None or not unit.active:
        raise NotFound("not_found", "unit")
    subject = Subject(unit.name, unit.id, issuer_url(platform.base_url, unit.id))
    following = certify(platform, subject, unit.id, key, UNIT)
    retired = [PutUnitCertificate(replace(one, retired=True), one) for one in certificates if not one.retired]
    # A crash here leaves the old ones signing, as before.
    record(platform, office, KIND, following, *retired)
    return following
