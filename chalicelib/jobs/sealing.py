"""The sealer's bodies: on each committed entry, every minute for what the stream lost, and after each day."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from chalicelib.audit.sealing import EntryKey
from chalicelib.kernel.clock import business_date
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.seal_log import LARGEST, seal_log
from chalicelib.usecases.timestamp_log import timestamp_log

LOST: Final = timedelta(
    minutes=1
)  # an entry older than this has been forgotten by the stream, or its sealer died


def on_entries(platform: Platform, records: Sequence[Mapping[str, Any]]) -> None:
    """Seal what the records name; all of them come again when it fails, and sealing twice is sealing once.

    `records` as a stream of keys brings them. Marks come by the same stream, and are not news.
    """
    seal_log(platform, [_key(one["dynamodb"]["Keys"]) for one in records if one["eventName"] == "INSERT"])


def _key(keys: Mapping[str, Any]) -> EntryKey:
    return EntryKey(str(keys["pk"]["S"]), str(keys["sk"]["S"]))


def on_sweep(platform: Platform) -> int:
    """Finish what is pending, then seal what waits for more than a minute; how many entries that were."""
    sealed, found = seal_log(platform, []), -1
    while found:
        waiting = platform.log.outbox.waiting(platform.clock.now() - LOST, LARGEST)
        found = seal_log(platform, waiting)
        sealed += found
    return sealed


def on_day_end(platform: Platform) -> str | None:
    """After midnight in Shenzhen: the timestamp of the day that ended; its path, if there is an authority to give one.

    AnchorFailed comes through: Lambda asks again, twice, and then it is an alarm.
    """
    if platform.log.timestamps is None:
        return None
    seal_log(platform, [])  # a checkpoint that a dead sealer left pending may be the day's last
    return timestamp_log(platform, business_date(platform.clock.now()) - timedelta(days=1))
