"""Tiles and entry bundles as C2SP tlog-tiles lays them out (https://c2sp.org/tlog-tiles).

A tile is 256 consecutive hashes of one level; level 0 holds leaf hashes, each hash of level L+1 is the root of a full tile
of level L. The rightmost tile of a level may be partial, and then it is never hashed into the one above.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from chalicelib.audit.merkle import HASH_SIZE, perfect_root, range_hash

WIDTH: Final = 256
HEIGHT: Final = 8
LONGEST_ENTRY: Final = 65_535
HIGHEST_LEVEL: Final = 63
_PATH: Final = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
# Reads an object by its path, or None when there is none.
Fetch = Callable[[str], bytes | None]


class TileMissing(ValueError):
    """A tile that the tree of this size must have is absent or has another width."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its level (None for an entry bundle), its index in the level, and how many hashes it has."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """tile/<L>/<N>[.p/<W>]."""
        return tile_path(self.level, self.index, self.width)

    @classmethod
    def parse(cls, path: str) -> Self:
        """The tile of a path in its only spelling. ValueError otherwise."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise ValueError("not the path of a tile")
        level = None if match[1] == "entries" else int(match[1])
        tile = cls(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH))
        if tile.path != path or (level or 0) > HIGHEST_LEVEL:
            raise ValueError("not the path of a tile")
        return tile


def tile_path(level: int | None, index: int, width: int = WIDTH) -> str:
    """The path of a tile, or of an entry bundle when `level` is None."""
    digits = f"{index % 1000:03d}"
    rest = index // 1000
    while rest:
        digits, rest = f"x{rest % 1000:03d}/{digits}", rest // 1000
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{digits}{partial}"


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """The hash tiles that a tree of size `new` has and one of size `old` has not; lowest level first."""
    for level in range(HIGHEST_LEVEL + 1):
        before, after = old >> (HEIGHT * level), new >> (HEIGHT * level)
        if after == before:
            return
        for index in range(before // WIDTH, after // WIDTH):
            yield Tile(level, index)
        if after % WIDTH:
            yield Tile(level, after // WIDTH, after % WIDTH)


def bundles_between(old: int, new: int) -> Iterator[Tile]:
    """The entry bundles that a tree of size `new` has and one of size `old` has not."""
    for tile in tiles_between(old, new):
        if tile.level == 0:
            yield Tile(None, tile.index, tile.width)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length in two bytes. ValueError for an entry of more than 65 535 bytes."""
    if any(len(entry) > LONGEST_ENTRY for entry in entries):
        raise ValueError("an entry is too long for a bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. ValueError when it ends in the middle of one."""
    found, at = [], 0
    while at < len(data):
        begin = at + 2
        at = begin + int.from_bytes(data[at:begin], "big")
        if begin > len(data) or at > len(data):
            raise ValueError("the bundle ends in the middle of an entry")
        found.append(data[begin:at])
    return found


def split(data: bytes) -> list[bytes]:
    """The hashes of a tile. ValueError when it is no whole number of hashes."""
    if len(data) % HASH_SIZE:
        raise ValueError("a tile is a whole number of hashes")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


class TileReader:
    """Hashes of perfect subtrees of a tree of `size`, read from its tiles; what was read is kept."""

    def __init__(self, size: int, fetch: Fetch) -> None:
        self._size, self._fetch = size, fetch
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def tile(self, level: int, index: int) -> list[bytes]:
        """A tile's hashes: as many as this size has; a full tile serves where the partial one is gone."""
        found = self._tiles.get((level, index))
        if found is None:
            width = min(WIDTH, (self._size >> (HEIGHT * level)) - index * WIDTH)
            found = self._read(Tile(level, index, width))
            self._tiles[level, index] = found
        return found

    def _read(self, tile: Tile) -> list[bytes]:
        data = self._fetch(tile.path) if tile.width > 0 else None
        if data is None and 0 < tile.width < WIDTH:
            data = (self._fetch(tile_path(tile.level, tile.index)) or b"")[: tile.width * HASH_SIZE]
        if data is None or len(data) != tile.width * HASH_SIZE:
            raise TileMissing(tile.path)
        return split(data)

    def subtree(self, level: int, index: int) -> bytes:
        """See `merkle.Subtree`. TileMissing when a tile is absent or not as wide as the size demands."""
        height = level % HEIGHT
        begin = index << height
        hashes = self.tile(level // HEIGHT, begin // WIDTH)
        at = begin % WIDTH
        return perfect_root(hashes[at : at + (1 << height)])

    def root(self) -> bytes:
        """The root at this size, from its right edge."""
        return range_hash(0, self._size, self.subtree)
