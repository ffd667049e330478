"""Certifying a key of the platform's own, such as the status lists' signer."""

from chalicelib.signing.x509_profile import Subject
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, current
from chalicelib.usecases.certifying import certify, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "platform_key_certified"


def certify_platform_key(platform: Platform, office: Office, role: str) -> UnitCertificate:
    """The role's certificate: the one that stands, or a new one."""
    standing = current(platform.registry.certificates(PLATFORM), role, platform.clock.now())
    if standing is not None:
        return standing
    subject = Subject(f"Zhengzhao {role}", None, f"{platform.base_url}/v1/trust/platform/{role}")
    certificate = certify(platform, subject, PLATFORM, platform.keys.status, role)
    record(platform, office, KIND, certificate)
    return certificate
