"""Certifying a unit's KMS key, so that it may sign certificates (A3.1)."""

from chalicelib.certificates.claims import issuer_url
from chalicelib.kernel.errors import NotFound
from chalicelib.signing.x509_profile import Subject
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import current
from chalicelib.usecases.certifying import certify, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "unit_key_certified"


def certify_unit_key(platform: Platform, office: Office, unit_id: str, key: str) -> UnitCertificate:
    """The unit's certificate on that key: the one that stands, or a new one. Certificates on other keys stay."""
    unit, certificates = platform.registry.unit_and_certificates(unit_id)
    if unit is None or not unit.active:
        raise NotFound("not_found", "unit")
    standing = current([one for one in certificates if one.key == key], "unit", platform.clock.now())
    if standing is not None:
        return standing
    subject = Subject(unit.name, unit.id, issuer_url(platform.base_url, unit.id))
    certificate = certify(platform, subject, unit.id, key, "unit")
    record(platform, office, KIND, certificate)
    return certificate
