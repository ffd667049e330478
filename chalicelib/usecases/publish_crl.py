"""Publishing the CRL: whenever a certificate was revoked since the last one, and daily so that it stays fresh."""

from cryptography import x509

from chalicelib.audit.journal import ChangeRefused
from chalicelib.kernel.encoding import sha256
from chalicelib.signing.crl import Revoked, build_crl, is_due
from chalicelib.units.changes import PutCrl
from chalicelib.usecases.certifying import root_authority
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "crl_published"


def publish_crl(platform: Platform, office: Office) -> None:
    """The list is current when it returns; signs nothing when it was already."""
    now = platform.clock.now()
    revoked = [
        Revoked(one.serial, one.revoked_at, one.revocation_reason or "unspecified")
        for one in platform.registry.all_certificates()
        if one.revoked_at is not None
    ]
    last = platform.registry.crl()
    if (
        last is not None
        and not is_due(last[1], now)
        and _listed(last[1]) == {int(one.serial, 16) for one in revoked}
    ):
        return
    number = last[0] + 1 if last else 1
    der = build_crl(root_authority(platform, now), number, revoked, now)
    log = office.entry(
        platform, KIND, "crl", {"number": number, "sha256": sha256(der).hex(), "revoked": len(revoked)}
    )
    try:
        platform.journal.commit([PutCrl(number, der)], [log])
    except ChangeRefused:
        publish_crl(
            platform, office
        )  # somebody published a moment ago, perhaps without our revocation: look again


def _listed(der: bytes) -> set[int]:
    return {one.serial_number for one in x509.load_der_x509_crl(der)}
