"""Publishing the CRL: whenever a certificate was revoked since the last one, and daily so that it stays fresh."""

from chalicelib.audit.journal import ChangeRefused
from chalicelib.kernel.encoding import sha256
from chalicelib.signing.crl import Revoked, build_crl, is_current
from chalicelib.units.changes import PutCrl
from chalicelib.usecases.certifying import root_authority
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "crl_published"
ATTEMPTS = 5


def publish_crl(platform: Platform, office: Office) -> int:
    """The number of the list in force, which names every certificate revoked before the call.

    Signs nothing when the last one still says the same and is young (`crl.RENEWED_AFTER`). Two at once: the number decides; the
    loser looks again, because the winner may have looked before the loser's revocation.
    """
    for attempt in range(1, ATTEMPTS + 1):
        # In this order: the number first. What is revoked after it was read is seen now, or by the next publisher.
        last, now = platform.registry.crl(), platform.clock.now()
        revoked = _revoked(platform)
        if last is not None and is_current(last[1], revoked, now):
            return last[0]
        number = 1 if last is None else last[0] + 1
        der = build_crl(root_authority(platform, now), number, revoked, now)
        log = office.entry(
            platform,
            KIND,
            "crl",
            {"number": number, "sha256": sha256(der).hex(), "revoked": len(revoked)},
            platform.keys.root,
        )
        try:
            # A crash here leaves a signed list that nobody holds; its number is used by the next one.
            platform.journal.commit([PutCrl(number, der)], [log])
        except ChangeRefused:
            if attempt == ATTEMPTS:
                raise
        else:
            return number
    raise AssertionError("the last attempt returns or raises")


def _revoked(platform: Platform) -> list[Revoked]:
    return [
        Revoked(one.serial, one.revoked_at, one.revocation_reason)
        for one in platform.registry.all_certificates()
        if one.revoked_at is not None and one.revocation_reason is not None
    ]
