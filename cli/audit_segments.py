"""Which segments a folder holds, and what is to be loaded of them: those not yet loaded, or all when the past changed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chalicelib.audit.segment import parse_path
from cli.audit_questions import Unanswerable


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A segment in a folder: its path in the log's layout, size in bytes, time of change in ns; SHA-256 once loaded."""

    path: str
    size: int
    modified: int
    sha256: str = ""

    @property
    def range(self) -> tuple[int, int]:
        """First index and how many, as the path says."""
        _, _, first, count = parse_path(self.path)
        return first, count


@dataclass(frozen=True, slots=True)
class Plan:
    """`load` is new, `touched` is only newer on disk, `changed` names a loaded segment that is another one now, or gone."""

    load: tuple[SegmentFile, ...] = ()
    touched: tuple[SegmentFile, ...] = ()
    changed: str | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.load or self.touched or self.changed)


def segment_files(folder: Path) -> list[SegmentFile]:
    """In the order of the log. Unanswerable when there are none, or one has no segment's name: nothing is left out silently."""
    found = [
        _segment_file(folder, file)
        for file in folder.glob("segments/date=*/*.jsonl.gz")
        if not file.name.startswith(".")  # what file systems leave beside a file they copied
    ]
    if not found:
        raise Unanswerable(
            f"{folder}: no segments/date=…/….jsonl.gz in it, so it is no log's folder (docs/log.md)"
        )
    return sorted(found, key=lambda one: one.range)


def _segment_file(folder: Path, file: Path) -> SegmentFile:
    path, status = file.relative_to(folder).as_posix(), file.stat()
    try:
        parse_path(path)
    except ValueError as error:
        raise Unanswerable(f"{path}: not the name of a segment (docs/log.md)") from error
    return SegmentFile(path, status.st_size, status.st_mtime_ns)


def breaks(files: Sequence[SegmentFile]) -> Iterator[str]:
    """Where the folder does not hold the log from its first entry on, each entry once; no answer can know of what lacks."""
    size = 0
    for one in files:
        first, count = one.range
        if first > size:
            yield f"entries {size} to {first - 1} are not in this folder"
        elif first < size:
            yield f"{one.path}: entries from {first} on are here twice"
        size = max(size, first + count)


def digest(folder: Path, segment: SegmentFile) -> SegmentFile:
    """With the SHA-256 of its bytes."""
    return replace(segment, sha256=hashlib.sha256((folder / segment.path).read_bytes()).hexdigest())


def plan(folder: Path, loaded: Mapping[str, SegmentFile], wanted: Sequence[SegmentFile]) -> Plan:
    """A segment is locked for twenty years: one that changed or vanished is no update, and then all is loaded anew."""
    gone = sorted(loaded.keys() - {one.path for one in wanted})
    if gone:
        return Plan(tuple(wanted), changed=gone[0])
    touched = []
    for one in wanted:
        before = loaded.get(one.path)
        if before is None or (before.size, before.modified) == (one.size, one.modified):
            continue
        now = digest(folder, one)
        if now.sha256 != before.sha256:
            return Plan(tuple(wanted), changed=one.path)
        touched.append(now)
    return Plan(tuple(one for one in wanted if one.path not in loaded), tuple(touched))


def batches(files: Sequence[SegmentFile], entries: int) -> Iterator[list[SegmentFile]]:
    """In their order, together until there are so many entries."""
    some: list[SegmentFile] = []
    held = 0
    for one in files:
        some.append(one)
        held += one.range[1]
        if held >= entries:
            yield some
            some, held = [], 0
    if some:
        yield some
