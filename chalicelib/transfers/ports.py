"""What transfers need from the world."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from chalicelib.audit.retention import Retention
from chalicelib.transfers.model import File
from chalicelib.transfers.record import TransferRecord

Given = TypeVar("Given")
Made = TypeVar("Made")


class TransferStore(Protocol):
    """Transfers; every read is consistent. Writing goes through the journal."""

    def transfer(self, identifier: str) -> TransferRecord | None:
        """One transfer."""
        ...

    def transfers(self, after: str | None, limit: int) -> tuple[Sequence[TransferRecord], str | None]:
        """A page of all of them, newest first, and the `after` of the page that follows, if any does."""
        ...

    def unfinished(self) -> Sequence[TransferRecord]:
        """Those that are neither ready nor refused, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Package:
    """A package in the archive: the bag's own digest (SHA-256 of its tag manifest, hex), and bytes."""

    digest: str
    size: int


class Packages(Protocol):
    """Bags in the locked archive: what is archived first wins, and nothing is ever overwritten."""

    def package(self, path: str) -> Package | None:
        """What is archived there."""
        ...

    def archive(
        self, path: str, files: Iterable[File], info: Mapping[str, str], retention: Retention
    ) -> Package:
        """Write the bag, have it judged, and put it there, locked; the package that is there then, ours or an earlier one.

        What `files` raises passes through, and nothing is archived. ValueError when the bag is not valid.
        """
        ...

    def link(self, path: str, lifetime: timedelta) -> str:
        """A URL that fetches the package until then, for whoever has it."""
        ...


class Gather(Protocol):
    """Many reads side by side."""

    def __call__(self, read: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """What `read` makes of each, in order; few are in memory at a time. What one raises is raised in its place."""
        ...
