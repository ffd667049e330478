"""A full copy of every list once a (Shenzhen) day, locked: "was it valid when it was adopted?" in twenty years."""

from datetime import datetime
from typing import Final

from chalicelib.audit.retention import Retention
from chalicelib.kernel.clock import business_date
from chalicelib.kernel.errors import DomainError
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import PUBLISHER

KIND: Final = "status_list_archived"
CONTENT_TYPE: Final = "application/statuslist+jwt"


def archive_status_lists(platform: Platform) -> None:
    """Each list's token as `status-lists/<day>/<list>.jwt`, kept 20 years, with its digest in the log.

    Run again that day, the first copy stands and is not logged again (two at once may both log that one copy). One
    list's trouble does not hold up the others; DomainError("lists_not_archived") names them at the end, those that
    were never published among them.
    """
    now = platform.clock.now()
    failed: dict[str, Exception] = {}
    for list_id in platform.statuses.list_ids():
        try:
            _archive(platform, list_id, now)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised below, after the other lists
            failed[list_id] = error
    if failed:
        troubles = ExceptionGroup("status lists", list(failed.values()))
        raise DomainError("lists_not_archived", None, tuple(failed)) from troubles


def _archive(platform: Platform, list_id: str, now: datetime) -> None:
    day = business_date(now).isoformat()
    obj = f"status-list-day/{list_id}/{day}"
    if platform.journal.history(obj):
        return
    published = platform.statuses.published(list_id)
    if published is None:
        raise DomainError("list_not_published", None, (list_id,))
    key, body = f"status-lists/{day}/{list_id}.jwt", published.token.encode("ascii")
    archived = platform.archive.put(key, body, CONTENT_TYPE, Retention.least(now))
    # A crash here leaves the day's copy without its entry; the rerun is given that copy by the archive, and logs it.
    details = {"sha256": archived.sha256, "key": archived.key}
    log = Office(PUBLISHER, f"daily/{day}").entry(platform, KIND, obj, dict(details))
    platform.journal.commit([], [log])
