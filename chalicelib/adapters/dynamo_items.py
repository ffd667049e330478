"""How each change is written: the one place that knows keys, attributes and conditions of the tables.

Table         pk                       sk              holds
certificates  <identifier>             record          state, revision; the rest sealed
              number#<blind index>     number          serial that owns the number
              issued#<type>#<month>#<0-f> <date>#<id>  that it was issued with that date; shard by hash of <id>
catalog       type#<type code>         version#<nnn>   one published version
              newest                   <type code>     copy of the newest version
units         unit#<USCC>              unit            the unit
              unit#<USCC>              x509#<serial>   its certificates (`platform`: the platform's own)
              system#<client id>       system
              person#<issuer>          <subject>
              platform                 crl             the last CRL
log           <object>                 <entry id>      one entry, canonical JSON, with its salt; unsealed: `outbox`, and
                                                       `changes`, what its act wrote; sealed: `index`
sealing       head                     head            the tree as far as it is decided
              segments                 <first index>   which segment begins there
              rebuild…                 …               only while tables are rebuilt: see dynamo_rebuild
requests      reply#<hash>             reply           answer to an Idempotency-Key
              assertion#<hash>         assertion       a used `jti`
status        slot#<list>#<index>      slot            who has the slot
              list#<list>              value#<index>   a value other than valid
              list#<list>              published       the list as served
              lists                    <generation>    that it was opened
transfers     transfers                <identifier>    a hand-over: state, revision; the rest sealed
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import singledispatchmethod
from typing import Any, Final

from chalicelib.adapters.codec import encode
from chalicelib.adapters.sealing import Sealer
from chalicelib.audit.entry import Entry
from chalicelib.audit.journal import Change, Reply
from chalicelib.audit.segment import SALT_SIZE
from chalicelib.catalog.changes import PublishEntry
from chalicelib.certificates.changes import (
    AdvanceCertificate,
    CreateCertificate,
    ListIssued,
    ReleaseNumber,
    ReserveNumber,
)
from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.clock import timestamp
from chalicelib.status.changes import AllotSlot, OpenGeneration, PutPublishedList, SetStatus
from chalicelib.status.model import Status
from chalicelib.transfers.changes import AdvanceTransfer, CreateTransfer
from chalicelib.transfers.record import TransferRecord
from chalicelib.units.changes import (
    PutCrl,
    PutPerson,
    PutSystem,
    PutUnit,
    PutUnitCertificate,
    RequireUnitCertificate,
    UseAssertion,
)

Attributes = dict[str, Any]  # a DynamoDB item in the low-level client's form, {"pk": {"S": …}}
TRANSFERS: Final = "transfers"
NEW: Final = "attribute_not_exists(pk)"


@dataclass(frozen=True, slots=True)
class Tables:
    """Physical table names."""

    certificates: str
    catalog: str
    units: str
    log: str
    requests: str
    status: str
    sealing: str
    transfers: str


@dataclass(frozen=True, slots=True)
class Write:
    """One member of TransactWriteItems: `verb` is Put, Delete or ConditionCheck; always with a condition."""

    verb: str
    table: str
    item: Attributes
    condition: str
    values: Attributes = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def member(self) -> Attributes:
        """The low-level form."""
        subject = "Item" if self.verb == "Put" else "Key"
        body: Attributes = {
            "TableName": self.table,
            subject: self.item,
            "ConditionExpression": self.condition,
        }
        if self.values:
            body["ExpressionAttributeValues"] = self.values
        if self.names:
            body["ExpressionAttributeNames"] = self.names
        return {self.verb: body}


def key(pk: str, sk: str) -> Attributes:
    """A key in the low-level form."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def hashed(*parts: str) -> str:
    """A key of fixed length from parts of any length and content."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def issued_key(type_code: str, month: date, shard: str) -> str:
    """The partition of what was issued in that month: one of sixteen, so that bulk does not heat a single one."""
    return f"issued#{type_code}#{month:%Y-%m}#{shard}"


def _put(
    table: str, at: Attributes, rest: Attributes, condition: str = NEW, values: Attributes | None = None
) -> Write:
    return Write("Put", table, {**at, **rest}, condition, values or {})


def _body(value: Any) -> Attributes:
    return {"body": {"S": encode(value)}}


def _epoch(moment: datetime) -> Attributes:
    return {"N": str(int(moment.timestamp()))}


class Items:
    """Changes, entries and replies as writes. `now` is asked once per reply, for its expiry condition."""

    def __init__(self, tables: Tables, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self.tables, self._sealer, self._now = tables, sealer, now

    def entry(self, entry: Entry, changes: str | None = None) -> Write:
        """An entry never replaces another. Its salt is drawn here: nothing else needs it before it is sealed."""
        body = {
            "body": {"S": entry.canonical().decode()},
            "at": {"S": timestamp(entry.at)},
            "kind": {"S": entry.kind},
            "salt": {"B": os.urandom(SALT_SIZE)},
            "outbox": {"S": entry.id[-1]},
            **({"changes": {"S": changes}} if changes is not None else {}),
        }
        return _put(self.tables.log, key(entry.object, entry.id), body)

    def reply(self, reply: Reply) -> Write:
        """TTL deletes days late, so an expired reply may be replaced."""
        body = {**_body(reply), "expires_at": _epoch(reply.expires_at)}
        condition, values = f"{NEW} OR expires_at < :now", {":now": _epoch(self._now())}
        return _put(self.tables.requests, key("reply#" + reply.request, "reply"), body, condition, values)

    @singledispatchmethod
    def writes(self, change: Change) -> list[Write]:
        """The writes of one change."""
        raise TypeError(f"no item form for {type(change).__name__}")

    def _record(self, record: CertificateRecord) -> Attributes:
        return {
            "state": {"S": str(record.state)},
            "revision": {"N": str(record.revision)},
            "sealed": {"B": self._sealer.seal(record.id, encode(record).encode())},
        }

    @writes.register
    def _(self, change: CreateCertificate) -> list[Write]:
        return [_put(self.tables.certificates, key(change.record.id, "record"), self._record(change.record))]

    @writes.register
    def _(self, change: AdvanceCertificate) -> list[Write]:
        before = {":revision": {"N": str(change.before.revision)}, ":state": {"S": str(change.before.state)}}
        write = _put(
            self.tables.certificates,
            key(change.after.id, "record"),
            self._record(change.after),
            "revision = :revision AND #state = :state",
            before,
        )
        write.names["#state"] = "state"  # a reserved word
        return [write]

    @writes.register
    def _(self, change: ReserveNumber) -> list[Write]:
        serial = {"serial": {"S": change.certificate}}
        condition, values = f"{NEW} OR serial = :serial", {":serial": serial["serial"]}
        at = key("number#" + change.number_index, "number")
        return [_put(self.tables.certificates, at, serial, condition, values)]

    @writes.register
    def _(self, change: ListIssued) -> list[Write]:
        pk = issued_key(change.type_code, change.issue_date, hashed(change.certificate)[-1])
        at = key(pk, f"{change.issue_date.isoformat()}#{change.certificate}")
        return [_put(self.tables.certificates, at, {})]

    @writes.register
    def _(self, change: ReleaseNumber) -> list[Write]:
        at, values = key("number#" + change.number_index, "number"), {":serial": {"S": change.certificate}}
        return [Write("Delete", self.tables.certificates, at, "serial = :serial", values)]

    @writes.register
    def _(self, change: PublishEntry) -> list[Write]:
        entry, body = change.entry, {**_body(change.entry), "version": {"N": str(change.entry.version)}}
        version = _put(
            self.tables.catalog, key(f"type#{entry.type_code}", f"version#{entry.version:06d}"), body
        )
        newest = _put(self.tables.catalog, key("newest", entry.type_code), body)
        if entry.version > 1:
            values = {":before": {"N": str(entry.version - 1)}}
            newest = Write("Put", self.tables.catalog, newest.item, "version = :before", values)
        return [version, newest]

    def _registered(self, at: Attributes, value: object, expected: object | None) -> list[Write]:
        if expected is None:
            return [_put(self.tables.units, at, _body(value))]
        return [_put(self.tables.units, at, _body(value), "body = :body", {":body": _body(expected)["body"]})]

    @writes.register
    def _(self, change: PutUnit) -> list[Write]:
        return self._registered(key(f"unit#{change.unit.id}", "unit"), change.unit, change.expected)

    @writes.register
    def _(self, change: PutSystem) -> list[Write]:
        return self._registered(
            key(f"system#{change.system.client_id}", "system"), change.system, change.expected
        )

    @writes.register
    def _(self, change: PutPerson) -> list[Write]:
        person = change.person
        return self._registered(key(f"person#{person.issuer}", person.subject), person, change.expected)

    @writes.register
    def _(self, change: PutUnitCertificate) -> list[Write]:
        certificate = change.certificate
        at = key(f"unit#{certificate.unit}", f"x509#{certificate.serial}")
        return self._registered(at, certificate, change.expected)

    @writes.register
    def _(self, change: RequireUnitCertificate) -> list[Write]:
        certificate = change.certificate
        at = key(f"unit#{certificate.unit}", f"x509#{certificate.serial}")
        values = {":body": _body(certificate)["body"]}
        return [Write("ConditionCheck", self.tables.units, at, "body = :body", values)]

    @writes.register
    def _(self, change: PutCrl) -> list[Write]:
        rest = {"number": {"N": str(change.number)}, "der": {"B": change.der}}
        first, before = change.number == 1, {":before": {"N": str(change.number - 1)}}
        write = _put(self.tables.units, key("platform", "crl"), rest, NEW if first else "#number = :before")
        if not first:
            write.values.update(before)
            write.names["#number"] = "number"
        return [write]

    @writes.register
    def _(self, change: UseAssertion) -> list[Write]:
        at = key("assertion#" + hashed(change.client_id, change.jti), "assertion")
        return [_put(self.tables.requests, at, {"expires_at": _epoch(change.expires_at)})]

    @writes.register
    def _(self, change: AllotSlot) -> list[Write]:
        at = key(f"slot#{change.slot.list_id}#{change.slot.index:06d}", "slot")
        return [_put(self.tables.status, at, {"certificate": {"S": change.certificate}})]

    @writes.register
    def _(self, change: SetStatus) -> list[Write]:
        at = key(f"list#{change.slot.list_id}", f"value#{change.slot.index:06d}")
        # The condition is the slot's owner's record, in the same transaction; here anything may stand or not.
        if change.status is Status.VALID:
            return [Write("Delete", self.tables.status, at, f"{NEW} OR attribute_exists(pk)")]
        value = {"value": {"N": str(int(change.status))}}
        return [_put(self.tables.status, at, value, f"{NEW} OR attribute_exists(pk)")]

    @writes.register
    def _(self, change: PutPublishedList) -> list[Write]:
        published = change.published
        rest = {**_body(published), "version": {"N": str(published.version)}}
        before = {":before": {"N": str(published.version - 1)}}
        condition, values = (NEW, {}) if published.version == 1 else ("version = :before", before)
        return [
            _put(self.tables.status, key(f"list#{published.list_id}", "published"), rest, condition, values)
        ]

    @writes.register
    def _(self, change: OpenGeneration) -> list[Write]:
        return [_put(self.tables.status, key("lists", f"{change.generation:06d}"), {})]

    def _transfer(
        self, record: TransferRecord, condition: str = NEW, values: Attributes | None = None
    ) -> list[Write]:
        rest = {
            "state": {"S": str(record.state)},
            "revision": {"N": str(record.revision)},
            "sealed": {"B": self._sealer.seal(record.object, encode(record).encode())},
        }
        return [_put(self.tables.transfers, key(TRANSFERS, record.id), rest, condition, values)]

    @writes.register
    def _(self, change: CreateTransfer) -> list[Write]:
        return self._transfer(change.record)

    @writes.register
    def _(self, change: AdvanceTransfer) -> list[Write]:
        before = {":revision": {"N": str(change.before.revision)}}
        return self._transfer(change.after, "revision = :revision", before)
