"""A log sealed by the real sealer over fakes, and its files in memory, for an examiner to read and a forger to touch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.examination import Examination, Standing
from chalicelib.audit.findings import Finding, Lock
from chalicelib.audit.note import Note, VerifierKey
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import EntryKey
from chalicelib.audit.segment import Unsealed
from chalicelib.kernel.clock import add_years
from chalicelib.kernel.encoding import sha256
from chalicelib.kernel.entropy import entry_id
from chalicelib.usecases.seal_log import seal_log
from tests.fakes.city import City, found_city
from tests.fakes.log import InMemoryLogStore, InMemoryOutbox, LocalLogSigner

SYSTEM = Actor("11440300MB2F01027X", "system", system="market-licensing")


@dataclass
class ActsOutbox(InMemoryOutbox):
    """`Outbox` whose acts wrote something."""

    written: dict[str, str] = field(default_factory=dict)

    def unsealed(self, keys: Sequence[EntryKey]) -> Sequence[Unsealed]:
        return [replace(one, changes=self.written.get(one.id)) for one in super().unsealed(keys)]


@dataclass
class MemoryFiles:
    """`LogFiles` in memory, with locks; copies are a forger's to change."""

    objects: dict[str, bytes]
    locks: dict[str, Retention]

    def get(self, path: str) -> bytes | None:
        return self.objects.get(path)

    def list(self, prefix: str) -> Iterator[str]:
        yield from sorted(path for path in self.objects if path.startswith(prefix))

    def lock(self, path: str) -> Lock | None:
        if path == "checkpoint" or ".p/" in path or path not in self.objects:
            return None
        kept = self.locks.get(path)
        return Lock(kept.until, kept.hold, "COMPLIANCE") if kept else Lock(None, hold=False, mode="")

    def copy(self) -> "MemoryFiles":
        return MemoryFiles(dict(self.objects), dict(self.locks))

    def under(self, prefix: str) -> Sequence[str]:
        return list(self.list(prefix))


class Archive:
    """Entries are logged, then sealed; `files` is what an auditor gets to see of it."""

    def __init__(self, signer: LocalLogSigner | None = None) -> None:
        self.city: City = found_city()
        self.city.store.entries.clear()  # the story begins with an empty log
        self.signer = signer or LocalLogSigner()
        self.outbox = ActsOutbox(self.city.store)
        self.store = InMemoryLogStore()
        log = replace(self.city.platform.log, outbox=self.outbox, store=self.store, signer=self.signer)
        self.platform = replace(self.city.platform, log=log)
        self._waiting: list[EntryKey] = []

    @property
    def now(self) -> datetime:
        return self.city.clock.moment

    @property
    def keys(self) -> Sequence[VerifierKey]:
        return self.signer.verifier_keys()

    def log(
        self,
        kind: str = "certificate_read",
        *,
        shifted: timedelta = timedelta(),
        retain: Retention | None = None,
    ) -> str:
        """One entry whose act wrote something when its kind is `certificate_collected`; dated `shifted` from now."""
        now = self.city.clock.now() + shifted
        name = entry_id(self.platform.entropy, now)
        changes = f'{{"put":"{name}"}}' if kind == "certificate_collected" else None
        digest = changes and sha256(changes.encode()).hex()
        entry = Entry(name, now, kind, "unit/x", SYSTEM, "request-1", retain=retain, changes=digest)
        self.city.store.commit([], [entry])
        self._waiting.append(EntryKey(entry.object, entry.id))
        if changes:
            self.outbox.written[name] = changes
        return name

    def seal(self, **later: float) -> None:
        """Seal what was logged, and let time pass."""
        seal_log(self.platform, self._waiting)
        self._waiting.clear()
        self.city.clock.advance(**later)

    def reseal(self) -> None:
        """Seal everything once more, as a sealer would that has lost its marks."""
        self.outbox.indices.clear()
        self._waiting = [EntryKey(one.object, one.id) for one in self.city.store.entries]
        self.seal()

    def files(self) -> MemoryFiles:
        """As of now."""
        store, edge = self.store, self.store.edge.items()
        objects = store.locked | {path: data for path, data in edge if not path.startswith("staging/")}
        return MemoryFiles(objects, dict(store.retentions))

    def checkpoint(self) -> Checkpoint:
        """The newest, as somebody might keep it."""
        return Checkpoint.parse(Note.parse(self.store.edge["checkpoint"]).text)


def told(archive: Archive, first: str = "certificate_read") -> Archive:
    """661 entries in five segments over two days: full tiles, partial ones, changes, long retentions, a hold."""
    now = archive.now
    for place, count in enumerate((200, 100, 300, 1, 60)):
        for number in range(count):
            kind = (
                "certificate_collected"
                if place != 3 and number % 50 == 7
                else first
                if number == 0
                else "certificate_read"
            )
            archive.log(kind, retain=_retain(now, place, number))
        archive.seal(hours=6)
    return archive


def _retain(now: datetime, place: int, number: int) -> Retention | None:
    longer = {(0, 3): Retention(add_years(now, 30)), (2, 5): Retention(add_years(now, 21), hold=True)}
    return longer.get((place, number))


def examined(
    files: MemoryFiles,
    archive: Archive,
    seen: Sequence[Checkpoint] = (),
    standing: Standing | None = None,
    now: datetime | None = None,
) -> list[Finding]:
    """What an examination finds."""
    examination = Examination(files, archive.keys, now or archive.now, seen, standing)
    for _ in examination.run():
        pass
    return examination.findings
