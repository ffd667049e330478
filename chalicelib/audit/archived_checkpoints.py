"""The checkpoints of an archive, met in the order of their sizes beside the segments that they vouch for."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.signed_checkpoint import SignedCheckpoint, read_signed

CHECKPOINTS: Final = "checkpoints/"
NEWEST: Final = "checkpoint"
_SIZE: Final = re.compile(CHECKPOINTS + r"\d{12}", re.ASCII)


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
            if _SIZE.fullmatch(path):
                yield int(path.removeprefix(CHECKPOINTS))
            else:
                self._found.append(Finding(Fault.UNEXPECTED, path))

    def newest(self) -> SignedCheckpoint | None:
        """The newest checkpoint, which is not archived; where there is none that counts, the largest that is archived."""
        return self.read_newest() or self._largest()

    def read_newest(self) -> SignedCheckpoint | None:
        """The newest as it stands at this moment."""
        return self._read(NEWEST)

    def _largest(self) -> SignedCheckpoint | None:
        largest = max((one for one in self._files.list(CHECKPOINTS) if _SIZE.fullmatch(one)), default=None)
        data = largest and self._files.get(largest)
        return read_signed(largest, data, self._keys, []) if largest and data else None

    def has(self, size: int) -> bool:
        """Whether one of this size is archived."""
        return self._files.get(checkpoint_path(size)) is not None

    def at(self, size: int) -> SignedCheckpoint | None:
        """The one of this size, where a segment ends; those before it end nowhere, and are reported."""
        while self._next is not None and self._next < size:
            self._stray(self._next)
        if self._next != size:
            self._found.append(Finding(Fault.MISSING, checkpoint_path(size)))
            return None
        return self._take()

    def pass_over(self, size: int) -> None:
        """Go past those of at most this size."""
        while self._next is not None and self._next <= size:
            self._take()

    def last(self) -> int:
        """The largest size that was signed."""
        while self._next is not None:
            self._take()
        return self._last

    def _stray(self, size: int) -> None:
        if self._take() is not None:
            self._found.append(Finding(Fault.FORK, checkpoint_path(size), "no segment ends there"))

    def _take(self) -> SignedCheckpoint | None:
        """The next one, read; of those that are signed, the last is remembered."""
        size, self._next = self._next or 0, next(self._sizes, None)
        signed = self._read(checkpoint_path(size))
        if signed is None:
            return None
        if signed.checkpoint.size != size:
            self._found.append(
                Finding(Fault.REORDERED, signed.path, f"it is of size {signed.checkpoint.size}")
            )
            return None
        self._last = size
        return signed

    def _read(self, path: str) -> SignedCheckpoint | None:
        data = self._files.get(path)
        if data is None:
            self._found.append(Finding(Fault.MISSING, path))
            return None
        return read_signed(path, data, self._keys, self._found)


def checkpoint_path(size: int) -> str:
    """Where the checkpoint of this size is archived."""
    return f"{CHECKPOINTS}{size:012d}"
