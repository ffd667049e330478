"""Fakes of every storage port over one dictionary, all or nothing like the real transaction.

The fake asserts what the real one must never do: no unconditional write, no second object under a locked key.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import singledispatchmethod
from typing import TypeVar

from chalicelib.audit.entry import Entry
from chalicelib.audit.journal import Change, ChangeRefused, Reply
from chalicelib.audit.retention import Retention
from chalicelib.catalog.changes import PublishEntry
from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.changes import (
    AdvanceCertificate,
    CreateCertificate,
    ListIssued,
    ReleaseNumber,
    ReserveNumber,
)
from chalicelib.certificates.model import ArchivedObject, CertificateRecord
from chalicelib.kernel.errors import Conflict, DomainError
from chalicelib.status.allotment import list_ids
from chalicelib.status.changes import AllotSlot, OpenGeneration, PutPublishedList, SetStatus
from chalicelib.status.model import PublishedList, Slot, Status
from chalicelib.transfers.changes import AdvanceTransfer, CreateTransfer
from chalicelib.transfers.record import ENDED, TransferRecord
from chalicelib.units.changes import (
    PutCrl,
    PutPerson,
    PutSystem,
    PutUnit,
    PutUnitCertificate,
    RequireUnitCertificate,
    UseAssertion,
)
from chalicelib.units.model import Person, System, Unit, UnitCertificate

Key = tuple[str, ...]
Kind = TypeVar("Kind")


@dataclass
class InMemoryStore:
    """Journal, Registry, CatalogStore, CertificateStore and StatusStore in one: they share one transaction."""

    now: Callable[[], datetime]
    rows: dict[Key, object] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    known: dict[str, Entry] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    # -- Journal

    def commit(self, changes: Sequence[Change], entries: Sequence[Entry], reply: Reply | None = None) -> None:
        assert entries, "no act without its entry"
        with self.lock:
            if reply is not None:
                standing = self.replies.get(reply.request)
                if standing is not None and standing.expires_at > self.now():
                    raise ChangeRefused(reply)
            plan: dict[Key, object | None] = {}
            for change in changes:
                for key, condition, value in self.effect(change):
                    assert key not in plan, f"one transaction touches {key} twice"
                    if not condition(self.rows.get(key)):
                        raise ChangeRefused(change)
                    plan[key] = value
            if any(entry.id in self.known for entry in entries):
                raise Conflict("already_recorded")
            self._apply(plan, entries, reply)

    def _apply(self, plan: dict[Key, object | None], entries: Sequence[Entry], reply: Reply | None) -> None:
        for key, value in plan.items():
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
        self.entries.extend(entries)
        self.known.update((entry.id, entry) for entry in entries)
        if reply is not None:
            self.replies[reply.request] = reply

    def reply_to(self, request: str) -> Reply | None:
        return self.replies.get(request)

    def history(self, obj: str) -> Sequence[Entry]:
        return sorted((entry for entry in self.entries if entry.object == obj), key=lambda entry: entry.id)

    # -- what each change does, and its condition

    @singledispatchmethod
    def effect(self, change: Change) -> list[tuple[Key, Callable[[object], bool], object | None]]:
        raise TypeError(type(change).__name__)

    @staticmethod
    def _absent(found: object) -> bool:
        return found is None

    def _expecting(
        self, key: Key, value: object, expected: object | None
    ) -> list[tuple[Key, Callable[[object], bool], object]]:
        return [(key, lambda found: found == expected, value)]

    @effect.register
    def _(self, change: CreateCertificate) -> list[tuple[Key, Callable[[object], bool], object]]:
        return [(("certificate", change.record.id), self._absent, change.record)]

    @effect.register
    def _(self, change: AdvanceCertificate) -> list[tuple[Key, Callable[[object], bool], object]]:
        before = change.before

        def unchanged(found: object) -> bool:
            return isinstance(found, CertificateRecord) and (found.revision, found.state) == (
                before.revision,
                before.state,
            )

        return [(("certificate", change.after.id), unchanged, change.after)]

    @effect.register
    def _(self, change: ReserveNumber) -> list[tuple[Key, Callable[[object], bool], object]]:
        mine = change.certificate
        return [(("number", change.number_index), lambda found: found in (None, mine), mine)]

    @effect.register
    def _(self, change: ListIssued) -> list[tuple[Key, Callable[[object], bool], object]]:
        at = ("issued", change.type_code, change.issue_date.isoformat(), change.certificate)
        return [(at, self._absent, change)]

    @effect.register
    def _(self, change: ReleaseNumber) -> list[tuple[Key, Callable[[object], bool], object | None]]:
        return [(("number", change.number_index), lambda found: found == change.certificate, None)]

    @effect.register
    def _(self, change: PublishEntry) -> list[tuple[Key, Callable[[object], bool], object]]:
        entry = change.entry

        def follows(found: object) -> bool:
            return (found.version if isinstance(found, CatalogEntry) else 0) == entry.version - 1

        return [
            (("version", entry.type_code, str(entry.version)), self._absent, entry),
            (("newest", entry.type_code), follows, entry),
        ]

    @effect.register
    def _(self, change: PutUnit) -> list[tuple[Key, Callable[[object], bool], object]]:
        return self._expecting(("unit", change.unit.id), change.unit, change.expected)

    @effect.register
    def _(self, change: PutSystem) -> list[tuple[Key, Callable[[object], bool], object]]:
        return self._expecting(("system", change.system.client_id), change.system, change.expected)

    @effect.register
    def _(self, change: PutPerson) -> list[tuple[Key, Callable[[object], bool], object]]:
        return self._expecting(
            ("person", change.person.issuer, change.person.subject), change.person, change.expected
        )

    @effect.register
    def _(self, change: PutUnitCertificate) -> list[tuple[Key, Callable[[object], bool], object]]:
        one = change.certificate
        return self._expecting(("x509", one.unit, one.serial), one, change.expected)

    @effect.register
    def _(self, change: RequireUnitCertificate) -> list[tuple[Key, Callable[[object], bool], object]]:
        one = change.certificate
        return self._expecting(("x509", one.unit, one.serial), one, one)

    @effect.register
    def _(self, change: UseAssertion) -> list[tuple[Key, Callable[[object], bool], object]]:
        return [(("assertion", change.client_id, change.jti), self._absent, change)]

    @effect.register
    def _(self, change: PutCrl) -> list[tuple[Key, Callable[[object], bool], object]]:
        def follows(found: object) -> bool:
            return (found.number if isinstance(found, PutCrl) else 0) == change.number - 1

        return [(("crl",), follows, change)]

    @effect.register
    def _(self, change: AllotSlot) -> list[tuple[Key, Callable[[object], bool], object]]:
        return [(("slot", change.slot.list_id, str(change.slot.index)), self._absent, change.certificate)]

    @effect.register
    def _(self, change: SetStatus) -> list[tuple[Key, Callable[[object], bool], object | None]]:
        value = None if change.status is Status.VALID else change
        return [(("value", change.slot.list_id, str(change.slot.index)), lambda _: True, value)]

    @effect.register
    def _(self, change: PutPublishedList) -> list[tuple[Key, Callable[[object], bool], object]]:
        published = change.published

        def follows(found: object) -> bool:
            return (found.version if isinstance(found, PublishedList) else 0) == published.version - 1

        return [(("published", published.list_id), follows, published)]

    @effect.register
    def _(self, change: OpenGeneration) -> list[tuple[Key, Callable[[object], bool], object]]:
        return [(("generation", f"{change.generation:06d}"), self._absent, change)]

    @effect.register
    def _(self, change: CreateTransfer) -> list[tuple[Key, Callable[[object], bool], object]]:
        return [(("transfer", change.record.id), self._absent, change.record)]

    @effect.register
    def _(self, change: AdvanceTransfer) -> list[tuple[Key, Callable[[object], bool], object]]:
        revision = change.before.revision

        def unchanged(found: object) -> bool:
            return isinstance(found, TransferRecord) and found.revision == revision

        return [(("transfer", change.after.id), unchanged, change.after)]

    # -- reading

    def _all(self, kind: type[Kind]) -> list[Kind]:
        with self.lock:
            return [value for value in self.rows.values() if isinstance(value, kind)]

    def certificate(self, identifier: str) -> CertificateRecord | None:
        return self._get(CertificateRecord, "certificate", identifier)

    def issued(self, type_code: str, first: date, last: date) -> Iterator[tuple[date, str]]:
        listed = sorted(self._all(ListIssued), key=lambda one: one.certificate)
        for one in listed:
            if one.type_code == type_code and first <= one.issue_date <= last:
                yield one.issue_date, one.certificate

    def _get(self, kind: type[Kind], *key: str) -> Kind | None:
        found = self.rows.get(key)
        assert found is None or isinstance(found, kind)
        return found

    def transfer(self, identifier: str) -> TransferRecord | None:
        return self._get(TransferRecord, "transfer", identifier)

    def transfers(self, after: str | None, limit: int) -> tuple[Sequence[TransferRecord], str | None]:
        found = sorted(self._all(TransferRecord), key=lambda one: one.id, reverse=True)
        left = [one for one in found if after is None or one.id < after]
        return left[:limit], left[limit - 1].id if len(left) > limit else None

    def unfinished(self) -> Sequence[TransferRecord]:
        found = [one for one in self._all(TransferRecord) if one.state not in ENDED]
        return sorted(found, key=lambda one: one.id)

    def newest(self, type_code: str) -> CatalogEntry | None:
        return self._get(CatalogEntry, "newest", type_code)

    def version(self, type_code: str, version: int) -> CatalogEntry | None:
        return self._get(CatalogEntry, "version", type_code, str(version))

    def page(self, after: str | None, limit: int) -> tuple[Sequence[CatalogEntry], str | None]:
        newest = sorted(key[1] for key in self.rows if key[0] == "newest" and key[1] > (after or ""))
        entries = [entry for code in newest[:limit] if (entry := self.newest(code)) is not None]
        return entries, newest[limit - 1] if len(newest) > limit else None

    def unit(self, unit_id: str) -> Unit | None:
        return self._get(Unit, "unit", unit_id)

    def system(self, client_id: str) -> System | None:
        return self._get(System, "system", client_id)

    def system_and_unit(self, client_id: str, unit_id: str) -> tuple[System | None, Unit | None]:
        return self.system(client_id), self.unit(unit_id)

    def person(self, issuer: str, subject: str) -> Person | None:
        return self._get(Person, "person", issuer, subject)

    def certificates(self, unit_id: str) -> Sequence[UnitCertificate]:
        return [one for one in self.all_certificates() if one.unit == unit_id]

    def unit_and_certificates(self, unit_id: str) -> tuple[Unit | None, Sequence[UnitCertificate]]:
        return self.unit(unit_id), self.certificates(unit_id)

    def all_certificates(self) -> Sequence[UnitCertificate]:
        return sorted(self._all(UnitCertificate), key=lambda one: (one.not_before, one.serial))

    def crl(self) -> tuple[int, bytes] | None:
        found = self._get(PutCrl, "crl")
        return None if found is None else (found.number, found.der)

    def generation(self) -> int:
        return max((one.generation for one in self._all(OpenGeneration)), default=1)

    def taken(self, slot: Slot) -> bool:
        return ("slot", slot.list_id, str(slot.index)) in self.rows

    def deviations(self, list_id: str) -> Mapping[int, Status]:
        return {one.slot.index: one.status for one in self._all(SetStatus) if one.slot.list_id == list_id}

    def published(self, list_id: str) -> PublishedList | None:
        return self._get(PublishedList, "published", list_id)

    def list_ids(self) -> Iterable[str]:
        return [name for generation in range(1, self.generation() + 1) for name in list_ids(generation)]


@dataclass
class InMemoryArchive:
    """`Archive`: what is archived first wins; nothing is ever replaced or removed."""

    objects: dict[str, tuple[bytes, Retention]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: str, body: bytes, content_type: str, retention: Retention) -> ArchivedObject:
        assert content_type
        with self.lock:
            stored, _ = self.objects.setdefault(key, (body, retention))
        return ArchivedObject(key, "v1", hashlib.sha256(stored).hexdigest())

    def get(self, archived: ArchivedObject) -> bytes:
        body = self.objects[archived.key][0]
        if hashlib.sha256(body).hexdigest() != archived.sha256:
            raise DomainError("archive_damaged")
        return body

    def read(self, key: str, sha256: str) -> bytes:
        body = self.objects[key][0] if key in self.objects else b""
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DomainError("archive_damaged")
        return body


class FixedBlindIndex:
    """`BlindIndex` under a fixed key."""

    def of(self, purpose: str, *parts: str) -> str:
        return hmac.new(b"test", "\x00".join((purpose, *parts)).encode(), hashlib.sha256).hexdigest()
