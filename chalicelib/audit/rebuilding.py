"""Tables from the log (art. 23): what a rebuild reads from sealed segments, what it needs from the tables, and its order.

The order of the log is that of ids, drawn by clocks of many machines, so an act may stand before one that it builds on.
Acts are therefore not ordered here but tried: each carries the conditions under which it was committed, those refused
are tried again after the others, and what is refused in a round without progress is left, never forced. Where every
act has found its place, the tables are those that were lost: a chain of conditions has one end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.examination import Standing
from chalicelib.audit.findings import LogFiles
from chalicelib.audit.merkle import leaf_hash
from chalicelib.audit.note import Note
from chalicelib.audit.sealing import Head, SegmentRef, Staged
from chalicelib.audit.segment import BadSegment, Header, Line, commitment, unpack
from chalicelib.kernel.encoding import parse_object, sha256
from chalicelib.kernel.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Act:
    """What one act wrote, as its line of `changes/`; `place` is the path and the number of the line."""

    place: str
    line: bytes


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One entry as the sealer leaves it in the log table."""

    object: str
    id: str
    at: str
    kind: str
    body: bytes
    salt: bytes
    index: int


@dataclass(frozen=True, slots=True)
class Part:
    """One segment with its acts. `unreadable` are the places of lines that nothing can be made of."""

    header: Header
    entries: tuple[SealedEntry, ...]
    acts: tuple[Act, ...]
    unreadable: tuple[str, ...] = ()


class TablesNotEmpty(Conflict):
    """There is something in the tables, and it is not this rebuild's: nothing was written. `facts` name the table."""

    __slots__ = ()

    def __init__(self, table: str) -> None:
        super().__init__("tables_not_empty", None, (table,))


class Restoration(Protocol):
    """The tables to be filled. Everything may be repeated: what is there already stays as it is."""

    def begin(self, head: Head) -> int:
        """Claim empty tables for the log that ends in this head, or find them claimed by an earlier run of the same.

        How many entries that run had restored with all their acts. TablesNotEmpty otherwise. The head stands from here
        on, so that no sealer can begin another history.
        """
        ...

    def entries(self, entries: Sequence[SealedEntry], segment: SegmentRef) -> None:
        """The entries, and where their segment lies."""
        ...

    def apply(self, acts: Sequence[Act]) -> Sequence[Act]:
        """Repeat each act, all of it or nothing, once; those whose conditions do not hold, in the order given."""
        ...

    def advance(self, size: int) -> None:
        """So many entries are restored with all their acts."""
        ...

    def finish(self) -> None:
        """All is restored: take away what only the rebuild needed."""
        ...


def settle(acts: Sequence[Act], apply: Callable[[Sequence[Act]], Sequence[Act]]) -> Sequence[Act]:
    """Apply the acts in whatever order their conditions allow; those that no order allows."""
    left = acts
    while left:
        refused = apply(left)
        if len(refused) == len(left):
            return refused
        left = refused
    return ()


def read_part(files: LogFiles, path: str) -> Part:
    """A segment and its acts. BadSegment when there is no header to go by."""
    header, *lines = unpack(files.get(path) or b"") or [b""]
    found = Header.parse(header)
    bad: list[str] = []
    entries = tuple(_entries(path, lines, bad))
    return Part(found, entries, tuple(_acts(files, found.path("changes"), bad)), tuple(bad))


def _entries(path: str, lines: Sequence[bytes], bad: list[str]) -> Iterator[SealedEntry]:
    for number, text in enumerate(lines, 2):
        try:
            yield _entry(text)
        except (Invalid, ValueError, KeyError):
            bad.append(f"{path}:{number}")


def _entry(text: bytes) -> SealedEntry:
    """As it stands: whether today's catalog of kinds would still admit it is not asked of an entry of twenty years ago."""
    line = Line.parse(text)
    said = parse_object(line.entry)
    return SealedEntry(
        object=str(said["object"]),
        id=str(said["id"]),
        at=str(said["at"]),
        kind=str(said["kind"]),
        body=line.entry,
        salt=line.salt,
        index=line.index,
    )


def _acts(files: LogFiles, path: str, bad: list[str]) -> Iterator[Act]:
    data = files.get(path)
    if data is None:  # nothing was written: refusals, reads
        return
    try:
        lines = unpack(data)
    except BadSegment:
        bad.append(path)
        return
    for number, line in enumerate(lines, 1):
        yield Act(f"{path}:{number}", line)


def rebuilt_head(standing: Standing, last: Header, note: bytes | None) -> Head:
    """The settled head after an examined log whose last segment and last archived checkpoint are these.

    The keys are those that signed the checkpoint in the log's own name: the archive has them, that was examined.
    """
    kept, tree = standing.kept or last.retention, standing.tree
    return Head(tree.size, tree.root(), last.first, last.sealed_at, kept, _signers(note) if note else ())


def _signers(note: bytes) -> tuple[str, ...]:
    try:
        parsed = Note.parse(note)
        origin = Checkpoint.parse(parsed.text).origin
    except ValueError:
        return ()  # the next sealer archives its keys again, to no effect
    return tuple(one.key_id.hex() for one in parsed.signatures if one.name == origin)


def unfinished_head(files: LogFiles, standing: Standing, settled: Head | None, part: Part) -> Head | None:
    """The pending head of a sealer that had locked its segment and not yet signed: whoever seals next goes on with it.

    What it had staged is the segment and its acts, one behind the other. None when they are not all there.
    """
    header = part.header
    indices = [one.index for one in part.entries]
    written = sum(b'"changes":"' in one.body for one in part.entries)
    if (
        indices != list(range(standing.tree.size, header.size))
        or part.unreadable
        or written != len(part.acts)
    ):
        return None
    segment, changes = files.get(header.path()) or b"", files.get(header.path("changes")) or b""
    tree = standing.tree.copy()
    tree.add([leaf_hash(commitment(one.salt, one.body)) for one in part.entries], lambda _tile, _hashes: None)
    digest = sha256(segment + changes).hex()
    staged = Staged(f"staging/{header.first:012d}-{digest}", digest, len(segment))
    kept = header.retention.covering([settled.retention] if settled else [])
    known = settled.keys if settled else ()
    return Head(header.size, tree.root(), header.first, header.sealed_at, kept, known, staged)
