"""Publishing a status list (design decision 5): signed when its values changed, or when it would soon expire."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chalicelib.audit.entry import Actor
from chalicelib.audit.journal import ChangeRefused
from chalicelib.certificates.claims import status_list_url
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.signing.jose import compact
from chalicelib.signing.x509_profile import jose_header
from chalicelib.status.changes import PutPublishedList
from chalicelib.status.model import PublishedList, Status
from chalicelib.status.packing import pack, packed
from chalicelib.status.token import LIFETIME, RENEWED_BEFORE, packed_in, status_token_input
from chalicelib.units.model import Post
from chalicelib.units.trust import PLATFORM, ROOT, STATUS, platform_certificate
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND: Final = "status_list_published"
ATTEMPTS: Final = 8
PUBLISHER: Final = Actor(PLATFORM, str(Post.SYSTEM), system="publisher")

Deviations = Mapping[int, Status]


def publish_status_list(platform: Platform, list_id: str) -> PublishedList:
    """The list as published, with every value committed before the call. Signs nothing that is signed already.

    Two publishers at once: the version decides. The loser looks again, because the winner may have read before the
    change that woke the loser. ChangeRefused after losing eight times: the stream's record comes again.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _publish(platform, list_id)
        except ChangeRefused:
            continue
    return _publish(platform, list_id)


def _publish(platform: Platform, list_id: str) -> PublishedList:
    # In this order. The time first: whatever was committed before it is in the values, so `iat` never claims to know
    # more. The version before the values: a value that changes later makes another version, never this one wrong.
    now = platform.clock.now()
    last = platform.statuses.published(list_id)
    deviations = platform.statuses.deviations(list_id)
    if last is not None and _says(last, deviations) and now < last.expires_at - RENEWED_BEFORE:
        return last
    published = _signed(platform, list_id, 1 if last is None else last.version + 1, deviations, now)
    # A crash here leaves a signature that nobody holds; the stream's record comes again, or the schedule.
    log = Office(PUBLISHER, f"publication/{list_id}").entry(
        platform, KIND, f"status-list/{list_id}", _details(published, deviations), platform.keys.status
    )
    platform.journal.commit([PutPublishedList(published)], [log])
    return published


def _says(published: PublishedList, deviations: Deviations) -> bool:
    return packed_in(published.token) == packed(deviations)


def _signed(
    platform: Platform, list_id: str, version: int, deviations: Deviations, now: datetime
) -> PublishedList:
    certificates = platform.registry.certificates(PLATFORM)
    leaf = platform_certificate(certificates, STATUS, now)
    root = platform_certificate(certificates, ROOT, now)
    url = status_list_url(platform.base_url, list_id)
    signed = status_token_input(jose_header(leaf.der, root.der), url, pack(deviations), now)
    token = compact(signed, platform.signer.sign(leaf.key, signed))
    return PublishedList(list_id, version, token, sha256(token.encode("ascii")).hex(), now, now + LIFETIME)


def _details(published: PublishedList, deviations: Deviations) -> dict[str, Json]:
    """What the log keeps of a publication: enough to tell any later copy from a forgery."""
    had = Counter(deviations.values())
    counts: dict[str, Json] = {
        status.name.lower(): had[status] for status in Status if status is not Status.VALID
    }
    return {"version": published.version, "sha256": published.digest, "counts": counts}
