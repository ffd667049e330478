"""The archivist's bodies: on each request for a transfer, and every five minutes for what is not finished."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from chalicelib.logs import log
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.prepare_transfer import prepare_transfer

# A part begun just before this is finished before the function's fifteen minutes are over.
TIME: Final = timedelta(minutes=9)


def on_request(platform: Platform, records: Sequence[Mapping[str, Any]]) -> None:
    """Begin what the records ask for. `records` as a stream of keys brings them; later writes are our own, and no news.

    What fails is left to the schedule: a stream that comes again and again would hold up the requests behind it.
    """
    names = [str(one["dynamodb"]["Keys"]["sk"]["S"]) for one in records if one["eventName"] == "INSERT"]
    _carry_on(platform, names)


def on_schedule(platform: Platform) -> None:
    """Go on with every transfer that is neither ready nor refused, the oldest first."""
    _carry_on(platform, [one.id for one in platform.transfers.store.unfinished()])


def _carry_on(platform: Platform, names: Sequence[str]) -> None:
    until = platform.clock.now() + TIME
    for name in names:
        try:
            state = prepare_transfer(platform, name, until)
            log().info("transfer", transfer=name, state=str(state))
        except Exception:  # noqa: BLE001  # whatever it is, the schedule comes again, and the other transfers have their turn
            log().exception("transfer not carried on", transfer=name)
