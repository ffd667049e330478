"""One segment by itself: is every line where it should be, dated when it could be, and kept as long as it must be.

Written for a million entries in seconds: the lines are taken apart by one regular expression, not parsed.
"""

import binascii
import hashlib
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from chalicelib.audit.entry import read_entry
from chalicelib.audit.findings import Fault, Finding
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment import BadSegment, Header, unpack
from chalicelib.kernel.clock import parse_timestamp, timestamp
from chalicelib.kernel.encoding import parse_object
from chalicelib.kernel.errors import Invalid

# No function lives longer than 15 minutes, so nothing is committed later than that after it was dated.
ALLOWANCE: Final = timedelta(minutes=15)
SKEW: Final = timedelta(minutes=5)  # between the clocks of a function and the sealer's
_LINE: Final = re.compile(
    rb'{"entry":({"actor":.*?"at":"([^"]{27})".*?"id":"([^"]{36})",(?:"key":"[^"]*",)?"kind":.*}),'
    rb'"index":(0|[1-9]\d*),"salt":"([\w-]{42}[AEIMQUYcgkosw048])"}'
)
_CHANGES: Final = re.compile(rb'"at":"[^"]{27}","changes":"([0-9a-f]{64})"')


@dataclass(slots=True)
class Window:
    """What the segments before mean for the next: the last checkpoint's time, and the ids that could come again."""

    since: str = ""
    recent: deque[tuple[str, str]] = field(default_factory=deque)
    ids: set[str] = field(default_factory=set)

    def forget(self, before: str) -> None:
        """Drop the ids of entries dated earlier: one dated so again would be back-dated."""
        while self.recent and self.recent[0][0] < before:
            self.ids.discard(self.recent.popleft()[1])

    def copy(self) -> "Window":
        """As it is now, to be gone back to."""
        return Window(self.since, self.recent.copy(), self.ids.copy())


@dataclass(frozen=True, slots=True)
class Examined:
    """What a segment turned out to hold. `commitments` are its entries' as the lines say; None where a line is malformed."""

    header: Header
    commitments: list[bytes | None]
    changes: list[bytes]
    needed: Retention


def examine_segment(path: str, data: bytes, window: Window, found: list[Finding]) -> Examined | None:
    """Read one segment, add what is wrong to `found`; None when nothing of it can be used."""
    try:
        lines = unpack(data)
        header = Header.parse(lines[0] if lines else b"")
    except BadSegment as error:
        found.append(Finding(Fault.MALFORMED, path, str(error)))
        return None
    if header.path() != path:
        found.append(Finding(Fault.REORDERED, path, f"its header says {header.path()}"))
        return None
    if timestamp(header.sealed_at) < window.since:
        found.append(Finding(Fault.BACK_DATED, path, f"sealed after a checkpoint of {window.since}"))
    commitments, needed = _lines(path, header, _placed(path, header, lines[1:], found), window, found)
    if not _covers(header.retention, needed):
        found.append(Finding(Fault.LOCK_TOO_SHORT, path, f"its entries need {timestamp(needed.until)}"))
    changes = [one for line in lines[1:] if b'"changes":"' in line for one in _CHANGES.findall(line)[:1]]
    return Examined(header, commitments, changes, needed.covering([header.retention]))


def _covers(stated: Retention, needed: Retention) -> bool:
    return stated.until >= needed.until and stated.hold >= needed.hold


def _placed(
    path: str, header: Header, lines: Sequence[bytes], found: list[Finding]
) -> Sequence[bytes | None]:
    """The lines in their places. When they are too few or too many, their own indices tell which place each has."""
    if len(lines) == header.count:
        return lines
    places: list[bytes | None] = [None] * header.count
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        at = int(match[4]) - header.first if match else -1
        if not 0 <= at < header.count:
            found.append(Finding(Fault.UNEXPECTED, path, f"line {number} has no place in it"))
        elif places[at] is not None:
            found.append(Finding(Fault.DUPLICATE, f"{path}#{header.first + at}", f"line {number}"))
        else:
            places[at] = line
    gone = [header.first + at for at, line in enumerate(places) if line is None]
    found += [Finding(Fault.MISSING, f"{path}#{place}") for place in gone]
    return places


def _lines(
    path: str, header: Header, lines: Sequence[bytes | None], window: Window, found: list[Finding]
) -> tuple[list[bytes | None], Retention]:
    earliest = _shifted(window.since, -ALLOWANCE) if window.since else ""
    latest = timestamp(header.sealed_at + SKEW)
    window.forget(earliest)
    needed, before = Retention.least(header.sealed_at), ""
    commitments: list[bytes | None] = []
    fullmatch, sha256 = _LINE.fullmatch, hashlib.sha256
    for place, line in enumerate(lines, header.first):
        match = fullmatch(line or b"")
        if line is None or match is None:
            found += [Finding(Fault.MALFORMED, f"{path}#{place}")] if line is not None else []
            commitments.append(None)
            continue
        entry, at, name, index, salt = match.groups()
        commitments.append(sha256(_salt(salt) + entry).digest())
        when, known = at.decode(), name.decode()
        here = int(index) == place
        if known in window.ids:
            found.append(Finding(Fault.DUPLICATE, f"{path}#{place}", known))
        elif not (earliest <= when <= latest and here and known > before):
            found += _misplaced(f"{path}#{place}", here and known > before, when, earliest, latest)
        before = known if here else before
        window.ids.add(known)
        window.recent.append((when, known))
        if b'"retain":{' in line:
            needed = needed.covering([_retain(entry)])
    window.since = max(window.since, timestamp(header.sealed_at))
    return commitments, needed


def _salt(encoded: bytes) -> bytes:
    return binascii.a2b_base64(encoded.replace(b"-", b"+").replace(b"_", b"/") + b"=")


def _misplaced(place: str, ordered: bool, when: str, earliest: str, latest: str) -> Iterator[Finding]:
    """What of it is wrong: its place, its date, or both."""
    if not ordered:
        yield Finding(Fault.REORDERED, place)
    if when < earliest:
        yield Finding(
            Fault.BACK_DATED, place, f"{when}: a checkpoint without it is more than 15 minutes younger"
        )
    elif when > latest:
        yield Finding(Fault.POST_DATED, place, f"{when}: it was sealed before")


def _shifted(moment: str, by: timedelta) -> str:
    return timestamp(parse_timestamp(moment) + by)


def _retain(entry: bytes) -> Retention | None:
    """What the entry asks for; an entry that is altered so that it says nothing asks for nothing."""
    try:
        return read_entry(parse_object(entry)).retain
    except (Invalid, ValueError, KeyError, TypeError):
        return None
