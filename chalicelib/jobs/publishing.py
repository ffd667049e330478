"""Status lists: on each change of a value, every five minutes, and once a day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.logs import log
from chalicelib.usecases.archive_status_lists import archive_status_lists
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import publish_status_list
from chalicelib.usecases.refresh_status_lists import refresh_status_lists

EVERY_LIST = "*"


def on_status_change(platform: Platform, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Publish each list touched, once a batch; of a list that fails, only its records come again.

    `records` as a stream of keys brings them: {"dynamodb": {"Keys", "SequenceNumber"}}.
    """
    touched: defaultdict[str, list[str]] = defaultdict(list)
    for record in records:
        list_id = _touched(record["dynamodb"]["Keys"])
        if list_id is not None:
            touched[list_id].append(str(record["dynamodb"]["SequenceNumber"]))
    failed = [
        number
        for list_id, numbers in touched.items()
        if not _current(platform, list_id)
        for number in numbers
    ]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _touched(keys: Mapping[str, Any]) -> str | None:
    """The list that a record is about. None: an allotted slot, or the list as published, whose change is our own work."""
    pk, sk = str(keys["pk"]["S"]), str(keys["sk"]["S"])
    if pk.startswith("list#") and sk.startswith("value#"):
        return pk.removeprefix("list#")
    # A new generation was opened: its lists are published before the first certificate in them is.
    return EVERY_LIST if pk == "lists" else None


def _current(platform: Platform, list_id: str) -> bool:
    """Whether the list is published as it is now; the trouble is logged otherwise."""
    try:
        if list_id == EVERY_LIST:
            refresh_status_lists(platform)
        else:
            publish_status_list(platform, list_id)
    except Exception:  # noqa: BLE001  # whatever it is, these records come again, and the other lists have their turn
        log().exception("status list not published", list_id=list_id)
        return False
    return True


def on_schedule(platform: Platform) -> None:
    """Every five minutes."""
    refresh_status_lists(platform)


def on_daily(platform: Platform) -> None:
    """Once a day, after midnight in Shenzhen. What cannot be refreshed is archived as it stands, and is reported."""
    try:
        refresh_status_lists(platform)
    finally:
        archive_status_lists(platform)
