"""Certifying a unit's KMS key, so that it may sign certificates (A3.1)."""

from chalicelib.certificates.claims import issuer_url
from chalicelib.kernel.errors import NotFound
from chalicelib.signing.x509_profile import Subject
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import UNIT, standing
from chalicelib.usecases.certifying import certify, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "unit_key_certified"


def certify_unit_key(platform: Platform, office: Office, unit_id: str, key: str) -> UnitCertificate:
    """The unit's certificate on that key: the one that stands, or a new one when it is near its end.

    Others of the unit stay as they are, and the newest signs. Two at once may leave two: both are good. Refuses as
    `certify` does.
    """
    unit, certificates = platform.registry.unit_and_certificates(unit_id)
    if unit is None or not unit.active:
        raise NotFound("not_found", "unit")
    found = standing(certificates, UNIT, key, platform.clock.now())
    if found is not None:
        return found
    subject = Subject(unit.name, unit.id, issuer_url(platform.base_url, unit.id))
    certificate = certify(platform, subject, unit.id, key, UNIT)
    record(platform, office, KIND, certificate)
    return certificate
