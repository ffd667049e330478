"""An auditor reads the log: page by page, in the order of the tree, or everything about one object (art. 21).

Without an object the sealed segments are read from the locked bucket; with one, its part of the log table, where entries
that are not sealed yet stand too, without an index. Who read what is an entry itself, committed before anything is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chalicelib.audit.entry import read_entry
from chalicelib.audit.inquiry import Inquiry
from chalicelib.kernel.encoding import Json, parse_object
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.platform import LogPorts, Platform
from chalicelib.usecases.sealed_lines import sealed_lines

KIND: Final = "audit_entries_read"
LOG: Final = "log"  # what a reading of the log is about
_ID_LENGTH: Final = 36


@dataclass(frozen=True, slots=True)
class Turn:
    """How far one call goes: behind `after`, to `limit` entries found, or to one of the bounds of its work.

    `parts` are segments, or `page`s of the table: a quiet log's segments are small and many.
    """

    after: str | None
    limit: int
    scanned: int = 20_000
    parts: int = 64
    page: int = 1000


@dataclass(frozen=True, slots=True)
class _Seen:
    """An entry that was looked at: where to go on behind it, and in the how-manieth part read it stood."""

    cursor: str
    index: int | None
    entry: bytes
    part: int


def read_audit_entries(platform: Platform, act: Act, inquiry: Inquiry, turn: Turn) -> dict[str, Json]:
    """The entries found, and `next`: the cursor behind what was looked at, None at the log's end.

    A page may be empty and have a `next`: the work of one call is bounded, not the log.
    """
    log = platform.log
    seen = _sealed(log, turn.after) if inquiry.object is None else _recorded(log, inquiry.object, turn)
    found, cursor = _page(seen, inquiry, turn)
    details: dict[str, Json] = {"filters": inquiry.filters(answered=bool(found)), "count": len(found)}
    platform.journal.commit([], [entry(platform, act, KIND, LOG, details)])
    return {"entries": found, "next": cursor}


def _page(seen: Iterator[_Seen], inquiry: Inquiry, turn: Turn) -> tuple[list[Json], str | None]:
    found: list[Json] = []
    cursor: str | None = None
    for place, one in enumerate(seen):
        if cursor is not None and (
            len(found) == turn.limit or place >= turn.scanned or one.part >= turn.parts
        ):
            return found, cursor
        cursor = one.cursor
        document = parse_object(one.entry)
        if inquiry.wants(read_entry(document)):
            found.append({"index": one.index, "entry": document})
    return found, None


def _sealed(log: LogPorts, after: str | None) -> Iterator[_Seen]:
    """From behind that index on."""
    if after is not None and not (
        after.isascii() and after.isdecimal() and len(after) <= len("999999999999")
    ):
        raise Invalid("invalid_request", "after")
    at, part = int(after) + 1 if after is not None else 0, 0
    while (segment := log.outbox.segment_of(at)) is not None:
        for line in sealed_lines(log, segment):
            if line.index >= at:
                yield _Seen(str(line.index), line.index, line.entry, part)
        at, part = segment.first + segment.count, part + 1


def _recorded(log: LogPorts, obj: str, turn: Turn) -> Iterator[_Seen]:
    """From behind the entry of that id on."""
    after = turn.after
    if after is not None and len(after) != _ID_LENGTH:
        raise Invalid("invalid_request", "after")
    part = 0
    while page := log.outbox.about(obj, after, turn.page):
        for one in page:
            yield _Seen(one.id, one.index, one.entry, part)
        if len(page) < turn.page:
            return
        after, part = page[-1].id, part + 1
