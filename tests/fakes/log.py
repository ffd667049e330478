"""Fakes of the log's ports: an outbox over the in-memory journal, two buckets that assert what must never happen, real keys."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

from chalicelib.adapters.http_witness import HttpWitnesses
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import ED25519, ML_DSA_65, Note, NoteSignature, VerifierKey, timestamped
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import EntryKey, Head, HeadMoved, LogDamaged, Recorded, SegmentRef
from chalicelib.audit.segment import Line, Unsealed
from chalicelib.kernel.errors import DomainError
from chalicelib.usecases.platform import LogPorts
from tests.fakes.in_memory import InMemoryStore

ORIGIN = "zz.example.cn/log"


@dataclass
class InMemoryOutbox:
    """`Outbox` over the entries of the in-memory journal; each entry's salt is drawn from its id, so runs repeat."""

    store: InMemoryStore
    indices: dict[EntryKey, int] = field(default_factory=dict)
    segments: dict[int, SegmentRef] = field(default_factory=dict)
    standing: Head | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def waiting(self, before: datetime, limit: int) -> Sequence[EntryKey]:
        found = [one for one in self.store.entries if one.at < before]
        keys = [EntryKey(one.object, one.id) for one in found]
        return [one for one in keys if one not in self.indices][:limit]

    def unsealed(self, keys: Sequence[EntryKey]) -> Sequence[Unsealed]:
        with self.lock:
            return [
                Unsealed(one.object, one.id, one.canonical(), hashlib.sha256(one.id.encode()).digest())
                for key in dict.fromkeys(keys)
                if key not in self.indices and (one := self.store.known.get(key.id)) is not None
            ]

    def mark(self, first: int, keys: Sequence[EntryKey]) -> None:
        with self.lock:
            for place, one in enumerate(keys):
                if (
                    one.id not in self.store.known
                    or self.indices.setdefault(one, first + place) != first + place
                ):
                    raise LogDamaged(f"entry {one.id} is absent or has another index")

    def head(self) -> Head | None:
        return self.standing

    def advance(self, before: Head | None, after: Head) -> None:
        with self.lock:
            if self.standing != before:
                raise HeadMoved
            self.standing = after

    def settle(self, pending: Head, settled: Head, segment: SegmentRef) -> None:
        with self.lock:
            if self.standing == pending:
                self.standing = settled
                assert self.segments.setdefault(segment.first, segment) == segment

    def sealed(self, obj: str) -> Sequence[Line] | None:
        with self.lock:
            keys = [EntryKey(one.object, one.id) for one in self.store.history(obj)]
            if any(one not in self.indices for one in keys):
                return None
            entries = ((self.indices[one], self.store.known[one.id].canonical(), one.id) for one in keys)
            return [
                Line(at, entry, hashlib.sha256(name.encode()).digest()) for at, entry, name in sorted(entries)
            ]

    def segment_of(self, index: int) -> SegmentRef | None:
        begun = [first for first in self.segments if first <= index]
        found = self.segments[max(begun)] if begun else None
        return found if found is not None and index < found.first + found.count else None

    def about(self, obj: str, after: str | None, limit: int) -> Sequence[Recorded]:
        found = [one for one in self.store.history(obj) if one.id > (after or "")]
        return [
            Recorded(one.id, one.canonical(), self.indices.get(EntryKey(obj, one.id)))
            for one in found[:limit]
        ]


@dataclass
class InMemoryLogStore:
    """`LogStore`: what is locked is never replaced; a path of the edge never gets other bytes than before."""

    locked: dict[str, bytes] = field(default_factory=dict)
    edge: dict[str, bytes] = field(default_factory=dict)
    retentions: dict[str, Retention] = field(default_factory=dict)
    guard: threading.RLock = field(default_factory=threading.RLock)
    puts: int = 0

    def lock(self, path: str, body: bytes, retention: Retention) -> None:
        if self.lock_first(path, body, retention) != body:
            raise LogDamaged(path)

    def lock_first(self, path: str, body: bytes, retention: Retention) -> bytes:
        with self.guard:
            self.puts += 1
            self.retentions.setdefault(path, retention)
            return self.locked.setdefault(path, body)

    def keep(self, path: str, body: bytes) -> None:
        with self.guard:
            self.puts += 1
            assert self.edge.setdefault(path, body) == body, f"{path} was written with other bytes"

    def newest(self, checkpoint: bytes, size: int) -> None:
        with self.guard:
            self.puts += 1
            standing = self.edge.get("checkpoint")
            if standing is None or Checkpoint.parse(Note.parse(standing).text).size < size:
                self.edge["checkpoint"] = checkpoint

    def fetch(self, path: str) -> bytes | None:
        growing = path == "checkpoint" or path.startswith("staging/") or ".p/" in path
        return (self.edge if growing else self.locked).get(path)


class LocalLogSigner:
    """`LogSigner` with keys in this process; counts its signatures."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self._ed25519, self._ml_dsa = Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate()
        self._keys = (
            VerifierKey(origin, ED25519, self._ed25519.public_key().public_bytes_raw()),
            VerifierKey(origin, ML_DSA_65, self._ml_dsa.public_key().public_bytes_raw()),
        )
        self.signed = 0
        self.disabled = False

    def verifier_keys(self) -> Sequence[VerifierKey]:
        return self._keys

    def sign(self, checkpoint: Checkpoint, time: datetime) -> bytes:
        if self.disabled:
            raise DomainError("signing_key_unavailable")
        seconds, text = int(time.timestamp()), checkpoint.text()
        classic, quantum = self._keys
        self.signed += 1
        lines = (
            NoteSignature(classic.name, classic.id, self._ed25519.sign(classic.sign_input(text, seconds))),
            NoteSignature(
                quantum.name,
                quantum.id,
                timestamped(seconds, self._ml_dsa.sign(quantum.sign_input(text, seconds))),
            ),
        )
        return Note(text, lines).render()


def in_memory_log(store: InMemoryStore) -> LogPorts:
    """The log's ports over fakes."""
    return LogPorts(ORIGIN, InMemoryOutbox(store), InMemoryLogStore(), LocalLogSigner(), HttpWitnesses(()))
