"""Is the public tree whole? For whoever has an address and no right to the entries: bundles, tiles, and the signed root."""

from collections.abc import Iterator, Sequence

from chalicelib.audit.archived_checkpoints import NEWEST
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.compact_tree import CompactTree
from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.merkle import leaf_hash, perfect_root
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.object_check import check_edge, check_tile
from chalicelib.audit.signed_checkpoint import SignedCheckpoint, read_signed
from chalicelib.audit.tiles import WIDTH, Tile, TileMissing, TileReader, tile_path, unbundle

_ENTRY = 34  # a commitment behind its length


class TreeExamination:
    """One examination of the tree alone; `seen` as in `Examination`."""

    def __init__(self, files: LogFiles, keys: Sequence[VerifierKey], seen: Sequence[Checkpoint] = ()) -> None:
        self._files, self._seen, self.findings = files, list(seen), list[Finding]()
        self.tree = CompactTree()
        self._edge: list[bytes] = []
        data = files.get(NEWEST)
        self.newest: SignedCheckpoint | None = None
        if data is None:
            self._report(Fault.MISSING, NEWEST)
        else:
            self.newest = read_signed(NEWEST, data, keys, self.findings)

    @property
    def size(self) -> int:
        """How many leaves the newest checkpoint counts."""
        return self.newest.checkpoint.size if self.newest else 0

    def run(self) -> Iterator[int]:
        """Examine everything; after each bundle, how many leaves that makes."""
        for index in range(-(-self.size // WIDTH)):
            entries = self._bundle(Tile(None, index, min(WIDTH, self.size - index * WIDTH)))
            if entries is None:
                return
            self._add(index, entries)
            yield self.tree.size
        self._end()

    def _report(self, fault: Fault, place: str, detail: str = "") -> None:
        self.findings.append(Finding(fault, place, detail))

    def _bundle(self, tile: Tile) -> list[bytes] | None:
        data = self._files.get(tile.path)
        if data is None and tile.width < WIDTH:
            whole = self._files.get(tile_path(None, tile.index))
            data = whole and whole[: tile.width * _ENTRY]
        try:
            entries = unbundle(data) if data is not None else []
        except ValueError as error:
            self._report(Fault.MALFORMED, tile.path, str(error))
            return None
        if len(entries) != tile.width:
            self._report(Fault.MISSING if data is None else Fault.ALTERED, tile.path)
            return None
        return entries

    def _leaves(self, index: int, entries: Sequence[bytes]) -> list[bytes]:
        """The leaf hashes: the bundle's, unless its tile has others and these are what is signed."""
        own, reader = [leaf_hash(one) for one in entries], TileReader(self.size, self._files.get)
        try:
            theirs = reader.tile(0, index)
            if theirs == own or not self._is_signed(reader, index, theirs):
                return own
        except TileMissing:  # it is told when the tree comes to it
            return own
        place = next(at for at, one in enumerate(theirs) if one != own[at])
        self._report(Fault.ALTERED, f"{Tile(None, index, len(own)).path}#{place}")
        return theirs

    def _is_signed(self, reader: TileReader, index: int, leaves: Sequence[bytes]) -> bool:
        """Whether the tree goes on with these: so says the tile above, or at its right edge the checkpoint."""
        if len(leaves) == WIDTH:
            return reader.tile(1, index // WIDTH)[index % WIDTH] == perfect_root(leaves)
        tree = self.tree.copy()
        tree.add(leaves, lambda *_: None)
        return self.newest is not None and self.newest.checkpoint.root == tree.root()

    def _add(self, index: int, entries: Sequence[bytes]) -> None:
        """One bundle's leaves; what became whole is compared, and so is what somebody has seen signed at a size within."""
        begin, hashes = self.tree.size, self._leaves(index, entries)
        stops = sorted({one.size for one in self._seen if begin < one.size < begin + len(entries)})
        for start, stop in zip([begin, *stops], [*stops, begin + len(entries)], strict=True):
            self.tree.add(hashes[start - begin : stop - begin], self._check)
            self._compare_seen(stop)
        self._edge = list(entries) if len(entries) < WIDTH else []

    def _check(self, tile: Tile, hashes: Sequence[bytes]) -> None:
        self.findings += check_tile(self._files, tile, hashes)

    def _compare_seen(self, size: int) -> None:
        if any(one.size == size and one.root != self.tree.root() for one in self._seen):
            self._report(Fault.FORK, NEWEST, f"you have seen another history of size {size}")

    def _end(self) -> None:
        if self.newest is None:
            return
        if self.newest.checkpoint.root != self.tree.root():
            self._report(Fault.FORK, NEWEST, "its root is not that of the bundles")
        self.findings += check_edge(self._files, self.tree, self._edge)
        if any(one.size > self.size for one in self._seen):
            self._report(Fault.ROLLED_BACK, NEWEST, "you have seen a larger one")
