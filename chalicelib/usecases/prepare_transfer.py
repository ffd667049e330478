"""移交 (art. 12): the worker makes the packages of one transfer, part by part, and may die anywhere.

    list what was issued ─▶ archive that list ─▶ for each part: read, prove, write, judge, archive ─▶ record ─▶ ready
                           (first wins: parts are cut alike)                         (first wins)

Two workers at once make the same parts; what one archives first is what both record. Signs with no key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.entry import Actor
from chalicelib.audit.journal import ChangeRefused
from chalicelib.audit.note import Note
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import LogDamaged
from chalicelib.audit.tiles import TileReader
from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.model import ArchivedObject
from chalicelib.kernel.encoding import Json, canonical_json, parse_object
from chalicelib.kernel.errors import DomainError
from chalicelib.kernel.reading import array, text
from chalicelib.signing.x509_pem import pem
from chalicelib.transfers.changes import AdvanceTransfer
from chalicelib.transfers.layout import bag_info, files
from chalicelib.transfers.model import Item, NotTransferable, Scope, Transfer, Trust
from chalicelib.transfers.ports import Package
from chalicelib.transfers.record import (
    ENDED,
    MOST_PARTS,
    Obstacle,
    Part,
    TransferRecord,
    TransferState,
    part_path,
)
from chalicelib.units.model import Post
from chalicelib.units.trust import PLATFORM, is_root
from chalicelib.usecases.handed_over import NotHandedOver, Standing, handed_over, standing
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

PART_KIND: Final = "transfer_part_prepared"
READY_KIND: Final = "transfer_prepared"
REFUSED_KIND: Final = "transfer_refused"
ARCHIVIST: Final = Actor(PLATFORM, str(Post.SYSTEM), system="archivist")


@dataclass(frozen=True, slots=True)
class _Cut:
    """What is taken over, part by part."""

    selection: ArchivedObject
    parts: Sequence[Sequence[str]]


def prepare_transfer(platform: Platform, identifier: str, until: datetime) -> TransferState:
    """Carry the transfer on, beginning no part after `until`; the state in which it is left.

    Still `requested` or `preparing`: an entry waits for its seal, time was short, or another worker is ahead. To be
    called again then; ready or refused, it does nothing. LogDamaged and troubles of AWS pass through, also for again.
    """
    record = platform.transfers.store.transfer(identifier)
    if record is None:
        raise DomainError("no_such_transfer")
    if record.state in ENDED:
        return record.state
    try:
        return _prepare(platform, record, until)
    except NotHandedOver as fault:
        return _refuse(platform, record, Obstacle(fault.code, fault.certificate))
    except ChangeRefused:
        return record.state  # another worker recorded its part first: it goes on, or the next run does


def _prepare(platform: Platform, record: TransferRecord, until: datetime) -> TransferState:
    cut = _cut(platform, record)
    for number in range(len(record.parts) + 1, len(cut.parts) + 1):
        package = None if platform.clock.now() >= until else _package(platform, record, cut, number)
        if package is None:
            return record.state
        # A crash here leaves a part in the archive that is not recorded: the next run finds it there.
        record = _recorded(platform, record, cut, number, package)
    # A crash here leaves every part recorded; the next run has only this to say.
    return _ready(platform, record)


def _cut(platform: Platform, record: TransferRecord) -> _Cut:
    """The parts, each in order of identifier: as they were cut first, by whomever."""
    selection = record.selection or _selected(platform, record)
    # A crash here leaves the list in the archive; the next run is given that very list.
    names = [text(one) for one in array(parse_object(platform.archive.get(selection))["certificates"])]
    size = platform.transfers.part_size
    parts = [names[at : at + size] for at in range(0, len(names), size)]
    if not parts:
        raise NotHandedOver("nothing_issued")
    if len(parts) > MOST_PARTS:
        raise NotHandedOver("period_too_large")
    return _Cut(selection, parts)


def _selected(platform: Platform, record: TransferRecord) -> ArchivedObject:
    listed = platform.certificates.issued(record.type_code, record.first, record.last)
    certificates: list[Json] = [name for _, name in listed]
    body = canonical_json({"v": 1, "transfer": record.id, "certificates": certificates})
    path, kept = f"transfers/{record.id}/selection.json", Retention.least(record.requested_at)
    return platform.archive.put(path, body, "application/json", kept)


# -- one part


def _package(platform: Platform, record: TransferRecord, cut: _Cut, number: int) -> Package | None:
    """The part as archived; None when it cannot be made yet."""
    path = part_path(record.id, number)
    found = platform.transfers.packages.package(path)
    if found is not None:
        return found
    everything = _everything(platform, cut.parts[number - 1])
    checkpoint = platform.log.store.fetch("checkpoint")  # after the histories, so that it covers them
    if everything is None or checkpoint is None:
        return None
    size = Checkpoint.parse(Note.parse(checkpoint).text).size
    if any(one.history[-1].index >= size for one in everything):
        return None  # marked as sealed, and not yet under the newest checkpoint
    at = platform.clock.now()
    scope = _scope(platform, record, at, number, len(cut.parts))
    transfer = Transfer(scope, record.contact, _trust(platform, checkpoint))
    return _archived(platform, transfer, everything, size)


def _everything(platform: Platform, names: Sequence[str]) -> Sequence[Standing] | None:
    """Each certificate with its whole history; None when one of them is not to be had yet."""
    found = []
    for one in platform.transfers.gather(lambda name: standing(platform, name), names):
        if one is None or not one.history:
            return None
        found.append(one)
    return found


def _archived(platform: Platform, transfer: Transfer, everything: Sequence[Standing], size: int) -> Package:
    scope, begun = transfer.scope, [""]
    tree = TileReader(size, platform.log.store.fetch)

    def items() -> Iterator[Item]:
        def read(one: Standing) -> Item:
            return handed_over(platform, one, tree, size, scope.at)

        for item in platform.transfers.gather(read, everything):
            begun[0] = item.identifier
            yield item

    kept = Retention.least(scope.at).covering([one.record.retention for one in everything])
    path = part_path(scope.id, scope.part)
    try:
        return platform.transfers.packages.archive(path, files(transfer, items()), bag_info(transfer), kept)
    except NotTransferable as fault:
        raise NotHandedOver("not_transferable", begun[0] or None) from fault


def _scope(platform: Platform, record: TransferRecord, at: datetime, part: int, parts: int) -> Scope:
    entry = _catalog_entry(platform, record)
    source = platform.registry.unit(entry.defining_authority)
    return Scope(
        id=record.id,
        type_code=record.type_code,
        type_name=entry.name_zh,
        first=record.first,
        last=record.last,
        at=at,
        source_code=entry.defining_authority,
        source_name=source.name if source else entry.defining_authority,
        part=part,
        parts=parts,
    )


def _catalog_entry(platform: Platform, record: TransferRecord) -> CatalogEntry:
    entry = platform.catalog.newest(record.type_code)
    if entry is None:
        raise NotHandedOver("no_such_type")
    return entry


def _trust(platform: Platform, checkpoint: bytes) -> Trust:
    """As published now; the log's keys are those that signed this checkpoint."""
    certificates, crl = platform.registry.all_certificates(), platform.registry.crl()
    if crl is None:
        raise DomainError("stage_not_established")
    names = [one.key_id.hex() for one in Note.parse(checkpoint).signatures if one.name == platform.log.origin]
    keys = [platform.log.store.fetch(f"keys/{name}.vkey") for name in names]
    if not keys or None in keys:
        raise LogDamaged("keys")
    return Trust(
        roots=pem([one.der for one in certificates if is_root(one)]),
        unit_certificates=pem([one.der for one in certificates if not is_root(one)]),
        crl=crl[1],
        log_key=b"".join(one for one in keys if one),
        checkpoint=checkpoint,
    )


# -- what is recorded


def _recorded(
    platform: Platform, record: TransferRecord, cut: _Cut, number: int, package: Package
) -> TransferRecord:
    count = len(cut.parts[number - 1])
    part = Part(number, part_path(record.id, number), package.digest, package.size, count)
    after = replace(
        record,
        state=TransferState.PREPARING,
        revision=record.revision + 1,
        selection=cut.selection,
        parts=(*record.parts, part),
    )
    details: dict[str, Json] = {"part": number, "certificates": count, "sha256": package.digest}
    _commit(platform, record, after, PART_KIND, details)
    return after


def _ready(platform: Platform, record: TransferRecord) -> TransferState:
    after = replace(record, state=TransferState.READY, revision=record.revision + 1)
    digests: list[Json] = [one.digest for one in record.parts]
    counted: dict[str, Json] = {"parts": len(digests), "certificates": record.certificates}
    _commit(platform, record, after, READY_KIND, {**counted, "digests": digests})
    return after.state


def _refuse(platform: Platform, record: TransferRecord, obstacle: Obstacle) -> TransferState:
    """Whatever was archived stays; nobody is given it."""
    before = platform.transfers.store.transfer(record.id) or record  # with the parts recorded meanwhile
    if before.state in ENDED:
        return before.state  # another worker has come to an end of it
    after = replace(before, state=TransferState.REFUSED, revision=before.revision + 1, obstacle=obstacle)
    certificate: dict[str, Json] = {"certificate": obstacle.certificate} if obstacle.certificate else {}
    _commit(platform, before, after, REFUSED_KIND, {"code": obstacle.code, **certificate})
    return after.state


def _commit(
    platform: Platform, before: TransferRecord, after: TransferRecord, kind: str, details: dict[str, Json]
) -> None:
    office = Office(ARCHIVIST, f"transfer/{before.id}")
    log = office.entry(platform, kind, before.object, {**before.facts(), **details})
    platform.journal.commit([AdvanceTransfer(before, after)], [log])
