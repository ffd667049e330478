"""A full copy of every list once a (Shenzhen) day, locked: "was it valid when it was adopted?" in twenty years."""

from chalicelib.certificates.retention import MINIMUM_YEARS
from chalicelib.kernel.clock import add_years, business_date
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import PUBLISHER

KIND = "status_list_archived"


def archive_status_lists(platform: Platform) -> None:
    """Each list's token under `status-lists/<day>/`. Run twice a day, the first copy stands and is not logged again."""
    now = platform.clock.now()
    day, until = business_date(now).isoformat(), add_years(now, MINIMUM_YEARS)
    for list_id in platform.statuses.list_ids():
        published, obj = platform.statuses.published(list_id), f"status-list-day/{list_id}/{day}"
        if published is None or platform.journal.history(obj):
            continue
        key, body = f"status-lists/{day}/{list_id}.jwt", published.token.encode("ascii")
        archived = platform.archive.put(key, body, "application/statuslist+jwt", until)
        # A crash here leaves the day's copy without its entry; the rerun finds the copy and logs it.
        log = Office(PUBLISHER, f"daily/{day}").entry(platform, KIND, obj, {"sha256": archived.sha256})
        platform.journal.commit([], [log])
