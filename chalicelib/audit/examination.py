"""Is this log whole? From nothing but its files and the keys that the asker trusts (A21.2).

    for each segment, in order:  its lines ─▶ leaves ─▶ the growing tree ─▶ the checkpoint of that size, the tiles made whole

Each leaf is computed from the entry itself, so the root that was signed vouches for every byte of every entry. Where the
two disagree, the tiles tell which of them was touched. Memory is flat: one segment, and the tree's right edge.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from heapq import merge

from chalicelib.audit.archived_checkpoints import NEWEST, ArchivedCheckpoints, checkpoint_path
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.compact_tree import CompactTree
from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.merkle import ProofRejected, consistency_proof, leaf_hash, verify_consistency
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.object_check import (
    bundled,
    check_bundle,
    check_changes,
    check_edge,
    check_keys,
    check_lock,
    check_tile,
)
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment import parse_path
from chalicelib.audit.segment_check import ALLOWANCE, SKEW, Examined, Window, examine_segment
from chalicelib.audit.signed_checkpoint import SignedCheckpoint
from chalicelib.audit.tiles import WIDTH, Tile, TileMissing, TileReader

SEGMENTS = "segments/"
CHANGES = "changes/"
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
        self._files, self._keys, self._now, self._seen = files, keys, now, [one for one in seen if one.size]
        self._archived = ArchivedCheckpoints(files, keys, self.findings, self.standing.tree.size)
        self.newest: SignedCheckpoint | None = self._archived.newest()
        self._lost = False  # some leaves cannot be told: the roots above them prove nothing more

    @property
    def size(self) -> int:
        """How many entries there are, as far as the newest checkpoint says so."""
        return self.newest.checkpoint.size if self.newest else 0

    def run(self) -> Iterator[int]:
        """Examine everything; after each segment, how many entries that makes. The findings grow meanwhile."""
        start, beside = _place(self.standing.path), ""
        for path in merge(self._files.list(SEGMENTS), self._files.list(CHANGES), key=_place):
            if _place(path) <= start:
                continue
            if path.startswith(CHANGES):
                self._beside(path, beside)
                continue
            beside = _place(path)
            if self._segment(path):
                self.standing.path = path
            yield self.standing.tree.size
        self._end()

    def _report(self, fault: Fault, place: str, detail: str = "") -> None:
        self.findings.append(Finding(fault, place, detail))

    def _beside(self, path: str, segment: str) -> None:
        """What acts wrote lies beside their segment. One of a segment sealed since we began is not asked about."""
        try:
            later = parse_path(path)[2] >= self.size
        except ValueError:
            later = False
        if _place(path) != segment and not later:
            self._report(Fault.UNEXPECTED, path, "there is no such segment")

    # -- segments

    def _segment(self, path: str) -> bool:
        """Whether it is done with: False when it is still being sealed, and the next examination must meet it."""
        try:
            _, _, first, count = parse_path(path)
        except ValueError:
            self._report(Fault.UNEXPECTED, path)
            return True
        data, tree = self._files.get(path), self.standing.tree
        if data is None or first < tree.size:
            self._report(Fault.MISSING if data is None else Fault.DUPLICATE, path)
        elif first > max(self.size, tree.size):
            self._report(Fault.UNEXPECTED, path, "it begins behind the newest checkpoint")
        else:
            if first > tree.size:
                self._report(Fault.MISSING, SEGMENTS, f"entries {tree.size} to {first - 1}")
                self._from_tiles(first)
            return self._read(path, data, first + count)
        return True

    def _read(self, path: str, data: bytes, end: int) -> bool:
        sealed = end <= self.size or self._archived.has(end)
        before = None if sealed else self.standing.window.copy()
        examined = examine_segment(path, data, self.standing.window, self.findings)
        if sealed and examined is not None:
            self._sealed(path, examined)
        elif sealed:
            self._from_tiles(end)
        elif before is not None:
            self.standing.window = before
            return not self._in_flight(path, examined)
        return True

    def _in_flight(self, path: str, examined: Examined | None) -> bool:
        """Whether the sealer is at work on it at this moment: written, not yet vouched for."""
        if examined is None:
            return False
        recent = abs(self._now - examined.header.sealed_at) < ALLOWANCE
        if not recent:
            self._report(Fault.UNEXPECTED, path, "no checkpoint vouches for it")
        return recent

    def _sealed(self, path: str, examined: Examined) -> None:
        header, standing = examined.header, self.standing
        commitments = [one or UNKNOWN for one in examined.commitments]
        signed, before = self._archived.at(header.size), standing.tree.copy()
        if signed is None and header.size == self.size:
            signed = self.newest
        whole = self._grown([leaf_hash(one) for one in commitments])
        if signed is not None:
            whole = self._vouched(path, examined, signed, before, whole)
        else:
            whole = self._unvouched(path, examined, before, whole)
        self._compare_seen(before.size, header.size)
        if header.sealed_at > self._now + SKEW:
            self._report(Fault.POST_DATED, path, "sealed in the future")
        standing.kept = examined.needed.covering([standing.kept])
        self.findings += check_lock(self._files, path, examined.needed)
        self.findings += check_lock(self._files, header.path("changes"), examined.needed)
        self.findings += check_lock(self._files, checkpoint_path(header.size), standing.kept)
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
        """Hold the tree against the signed root; where the segment was touched, go on with the public leaves."""
        header = examined.header
        if signed.time is not None and signed.time != int(header.sealed_at.timestamp()):
            self._report(Fault.ALTERED, path, "its header has another time than the checkpoint")
        if self.standing.tree.root() == signed.checkpoint.root:
            self._lost = False
            return whole
        own = self.standing.tree
        for theirs in self._told(header.first, header.size):
            self.standing.tree = before.copy()
            tiled = self._grown(theirs)
            if self.standing.tree.root() == signed.checkpoint.root:
                self._differing(path, examined, theirs)
                return tiled
        self.standing.tree = own
        if not self._lost:  # or it would be told again at every checkpoint after the first
            self._report(Fault.FORK, signed.path, f"its root is not that of {path}")
        self._lost = True
        return whole

    def _unvouched(
        self, path: str, examined: Examined, before: CompactTree, whole: list[tuple[Tile, Sequence[bytes]]]
    ) -> list[tuple[Tile, Sequence[bytes]]]:
        """No root to hold the segment against: where tiles and bundles agree on other leaves, the next root is theirs."""
        told = list(self._told(examined.header.first, examined.header.size))
        mine = [leaf_hash(one or UNKNOWN) for one in examined.commitments]
        if told and told[0] == told[-1] != mine:
            self._differing(path, examined, told[0])
            self.standing.tree = before
            return self._grown(told[0])
        return whole

    def _differing(self, path: str, examined: Examined, theirs: Sequence[bytes]) -> None:
        """Which entries are not those of their leaves; those that are malformed or missing were told already."""
        for place, (mine, leaf) in enumerate(zip(examined.commitments, theirs, strict=True)):
            if mine is not None and leaf_hash(mine) != leaf:
                self._report(Fault.SEGMENT_DIFFERS, f"{path}#{examined.header.first + place}")

    def _told(self, first: int, end: int) -> Iterator[list[bytes]]:
        """The leaf hashes of these entries as the public tree has them: in its tiles, and in its bundles."""
        size = max(self.size, end)
        reader = TileReader(size, self._files.get)
        readers: tuple[Callable[[int], list[bytes]], ...] = (
            partial(reader.tile, 0),
            partial(bundled, self._files, size),
        )
        for read in readers:
            try:
                hashes = [one for at in range(first // WIDTH, (end - 1) // WIDTH + 1) for one in read(at)]
            except ValueError:  # one is missing, or cut: it is told when the tree comes to it
                continue
            yield hashes[first % WIDTH : first % WIDTH + end - first]

    def _from_tiles(self, end: int) -> None:
        """Go on without a segment: the tree's own leaves, as far as they are there."""
        tree = self.standing.tree
        self._archived.pass_over(end)
        while tree.size < end:
            stop = min(end, (tree.size // WIDTH + 1) * WIDTH)
            leaves = next(self._told(tree.size, stop), None)
            self._lost = self._lost or leaves is None
            leaves = leaves or [UNKNOWN] * (stop - tree.size)
            self._made_whole(self._grown(leaves), [UNKNOWN] * len(leaves))

    def _made_whole(
        self, whole: Sequence[tuple[Tile, Sequence[bytes]]], commitments: Sequence[bytes]
    ) -> None:
        edge, kept = self.standing.edge, self.standing.kept
        edge += commitments
        for tile, hashes in whole:
            if tile.level == 0 or not self._lost:
                self.findings += check_tile(self._files, tile, hashes)
            paths = [tile.path]
            if tile.level == 0:
                bundle = Tile(None, tile.index)
                self.findings += check_bundle(self._files, bundle, edge[:WIDTH], hashes)
                del edge[:WIDTH]
                paths.append(bundle.path)
            for path in paths if kept else []:
                self.findings += check_lock(self._files, path, kept)  # type: ignore[arg-type]  # not None in this loop

    # -- what the asker has seen, and the end

    def _compare_seen(self, before: int, size: int) -> None:
        """What the asker saw signed must be what stands here now."""
        met = [one for one in self._seen if before < one.size <= size]
        self._seen = [one for one in self._seen if one not in met]
        for one in met:
            if one.size != size or one.root != self.standing.tree.root():
                self._report(Fault.FORK, checkpoint_path(one.size), "you have seen another one")

    def _prove_seen(self) -> None:
        """Those within what an earlier examination went through, or within a gap: by a proof from the tiles."""
        tree = self.standing.tree
        reader = TileReader(tree.size, self._files.get)
        for one in [one for one in self._seen if one.size <= tree.size]:
            try:
                proof = consistency_proof(one.size, tree.size, reader.subtree)
                verify_consistency(one.size, tree.size, proof, one.root, tree.root())
            except TileMissing as missing:
                self._report(Fault.MISSING, missing.path)
            except ProofRejected:
                self._report(Fault.FORK, checkpoint_path(one.size), "you have seen another one")

    def _end(self) -> None:
        tree, newest = self.standing.tree, self.newest
        if newest is None:
            return
        self._prove_seen()
        self.findings += check_keys(self._files, self._keys, newest.path)
        last = max(self._archived.last(), *(one.size for one in self._seen), 0)
        if self.size < last and not self._grew_to(last):
            self._report(Fault.ROLLED_BACK, newest.path, f"size {self.size}, but {last} was signed")
        elif self.size > tree.size:
            self._report(Fault.MISSING, SEGMENTS, f"entries {tree.size} to {self.size - 1}")
        elif self.size == tree.size and newest.checkpoint.root != tree.root() and not self._lost:
            self._report(Fault.FORK, newest.path, "its root is not that of the segments")
        elif not self._lost:
            self.findings += check_edge(self._files, tree, self.standing.edge)

    def _grew_to(self, size: int) -> bool:
        """Whether the log has grown while it was examined."""
        latest = self._archived.read_newest() if self.newest and self.newest.path == NEWEST else None
        return latest is not None and latest.checkpoint.size >= size


def _place(path: str) -> str:
    """A segment's place, which is also that of what its acts wrote."""
    return path.partition("/")[2]
