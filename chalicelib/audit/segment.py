"""Segments: the entries themselves, as gzipped JSON lines in the order of the tree (docs/log.md).

A leaf of the public tree is only `commitment(salt, entry)`: a salted hash tells nothing, and nobody can guess behind it.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from chalicelib.audit.retention import Retention
from chalicelib.kernel.clock import business_date, parse_timestamp, timestamp
from chalicelib.kernel.encoding import b64url, canonical_json, parse_object, sha256, unb64url
from chalicelib.kernel.errors import Invalid

VERSION: Final = 1
SALT_SIZE: Final = 32
LEVEL: Final = 6
LARGEST_PART: Final = 1 << 30  # of one segment, unpacked: a bomb is not a segment
_LINE: Final = re.compile(rb'{"entry":({.*}),"index":(0|[1-9][0-9]*),"salt":"([\w-]{43})"}')
_PATH: Final = re.compile(
    r"(segments|changes)/date=(\d{4}-\d{2}-\d{2})/(\d{12})-([1-9]\d{0,5})\.jsonl\.gz", re.ASCII
)


class BadSegment(ValueError):
    """Not a segment, or a line of it is none; the text says where."""


def commitment(salt: bytes, entry: bytes) -> bytes:
    """What the public tree holds of an entry: 32 bytes."""
    return sha256(salt + entry)


@dataclass(frozen=True, slots=True)
class Unsealed:
    """An entry as its act committed it: canonical bytes, salt, and what the act wrote (canonical JSON) if anything.

    `object` and `id` are where it lies in the log table.
    """

    object: str
    id: str
    entry: bytes
    salt: bytes
    changes: str | None = None

    @property
    def commitment(self) -> bytes:
        """Its leaf's data."""
        return commitment(self.salt, self.entry)


@dataclass(frozen=True, slots=True)
class Header:
    """A segment's first line. `size` is the tree's after it; the lock of the object is what `retention` says."""

    first: int
    count: int
    sealed_at: datetime
    retention: Retention

    @property
    def size(self) -> int:
        """How large the tree is with this segment."""
        return self.first + self.count

    def path(self, folder: str = "segments") -> str:
        """Where the segment lies, or what its acts wrote (`changes`)."""
        day = business_date(self.sealed_at).isoformat()
        return f"{folder}/date={day}/{self.first:012d}-{self.count}.jsonl.gz"

    def line(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(
            {
                "v": VERSION,
                "first": self.first,
                "count": self.count,
                "size": self.size,
                "sealed_at": timestamp(self.sealed_at),
                "retain_until": timestamp(self.retention.until),
                "hold": self.retention.hold,
            }
        )

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """The inverse. BadSegment when it is no header of this version in its only spelling."""
        try:
            said = parse_object(line)
            retention = Retention(parse_timestamp(str(said["retain_until"])), said["hold"] is True)
            found = cls(
                _count(said["first"]),
                _count(said["count"]),
                parse_timestamp(str(said["sealed_at"])),
                retention,
            )
        except (ValueError, KeyError, Invalid) as error:
            raise BadSegment("the header is malformed") from error
        if found.line() != line:
            raise BadSegment("the header is malformed")
        return found


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("not a count")
    return value


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a segment: its place in the tree, its canonical bytes, its salt."""

    index: int
    entry: bytes
    salt: bytes

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """BadSegment when it is none."""
        match = _LINE.fullmatch(line)
        if match is None:
            raise BadSegment("a line is malformed")
        try:
            salt = unb64url(match[3].decode("ascii"))
        except ValueError as error:
            raise BadSegment("a salt is malformed") from error
        return cls(int(match[2]), match[1], salt)


def segment_part(header: Header, entries: Sequence[Unsealed]) -> bytes:
    """The segment's bytes; the same input gives the same bytes."""
    lines = [header.line()]
    for place, one in enumerate(entries):
        salt = b64url(one.salt).encode("ascii")
        lines.append(b'{"entry":%b,"index":%d,"salt":"%b"}' % (one.entry, header.first + place, salt))
    return pack(lines)


def changes_part(entries: Sequence[Unsealed]) -> bytes:
    """What the acts of a segment wrote, a line each, in the order of their first entries; nothing when none wrote."""
    lines = [one.changes.encode() for one in entries if one.changes is not None]
    return pack(lines) if lines else b""


def pack(lines: Sequence[bytes]) -> bytes:
    """Gzip without a time in it."""
    return gzip.compress(b"".join(line + b"\n" for line in lines), LEVEL, mtime=0)


def unpack(data: bytes) -> list[bytes]:
    """The lines of a part. BadSegment when it is no gzip, is cut short, or unpacks to more than a gigabyte."""
    machine = zlib.decompressobj(wbits=31)
    try:
        text = machine.decompress(data, LARGEST_PART)
    except zlib.error as error:
        raise BadSegment("not gzip") from error
    if not machine.eof or machine.unused_data:
        raise BadSegment("the object is cut short, too large, or goes on after its end")
    if text and not text.endswith(b"\n"):
        raise BadSegment("the last line has no end")
    return text.split(b"\n")[:-1]


def read(data: bytes) -> tuple[Header, Iterator[Line]]:
    """Header and lines, the lines as they are asked for. BadSegment as soon as one is malformed."""
    lines = unpack(data)
    if not lines:
        raise BadSegment("the segment is empty")
    return Header.parse(lines[0]), (Line.parse(line) for line in lines[1:])


def parse_path(path: str) -> tuple[str, str, int, int]:
    """(folder, date, first, count) of a part's path. ValueError for any other."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError("not the path of a segment")
    return match[1], match[2], int(match[3]), int(match[4])
