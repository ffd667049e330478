"""Certifying a key of the platform's own: the status lists' signer."""

from chalicelib.kernel.errors import Invalid
from chalicelib.signing.x509_profile import Subject
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, STATUS, standing
from chalicelib.usecases.certifying import certify, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "platform_key_certified"


def certify_platform_key(platform: Platform, office: Office, role: str) -> UnitCertificate:
    """The certificate on the role's present key: the one that stands, or a new one when it is near its end.

    Older ones stay as they are and go on verifying; the newest signs. Two at once may leave two: both are good.
    """
    if role != STATUS:
        raise Invalid("unknown_role", "role")
    key = platform.keys.status
    found = standing(platform.registry.certificates(PLATFORM), role, key, platform.clock.now())
    if found is not None:
        return found
    subject = Subject(f"Zhengzhao {role}", None, f"{platform.base_url}/v1/trust/platform/{role}")
    certificate = certify(platform, subject, PLATFORM, key, role)
    record(platform, office, KIND, certificate)
    return certificate
