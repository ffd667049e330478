"""Recreate every table of a stage from the locked log alone (art. 23): examined first, then repeated act by act.

    examine ─▶ claim the empty tables ─▶ each segment: its entries ─▶ its acts, and those put aside ─▶ progress ─▶ finish
               (crash: claimed, and the head stands)   (crash: each act is there whole or not at all, and marked)

Whatever a crash leaves, the same call goes on from it. What cannot come back is what no segment holds: acts committed in
the seconds before the loss and not sealed yet, and replies that have expired meanwhile.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chalicelib.audit.archived_checkpoints import CHECKPOINTS
from chalicelib.audit.examination import SEGMENTS, Examination
from chalicelib.audit.findings import Finding, LogFiles
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.rebuilding import (
    Act,
    Part,
    Restoration,
    read_part,
    rebuilt_head,
    settle,
    unfinished_head,
)
from chalicelib.audit.sealing import Head, SegmentRef
from chalicelib.audit.segment import BadSegment, Header, parse_path

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Told of progress: "examined" or "rebuilt", so many entries of so many.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RebuildPorts:
    """The log to rebuild from, and the tables to fill."""

    files: LogFiles
    tables: Restoration


@dataclass(slots=True)
class Rebuilt:
    """What came of it; places are places in the log.

    `begun` is false when the log was faulty and nothing was done. `left` are acts whose conditions never held,
    `unreadable` lines that nothing can be made of, `unsealed` segments that no checkpoint vouches for. `head` is where
    the next sealer goes on; pending when its predecessor had locked the last segment and not signed it yet.
    """

    findings: Sequence[Finding]
    begun: bool = False
    head: Head | None = None
    entries: int = 0
    acts: int = 0
    left: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unsealed: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether the tables are those that were lost, as far as their acts were sealed."""
        return self.begun and not (self.findings or self.left or self.unreadable or self.unsealed)


def rebuild_tables(
    platform: RebuildPorts, keys: Sequence[VerifierKey], tell: Tell, *, despite_findings: bool = False
) -> Rebuilt:
    """Fill empty tables; called again after a crash, it goes on. TablesNotEmpty when something else is in them.

    A log with findings is not rebuilt from, unless `despite_findings`: then what can be read of it is.
    """
    examined = Examination(platform.files, keys, _moment_of_loss(platform.files))
    for size in examined.run():
        tell("examined", size, max(size, examined.size))
    result = Rebuilt(examined.findings)
    if result.findings and not despite_findings:
        return result
    result.begun = True
    parts = _planned(platform.files, examined, result)
    if result.head is not None:
        _filled(platform, result.head, parts, result, tell)
    return result


def _moment_of_loss(files: LogFiles) -> datetime:
    """When the last segment was sealed. Judged as of then it needs no checkpoint: its sealer may be gone with the head."""
    last = _last_header(files, [path for path, _, _ in _segments(files)])
    return last.sealed_at if last else _LONG_AGO


def _planned(files: LogFiles, examined: Examination, result: Rebuilt) -> list[str]:
    """The segments to be read, in order; the head that they lead to."""
    standing, reached = examined.standing, 0
    parts: list[str] = []
    after: list[str] = []
    for path, first, count in _segments(files):
        if first >= standing.tree.size:
            after.append(path)
        elif first >= reached:  # what overlaps is a finding
            reached = first + count
            parts.append(path)
    last = _last_header(files, parts)
    if last is not None:
        note = files.get(f"{CHECKPOINTS}{standing.tree.size:012d}")
        result.head = rebuilt_head(standing, last, note)
    pending = _unfinished(files, examined, result.head, after[0]) if after else None
    if pending is not None:
        result.head = pending
        parts.append(after.pop(0))
    result.unsealed = after
    return parts


def _last_header(files: LogFiles, paths: Sequence[str]) -> Header | None:
    """That of the last segment; in a faulty log, of the last that can be read."""
    for path in reversed(paths):
        with suppress(BadSegment):
            return read_part(files, path).header
    return None


def _unfinished(files: LogFiles, examined: Examination, settled: Head | None, path: str) -> Head | None:
    try:
        return unfinished_head(files, examined.standing, settled, read_part(files, path))
    except BadSegment:
        return None


def _segments(files: LogFiles) -> list[tuple[str, int, int]]:
    found = []
    for path in files.list(SEGMENTS):
        try:
            _, _, first, count = parse_path(path)
        except ValueError:
            continue  # a finding
        found.append((path, first, count))
    return found


def _filled(platform: RebuildPorts, head: Head, parts: Sequence[str], result: Rebuilt, tell: Tell) -> None:
    tables, aside = platform.tables, list[Act]()
    done = tables.begin(head)
    for path in parts:
        part = _readable(platform.files, path, result)
        if part is None:
            continue
        size = part.header.size
        result.entries += len(part.entries)
        result.acts += len(part.acts)
        if size > done:
            tables.entries(part.entries, SegmentRef(part.header.first, part.header.count, path))
            # A crash among the acts leaves each of them done and marked, or not done.
            aside = list(settle([*aside, *part.acts], tables.apply))
            if not aside:
                tables.advance(size)
        tell("rebuilt", size, head.size)
    result.left = [one.place for one in aside]
    result.acts -= len(aside)
    if not aside:
        # A crash here leaves everything restored, and marks that the next call takes away.
        tables.finish()


def _readable(files: LogFiles, path: str, result: Rebuilt) -> Part | None:
    try:
        part = read_part(files, path)
    except BadSegment:
        result.unreadable.append(path)
        return None
    result.unreadable += part.unreadable
    return part
