"""The platform root: made once for a stage; run again, it is the one that stands."""

from chalicelib.audit.journal import ChangeRefused
from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_builder import build_root
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, ROOT, current, is_root, platform_certificate
from chalicelib.usecases.certifying import as_recorded, record
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "root_established"


def establish_root(platform: Platform, office: Office) -> UnitCertificate:
    """The root's certificate. Two that establish at once get the same one: the later finds its serial taken."""
    now, recorded = platform.clock.now(), platform.registry.certificates(PLATFORM)
    standing = current(recorded, ROOT, now)
    if standing is not None:
        return standing
    generation = sum(1 for one in recorded if is_root(one)) + 1
    built = build_root(KmsPrivateKey(platform.signer, platform.keys.root), now, generation)
    root = as_recorded(built, built, PLATFORM, platform.keys.root, ROOT)
    try:
        # A crash here leaves a root that nobody trusts, because nobody ever saw it.
        record(platform, office, KIND, root)
    except ChangeRefused:
        return platform_certificate(platform.registry.certificates(PLATFORM), ROOT, now)
    return root
