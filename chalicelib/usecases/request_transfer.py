"""移交 (art. 12): the archives bureau asks for the certificates of a type and period of issue. Packages are made later."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.audit.journal import Reply
from chalicelib.kernel.clock import business_date
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import Invalid
from chalicelib.transfers.changes import CreateTransfer
from chalicelib.transfers.model import Contact
from chalicelib.transfers.record import TransferRecord
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.platform import Platform

KIND: Final = "transfer_requested"
MOST_YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Certificates of one type whose date of issue (Shenzhen) lies in [first, last], and whom the bureau is to ask."""

    type_code: str
    first: date
    last: date
    contact: Contact


def request_transfer(platform: Platform, act: Act, wanted: Wanted) -> Reply:
    """202 with the identifier and state `requested`. Invalid for an unknown type, or a period that is none.

    The type may be retired: what was issued under it is handed over like the rest.
    """
    _check_period(platform, wanted)
    if platform.catalog.newest(wanted.type_code) is None:
        raise Invalid("unknown_type", "type_code")
    now = platform.clock.now()
    record = TransferRecord(
        id=entry_id(platform.entropy, now),
        unit=act.caller.unit,
        type_code=wanted.type_code,
        first=wanted.first,
        last=wanted.last,
        contact=wanted.contact,
        requested_at=now,
    )
    answer = reply(platform, act, 202, {"id": record.id, "state": str(record.state)})
    log = entry(platform, act, KIND, record.object, record.facts())
    platform.journal.commit([CreateTransfer(record)], [log], answer)
    # A crash here leaves the request recorded: the table's stream wakes the worker, or the schedule does.
    return answer


def _check_period(platform: Platform, wanted: Wanted) -> None:
    first, last = wanted.first, wanted.last
    if last < first:
        raise Invalid("period_reversed", "last")
    if last > business_date(platform.clock.now()):
        raise Invalid("period_in_future", "last")
    if (last.year - first.year, last.month, last.day) >= (MOST_YEARS, first.month, first.day):
        raise Invalid("period_too_long", "last", (str(MOST_YEARS),))
