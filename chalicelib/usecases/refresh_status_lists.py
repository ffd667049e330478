"""Every list made current: what a lost stream record left stale, what soon expires, and lists never published."""

from chalicelib.kernel.errors import DomainError
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import publish_status_list


def refresh_status_lists(platform: Platform) -> None:
    """One list's trouble does not hold up the others; DomainError("lists_not_refreshed") names them at the end.

    The troubles themselves are its cause, all of them.
    """
    failed: dict[str, Exception] = {}
    for list_id in platform.statuses.list_ids():
        try:
            publish_status_list(platform, list_id)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is raised below, after the other lists
            failed[list_id] = error
    if failed:
        troubles = ExceptionGroup("status lists", list(failed.values()))
        raise DomainError("lists_not_refreshed", None, tuple(failed)) from troubles
