"""Fakes of the hand-over's ports: bags really written and judged, kept in memory; what is archived first wins."""

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from chalicelib.adapters.bag_writer import write
from chalicelib.audit.retention import Retention
from chalicelib.transfers.model import File
from chalicelib.transfers.ports import Package
from chalicelib.usecases.platform import TransferPorts
from tests.fakes.in_memory import InMemoryStore

PART_SIZE = 2
Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass
class InMemoryPackages:
    """`Packages`."""

    archived: dict[str, tuple[Package, bytes, Retention]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def package(self, path: str) -> Package | None:
        return self.archived[path][0] if path in self.archived else None

    def archive(
        self, path: str, files: Iterable[File], info: Mapping[str, str], retention: Retention
    ) -> Package:
        with tempfile.TemporaryDirectory() as folder:
            written = write(files, info, str(Path(folder, "package.tar")))
            body = Path(written.path).read_bytes()
        with self.lock:
            return self.archived.setdefault(path, (Package(written.digest, written.size), body, retention))[0]

    def link(self, path: str, lifetime: timedelta) -> str:
        assert path in self.archived
        assert lifetime <= timedelta(minutes=15)
        return f"https://archive.example.cn/{path}"


def one_by_one(read: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """`Gather` without threads."""
    return map(read, given)


def in_memory_transfers(store: InMemoryStore) -> TransferPorts:
    """The ports over fakes."""
    return TransferPorts(store, InMemoryPackages(), one_by_one, PART_SIZE)
