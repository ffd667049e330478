"""Fakes for a rebuild: tables whose acts state what stood before, and a log's two buckets read as files."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.audit.findings import Lock
from chalicelib.audit.rebuilding import Act, SealedEntry, TablesNotEmpty
from chalicelib.audit.sealing import Head, SegmentRef
from tests.fakes.log import InMemoryLogStore


def act_line(name: str, key: str, before: int | None, after: int | None) -> str:
    """An act that turns one item from one value into another; None is absent."""
    return json.dumps({"after": after, "before": before, "id": name, "key": key})


@dataclass
class InMemoryRestoration:
    """`Restoration`: one dictionary of items, each act applied once, under its own condition."""

    rows: dict[str, int] = field(default_factory=dict)
    log: dict[str, SealedEntry] = field(default_factory=dict)
    segments: dict[int, SegmentRef] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    head: Head | None = None
    claim: tuple[Head, int] | None = None
    applied: list[str] = field(default_factory=list)

    def begin(self, head: Head) -> int:
        if self.claim is not None and self.claim[0] == head:
            return self.claim[1]
        if self.claim is not None or self.rows or self.log or self.head is not None:
            raise TablesNotEmpty("log")
        self.head, self.claim = head, (head, 0)
        return 0

    def entries(self, entries: Sequence[SealedEntry], segment: SegmentRef) -> None:
        assert self.claim is not None, "nothing is written before the claim"
        for one in entries:
            assert self.log.setdefault(one.id, one) == one
        self.segments[segment.first] = segment

    def apply(self, acts: Sequence[Act]) -> Sequence[Act]:
        return [act for act in acts if not self._applied(act)]

    def _applied(self, act: Act) -> bool:
        try:
            said = json.loads(act.line)
        except ValueError:
            return False
        if said["id"] in self.marks:
            return True
        if self.rows.get(said["key"]) != said["before"]:
            return False
        self.marks.add(said["id"])
        self.applied.append(said["id"])
        self.rows[said["key"]] = said["after"]
        if said["after"] is None:
            del self.rows[said["key"]]
        return True

    def advance(self, size: int) -> None:
        assert self.claim is not None
        assert size > self.claim[1]
        self.claim = (self.claim[0], size)

    def finish(self) -> None:
        self.marks.clear()
        self.claim = None


@dataclass
class StoredFiles:
    """`LogFiles` over the fake buckets."""

    store: InMemoryLogStore

    def get(self, path: str) -> bytes | None:
        return self.store.fetch(path)

    def list(self, prefix: str) -> Iterator[str]:
        yield from sorted(path for path in self.store.locked if path.startswith(prefix))

    def lock(self, path: str) -> Lock | None:
        kept = self.store.retentions.get(path)
        return (
            None
            if kept is None or path not in self.store.locked
            else Lock(kept.until, kept.hold, "COMPLIANCE")
        )
