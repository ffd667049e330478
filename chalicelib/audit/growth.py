"""The right edge of a growing tree: from the tiles of the old size and the new leaves, every new tile and the new root."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.audit.merkle import leaf_hash, perfect_root
from chalicelib.audit.merkle import root as tree_root
from chalicelib.audit.tiles import HEIGHT, WIDTH, Tile, TileReader


@dataclass(slots=True)
class _Level:
    """The hashes of one level from `start`, the beginning of the old size's last tile, to the new size's end."""

    start: int
    hashes: list[bytes] = field(default_factory=list)

    def slice(self, begin: int, count: int) -> list[bytes]:
        """`count` hashes from index `begin` of the level."""
        return self.hashes[begin - self.start : begin - self.start + count]


class Growth:
    """A tree of `old` leaves, whose tiles `reader` reads, with the leaves of these commitments after them."""

    def __init__(self, old: int, reader: TileReader, commitments: Sequence[bytes]) -> None:
        self.old, self.size = old, old + len(commitments)
        self._levels: list[_Level] = []
        new = [leaf_hash(one) for one in commitments]
        while new or old >> (HEIGHT * len(self._levels)):
            new = self._grow(reader, new)

    def _grow(self, reader: TileReader, new: Sequence[bytes]) -> list[bytes]:
        """Add the next level; the hashes that are new in the one above it."""
        height = len(self._levels)
        before = self.old >> (HEIGHT * height)
        level = _Level(before // WIDTH * WIDTH)
        if before % WIDTH:
            level.hashes += reader.tile(height, before // WIDTH)
        level.hashes += new
        self._levels.append(level)
        whole = len(level.hashes) // WIDTH * WIDTH
        return [perfect_root(level.hashes[at : at + WIDTH]) for at in range(0, whole, WIDTH)]

    def root(self) -> bytes:
        """The root at the new size."""
        return tree_root(self.size, self._subtree)

    def tile(self, tile: Tile) -> bytes:
        """The bytes of a hash tile that is new at this size."""
        return b"".join(self._levels[tile.level or 0].slice(tile.index * WIDTH, tile.width))

    def _subtree(self, level: int, index: int) -> bytes:
        height = level % HEIGHT
        return perfect_root(self._levels[level // HEIGHT].slice(index << height, 1 << height))
