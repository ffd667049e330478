"""Publishing a status list (design decision 5): signed when its values changed, or when it would soon expire."""

from chalicelib.audit.entry import Actor
from chalicelib.audit.journal import ChangeRefused
from chalicelib.certificates.claims import status_list_url
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.signing.jose import compact
from chalicelib.signing.x509_profile import jose_header
from chalicelib.status.changes import PutPublishedList
from chalicelib.status.model import PublishedList, Status
from chalicelib.status.packing import pack
from chalicelib.status.token import LIFETIME, RENEWED_BEFORE, packed_in, status_token_input
from chalicelib.units.trust import PLATFORM, ROOT, STATUS, platform_certificate
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "status_list_published"
ATTEMPTS = 8
PUBLISHER = Actor(PLATFORM, "publisher", system="publisher")


def publish_status_list(platform: Platform, list_id: str) -> PublishedList:
    """The list as published, with every value committed before the call.

    Two publishers at once: the version decides. The loser reads again, because the winner may have read before the
    change that woke the loser.
    """
    for attempt in range(1, ATTEMPTS + 1):
        # In this order: the version first. Values that change after it was read are seen now or by the next publisher.
        last = platform.statuses.published(list_id)
        deviations = platform.statuses.deviations(list_id)
        lst, now = pack(deviations), platform.clock.now()
        if last is not None and packed_in(last.token) == lst and now < last.expires_at - RENEWED_BEFORE:
            return last
        published = _signed(platform, list_id, lst, 1 if last is None else last.version + 1)
        counts: dict[str, Json] = {
            str(status.name).lower(): sum(1 for value in deviations.values() if value is status)
            for status in Status
            if status is not Status.VALID
        }
        details: dict[str, Json] = {
            "version": published.version,
            "sha256": published.digest,
            "counts": counts,
        }
        log = Office(PUBLISHER, f"publication/{list_id}").entry(
            platform, KIND, f"status-list/{list_id}", details
        )
        try:
            platform.journal.commit([PutPublishedList(published)], [log])
        except ChangeRefused:
            if attempt == ATTEMPTS:
                raise
        else:
            return published
    raise AssertionError("the last attempt returns or raises")


def _signed(platform: Platform, list_id: str, lst: str, version: int) -> PublishedList:
    now = platform.clock.now()
    certificates = platform.registry.certificates(PLATFORM)
    leaf = platform_certificate(certificates, STATUS, now)
    root = platform_certificate(certificates, ROOT, now)
    header = jose_header(leaf.der, root.der)
    signed = status_token_input(header, status_list_url(platform.base_url, list_id), lst, now)
    token = compact(signed, platform.signer.sign(leaf.key, signed))
    # A crash here leaves a signature that nobody holds.
    return PublishedList(list_id, version, token, sha256(token.encode("ascii")).hex(), now, now + LIFETIME)
