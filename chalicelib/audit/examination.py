"""Is this log whole? From nothing but its files and the keys that the asker trusts (A21.2).

    for each segment, in order:  its lines ─▶ leaves ─▶ the growing tree ─▶ the checkpoint of that size, the tiles made whole

Each leaf is computed from the entry itself, so the root that was signed vouches for every byte of every entry. Where the
two disagree, the tiles tell which of them was touched. Memory is flat: one segment, and the tree's right edge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.audit.archived_checkpoints import CHECKPOINTS, ArchivedCheckpoints
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.compact_tree import CompactTree
from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.merkle import leaf_hash
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.object_check import check_bundle, check_changes, check_edge, check_lock, check_tile
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment import parse_path
from chalicelib.audit.segment_check import ALLOWANCE, Examined, Window, examine_segment
from chalicelib.audit.signed_checkpoint import SignedCheckpoint
from chalicelib.audit.tiles import WIDTH, Tile, TileMissing, TileReader

SEGMENTS = "segments/"
UNKNOWN = bytes(32)  # in the place of a leaf that nobody can tell


@dataclass(slots=True)
class Standing:
    """How far an examination has come: enough to go on from here another day.

    `edge` are the commitments of the growing bundle; `kept` is the longest retention so far.
    """

    tree: CompactTree = field(default_factory=CompactTree)
    edge: list[bytes] = field(default_factory=list)
    window: Window = field(default_factory=Window)
    kept: Retention | None = None
    path: str = ""


class Examination:
    """One examination. `seen` are checkpoints that the asker kept from earlier: they must belong to this history."""

    def __init__(  # what an examination is of
        self,
        files: LogFiles,
        keys: Sequence[VerifierKey],
        now: datetime,
        seen: Sequence[Checkpoint] = (),
        standing: Standing | None = None,
    ) -> None:
        self.standing = standing or Standing()
        self.findings: list[Finding] = []
        self._files, self._now, self._seen = files, now, {one.size: one for one in seen}
        self._archived = ArchivedCheckpoints(files, keys, self.findings, self.standing.tree.size)
        self.newest: SignedCheckpoint | None = self._archived.newest()

    @property
    def size(self) -> int:
        """How many entries there are, as far as the newest checkpoint says so."""
        return self.newest.checkpoint.size if self.newest else 0

    def run(self) -> Iterator[int]:
        """Examine everything; after each segment, how many entries that makes. The findings grow meanwhile."""
        for path in self._files.list(SEGMENTS):
            if path > self.standing.path:
                self._segment(path)
                self.standing.path = path
                yield self.standing.tree.size
        self._end()

    def _report(self, fault: Fault, place: str, detail: str = "") -> None:
        self.findings.append(Finding(fault, place, detail))

    # -- segments

    def _segment(self, path: str) -> None:
        try:
            _, _, first, count = parse_path(path)
        except ValueError:
            return self._report(Fault.UNEXPECTED, path)
        data, tree = self._files.get(path), self.standing.tree
        if data is None or first < tree.size:
            return self._report(Fault.MISSING if data is None else Fault.DUPLICATE, path)
        if first > tree.size:
            self._report(Fault.MISSING, SEGMENTS, f"entries {tree.size} to {first - 1}")
            self._from_tiles(first)
        examined = examine_segment(path, data, self.standing.window, self.findings)
        if examined is None:
            return self._from_tiles(first + count)
        if not self._in_flight(examined):
            self._sealed(path, examined)
        return None

    def _in_flight(self, examined: Examined) -> bool:
        """Whether the sealer is at work on it at this moment: written, not yet vouched for."""
        header = examined.header
        recent = header.size > self.size and header.sealed_at > self._now - ALLOWANCE
        return recent and not self._archived.has(header.size)

    def _sealed(self, path: str, examined: Examined) -> None:
        header, standing = examined.header, self.standing
        commitments = [one or UNKNOWN for one in examined.commitments]
        commitments = (commitments + [UNKNOWN] * header.count)[: header.count]
        signed, before = self._archived.at(header.size), standing.tree.copy()
        whole = self._grown([leaf_hash(one) for one in commitments])
        if signed is not None:
            whole = self._vouched(path, examined, signed, before, whole)
        self._compare_seen(before.size, header.size)
        standing.kept = examined.needed.covering([standing.kept])
        self.findings += check_lock(self._files, path, examined.needed)
        self.findings += check_lock(self._files, f"{CHECKPOINTS}{header.size:012d}", standing.kept)
        self.findings += check_changes(self._files, header, examined.changes)
        self._made_whole(whole, commitments)

    def _grown(self, leaves: Sequence[bytes]) -> list[tuple[Tile, Sequence[bytes]]]:
        """Add leaves; the tiles that became whole."""
        whole: list[tuple[Tile, Sequence[bytes]]] = []
        self.standing.tree.add(leaves, lambda tile, hashes: whole.append((tile, hashes)))
        return whole

    def _vouched(  # one segment's facts
        self,
        path: str,
        examined: Examined,
        signed: SignedCheckpoint,
        before: CompactTree,
        whole: list[tuple[Tile, Sequence[bytes]]],
    ) -> list[tuple[Tile, Sequence[bytes]]]:
        """Hold the tree against the signed root; where the segment was touched, go on with the tiles' leaves."""
        header = examined.header
        if signed.time is not None and signed.time != int(header.sealed_at.timestamp()):
            self._report(Fault.ALTERED, path, "its header has another time than the checkpoint")
        if self.standing.tree.root() == signed.checkpoint.root:
            return whole
        own, theirs = self.standing.tree, self._tile_leaves(header.first, header.size)
        if theirs is not None:
            self.standing.tree = before.copy()
            tiled = self._grown(theirs)
            if self.standing.tree.root() == signed.checkpoint.root:
                self._differing(path, examined, theirs)
                return tiled
        self.standing.tree = own
        self._report(Fault.FORK, signed.path, f"its root is not that of {path}")
        return whole

    def _differing(self, path: str, examined: Examined, theirs: Sequence[bytes]) -> None:
        mine = [leaf_hash(one or UNKNOWN) for one in examined.commitments]
        for place, leaf in enumerate(theirs):
            if mine[place : place + 1] != [leaf]:
                self._report(Fault.SEGMENT_DIFFERS, f"{path}#{examined.header.first + place}")

    def _tile_leaves(self, first: int, end: int) -> list[bytes] | None:
        """The leaf hashes that the tiles have for these entries; None when a tile is missing or cut."""
        reader = TileReader(max(self.size, end), self._files.get)
        indices = range(first // WIDTH, (end - 1) // WIDTH + 1)
        try:
            hashes = [one for index in indices for one in reader.tile(0, index)]
        except TileMissing:
            return None
        skipped = first % WIDTH
        return hashes[skipped : skipped + end - first]

    def _from_tiles(self, end: int) -> None:
        """Go on without a segment: the tree's own leaves, as far as they are there."""
        first = self.standing.tree.size
        leaves = self._tile_leaves(first, end) or [UNKNOWN] * (end - first)
        self._archived.pass_over(end)
        self._made_whole(self._grown(leaves), [UNKNOWN] * len(leaves))

    def _made_whole(
        self, whole: Sequence[tuple[Tile, Sequence[bytes]]], commitments: Sequence[bytes]
    ) -> None:
        edge, kept = self.standing.edge, self.standing.kept
        edge += commitments
        for tile, hashes in whole:
            self.findings += check_tile(self._files, tile, hashes)
            paths = [tile.path]
            if tile.level == 0:
                bundle = Tile(None, tile.index)
                self.findings += check_bundle(self._files, bundle, edge[:WIDTH], hashes)
                del edge[:WIDTH]
                paths.append(bundle.path)
            for path in paths if kept else []:
                self.findings += check_lock(self._files, path, kept)  # type: ignore[arg-type]  # not None in this loop

    def _compare_seen(self, before: int, size: int) -> None:
        """What the asker saw signed must be what stands here now."""
        for one in [one for one in self._seen.values() if before < one.size <= size]:
            if one.size != size or one.root != self.standing.tree.root():
                self._report(Fault.FORK, f"{CHECKPOINTS}{one.size:012d}", "you have seen another one")

    def _end(self) -> None:
        tree, newest = self.standing.tree, self.newest
        if newest is None:
            return
        last = max(self._archived.last(), tree.size, *self._seen, 0)
        if self.size < last:
            self._report(Fault.ROLLED_BACK, newest.path, f"size {self.size}, but {last} was signed")
        elif self.size > tree.size:
            self._report(Fault.MISSING, SEGMENTS, f"entries {tree.size} to {self.size - 1}")
        elif newest.checkpoint.root != tree.root():
            self._report(Fault.FORK, newest.path, "its root is not that of the segments")
        else:
            self.findings += check_edge(self._files, tree, self.standing.edge)
