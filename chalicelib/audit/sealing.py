"""What sealing needs from the world, and the state it goes through.

    settled(size, root) ──advance: the one lock──▶ pending(size', root', what is staged) ──everything published──▶ settled(size', root')

Whoever finds the head pending finishes it first, with the staged bytes: publishing is idempotent, signing is done again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment import Line, Unsealed
from chalicelib.kernel.errors import Conflict, DomainError


@dataclass(frozen=True, slots=True)
class EntryKey:
    """Where an entry lies in the log table."""

    object: str
    id: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A segment on its way: the object in the unlocked bucket, its hash, and where in it the changes begin."""

    path: str
    sha256: str
    changes_at: int


@dataclass(frozen=True, slots=True)
class Head:
    """The tree as far as it is decided. With `staged` it is pending: decided, and perhaps not yet published.

    `first` is the size before. `retention` is the longest that any entry so far asks for: the tree's own objects are
    kept as long as the entries that they prove. `keys` are the ids of the signing keys that the archive has.
    """

    size: int
    root: bytes
    first: int
    sealed_at: datetime
    retention: Retention
    keys: tuple[str, ...] = ()
    staged: Staged | None = None

    @property
    def pending(self) -> bool:
        """Whether something may still have to be published."""
        return self.staged is not None


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """Which segment holds the entries [first, first + count)."""

    first: int
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as the log table has it: its canonical bytes, and its index once it is sealed."""

    id: str
    entry: bytes
    index: int | None


class HeadMoved(Conflict):
    """Another sealer was faster: nothing was written."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("log_head_moved")


class LogDamaged(DomainError):
    """What is stored is not what was sealed: an alarm, and nothing more is sealed on top of it. `facts` say where."""

    __slots__ = ()

    def __init__(self, *where: str) -> None:
        super().__init__("log_damaged", None, where)


class Outbox(Protocol):
    """The unsealed entries, the head, and where an entry can be found."""

    def waiting(self, before: datetime, limit: int) -> Sequence[EntryKey]:
        """Entries older than `before` that seem unsealed; may lag behind by a moment, either way."""
        ...

    def unsealed(self, keys: Sequence[EntryKey]) -> Sequence[Unsealed]:
        """Those of the keys that carry no index as of now, read consistently; each once."""
        ...

    def mark(self, first: int, keys: Sequence[EntryKey]) -> None:
        """Give the keys their indices from `first` on. Repeating is harmless; LogDamaged when one has another index."""
        ...

    def head(self) -> Head | None:
        """Read consistently; None before anything was sealed."""
        ...

    def advance(self, before: Head | None, after: Head) -> None:
        """Compare-and-swap. HeadMoved when the head is not `before`."""
        ...

    def settle(self, pending: Head, settled: Head, segment: SegmentRef) -> None:
        """The pending head is published: from now on its segment can be found. Nothing happens when it has moved on."""
        ...

    def sealed(self, obj: str) -> Sequence[Line] | None:
        """Every entry about the object, in the order of the tree, read consistently; None while one of them is not sealed."""
        ...

    def segment_of(self, index: int) -> SegmentRef | None:
        """The settled segment that holds this index."""
        ...

    def about(self, obj: str, after: str | None, limit: int) -> Sequence[Recorded]:
        """At most `limit` entries about the object, sealed or not, with ids behind `after`, in their order; consistently."""
        ...


class LogStore(Protocol):
    """The locked and the unlocked bucket of the log, by the paths of docs/log.md."""

    def lock(self, path: str, body: bytes, retention: Retention) -> None:
        """Durable and locked. What is there already stays; LogDamaged when it is anything else than `body`."""
        ...

    def lock_first(self, path: str, body: bytes, retention: Retention) -> bytes:
        """As `lock`, and what is there already counts: its bytes are returned."""
        ...

    def keep(self, path: str, body: bytes) -> None:
        """Into the unlocked bucket; repeating is harmless."""
        ...

    def newest(self, checkpoint: bytes, size: int) -> None:
        """The newest checkpoint, in the unlocked bucket; never replaced by one of a smaller tree."""
        ...

    def fetch(self, path: str) -> bytes | None:
        """An object of either bucket, the locked one first for what is locked when whole."""
        ...


class LogSigner(Protocol):
    """Signs checkpoints; the keys never leave where they are."""

    def verifier_keys(self) -> Sequence[VerifierKey]:
        """The keys that sign now: Ed25519 first, then ML-DSA-65."""
        ...

    def sign(self, checkpoint: Checkpoint, time: datetime) -> bytes:
        """The signed note: one call of KMS for each key, each signature checked before it is believed.

        DomainError("signing_key_unavailable", "signing_service_unavailable", "signature_does_not_verify").
        """
        ...
