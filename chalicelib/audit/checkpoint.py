"""A checkpoint (https://c2sp.org/tlog-checkpoint): which log, how many entries, and the root over them."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from chalicelib.audit.merkle import HASH_SIZE

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_FEWEST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head. `origin` names the log; `root` is RFC 9162's over `size` leaves."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note's text: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse; extension lines are allowed and mean nothing here. ValueError when it is no checkpoint."""
        lines = text.split("\n")
        if len(lines) <= _FEWEST_LINES or lines[-1] or not all(lines[:-1]):
            raise ValueError("a checkpoint has three lines")
        origin, size, encoded = lines[:_FEWEST_LINES]
        if not _SIZE.fullmatch(size):
            raise ValueError("not the size of a tree")
        return cls(origin, int(size), _root(encoded))


def _root(encoded: str) -> bytes:
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not a root hash") from error
    if len(root) != HASH_SIZE or base64.b64encode(root).decode("ascii") != encoded:
        raise ValueError("not a root hash")
    return root
