"""Status lists: on each change of a value, every five minutes, and once a day."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.kernel.errors import DomainError
from chalicelib.logs import log
from chalicelib.usecases.archive_status_lists import archive_status_lists
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import publish_status_list
from chalicelib.usecases.refresh_status_lists import refresh_status_lists


def on_status_change(platform: Platform, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Publish each list touched, once a batch; of a list that fails, only its records come again."""
    touched: dict[str, list[str]] = {}
    opened: list[str] = []
    for record in records:
        keys, number = record["dynamodb"]["Keys"], str(record["dynamodb"]["SequenceNumber"])
        pk, sk = keys["pk"]["S"], keys["sk"]["S"]
        if pk.startswith("list#") and sk.startswith("value#"):
            touched.setdefault(pk.removeprefix("list#"), []).append(number)
        elif pk == "lists":
            opened.append(number)
    failed = [
        number
        for list_id, numbers in touched.items()
        if not _published(platform, list_id)
        for number in numbers
    ]
    failed += [number for number in opened if not _refreshed(platform)]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _published(platform: Platform, list_id: str) -> bool:
    try:
        publish_status_list(platform, list_id)
    except DomainError as error:
        log().error("status list not published", list_id=list_id, code=error.code)
        return False
    return True


def _refreshed(platform: Platform) -> bool:
    """A new generation's lists are published before the first certificate in them is."""
    try:
        refresh_status_lists(platform)
    except DomainError as error:
        log().error("status lists not refreshed", code=error.code)
        return False
    return True


def on_schedule(platform: Platform) -> None:
    """Every five minutes."""
    refresh_status_lists(platform)


def on_daily(platform: Platform) -> None:
    """Once a day, after midnight in Shenzhen."""
    refresh_status_lists(platform)
    archive_status_lists(platform)
