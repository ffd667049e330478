"""The platform root: made once for a stage; run again, it is the one that stands."""

from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_profile import build_root
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, ROOT, current
from chalicelib.usecases.certifying import as_recorded, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "root_established"


def establish_root(platform: Platform, office: Office) -> UnitCertificate:
    """The root's certificate."""
    now = platform.clock.now()
    standing = current(platform.registry.certificates(PLATFORM), ROOT, now)
    if standing is not None:
        return standing
    built = build_root(KmsPrivateKey(platform.signer, platform.keys.root), now, platform.entropy)
    root = as_recorded(built, PLATFORM, platform.keys.root, ROOT)
    record(platform, office, KIND, root)
    return root
