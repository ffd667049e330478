"""The checkpoints of an archive, met in the order of their sizes beside the segments that they vouch for."""

from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.signed_checkpoint import SignedCheckpoint, read_signed

CHECKPOINTS: Final = "checkpoints/"
NEWEST: Final = "checkpoint"
DIGITS: Final = 12


class ArchivedCheckpoints:
    """A walk through `checkpoints/`, from those larger than `passed` on; what is out of place goes to `found`."""

    def __init__(
        self, files: LogFiles, keys: Sequence[VerifierKey], found: list[Finding], passed: int = 0
    ) -> None:
        self._files, self._keys, self._found = files, keys, found
        self._sizes = (size for size in self._listed() if size > passed)
        self._next = next(self._sizes, None)
        self._last = passed

    def _listed(self) -> Iterator[int]:
        for path in self._files.list(CHECKPOINTS):
            text = path.removeprefix(CHECKPOINTS)
            if len(text) == DIGITS and text.isascii() and text.isdecimal():
                yield int(text)
            else:
                self._found.append(Finding(Fault.UNEXPECTED, path))

    def newest(self) -> SignedCheckpoint | None:
        """The newest checkpoint, which is not archived."""
        return self._read(NEWEST)

    def has(self, size: int) -> bool:
        """Whether one of this size is archived."""
        return self._files.get(_path(size)) is not None

    def at(self, size: int) -> SignedCheckpoint | None:
        """The one of this size, where a segment ends; those before it end nowhere, and are reported."""
        self.pass_over(size - 1, reporting=True)
        if self._next != size:
            self._found.append(Finding(Fault.MISSING, _path(size)))
            return None
        self._advance()
        return self._read(_path(size))

    def pass_over(self, size: int, *, reporting: bool = False) -> None:
        """Go past those of at most this size."""
        while self._next is not None and self._next <= size:
            if reporting:
                self._found.append(Finding(Fault.FORK, _path(self._next), "no segment ends there"))
            self._advance()

    def last(self) -> int:
        """The largest size of all."""
        while self._next is not None:
            self._advance()
        return self._last

    def _advance(self) -> None:
        if self._next is not None:
            self._last = self._next
        self._next = next(self._sizes, None)

    def _read(self, path: str) -> SignedCheckpoint | None:
        data = self._files.get(path)
        if data is None:
            self._found.append(Finding(Fault.MISSING, path))
            return None
        return read_signed(path, data, self._keys, self._found)


def _path(size: int) -> str:
    return f"{CHECKPOINTS}{size:012d}"
