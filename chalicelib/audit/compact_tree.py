"""A tree that is fed leaf hashes in order and keeps only its right edge: for each level of tiles, the tile that grows.

At most 256 hashes a level, five levels for 10^12 leaves: an examination's memory is flat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from chalicelib.audit.merkle import perfect_root
from chalicelib.audit.merkle import root as tree_root
from chalicelib.audit.tiles import HEIGHT, WIDTH, Tile

# Told of each tile as it becomes whole: the tile and its hashes.
Whole = Callable[[Tile, Sequence[bytes]], None]


@dataclass(slots=True)
class CompactTree:
    """`size` leaves so far; `levels[n]` are the hashes of the growing tile of level n."""

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=lambda: [[]])

    def add(self, leaves: Sequence[bytes], whole: Whole) -> None:
        """Append leaf hashes; `whole` hears of every tile that becomes whole by them, lower levels first."""
        at = 0
        while at < len(leaves):
            room = WIDTH - len(self.levels[0])
            part = leaves[at : at + room]
            self.levels[0] += part
            self.size += len(part)
            at += len(part)
            self._carry(whole)

    def _carry(self, whole: Whole) -> None:
        level = 0
        while len(self.levels[level]) == WIDTH:
            hashes = self.levels[level]
            whole(Tile(level, (self.size >> (HEIGHT * (level + 1))) - 1), hashes)
            self.levels[level] = []
            if level + 1 == len(self.levels):
                self.levels.append([])
            self.levels[level + 1].append(perfect_root(hashes))
            level += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return tree_root(self.size, self._subtree)

    def _subtree(self, level: int, index: int) -> bytes:
        """Only the peaks are asked for, and each lies in the growing tile of its level."""
        tiles, height = level // HEIGHT, level % HEIGHT
        begin = (index << height) % WIDTH
        return perfect_root(self.levels[tiles][begin : begin + (1 << height)])

    def partial(self) -> list[tuple[Tile, list[bytes]]]:
        """The tiles that are not whole at this size, with their hashes."""
        return [
            (Tile(level, self.size >> (HEIGHT * (level + 1)), len(hashes)), hashes)
            for level, hashes in enumerate(self.levels)
            if hashes
        ]

    def copy(self) -> Self:
        """As it is now, to be gone back to."""
        return type(self)(self.size, [list(one) for one in self.levels])
