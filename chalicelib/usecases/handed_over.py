"""One certificate as it is handed over: what the archive has of it, its history with proofs, its state at that moment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.audit.merkle import inclusion_proof
from chalicelib.audit.proof import Logged
from chalicelib.audit.segment import Line
from chalicelib.audit.tiles import TileReader
from chalicelib.catalog.type_metadata import type_metadata
from chalicelib.certificates.life_cycle import state_at
from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.encoding import parse_object
from chalicelib.kernel.errors import DomainError
from chalicelib.transfers.model import Item, Kept
from chalicelib.usecases.platform import Platform

# Which file of a certificate an entry names by its hash. What no entry names did not happen, and stays behind.
_NAMED: Final = {
    "submission_sha256": "submissions/{}.jws",
    "review_sha256": "reviews/{}.json",
    "act_sha256": "acts/{}.json",
}
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class NotHandedOver(Exception):
    """A certificate stands in the way of its transfer: why, and which."""

    def __init__(self, code: str, certificate: str | None = None) -> None:
        super().__init__(code)
        self.code, self.certificate = code, certificate


@dataclass(frozen=True, slots=True)
class Standing:
    """A record and the whole history that made it, both of one moment."""

    record: CertificateRecord
    history: Sequence[Line]


def standing(platform: Platform, identifier: str) -> Standing | None:
    """The certificate as it stands now; None while it is changing, or an entry about it is not sealed yet."""
    before = _record(platform, identifier)
    history = platform.log.outbox.sealed(identifier)
    # The record once more: what changed between the two reads would be handed over without its entry, or the reverse.
    if history is None or _record(platform, identifier).revision != before.revision:
        return None
    return Standing(before, history)


def _record(platform: Platform, identifier: str) -> CertificateRecord:
    record = platform.certificates.certificate(identifier)
    if record is None or record.credential is None:
        raise NotHandedOver("no_such_certificate", identifier)
    return record


def handed_over(platform: Platform, one: Standing, tree: TileReader, size: int, at: datetime) -> Item:
    """The item for the package. NotHandedOver when the archive does not have it as it was."""
    record = one.record
    entry = platform.catalog.version(record.type_code, record.catalog_version)
    if entry is None or record.credential is None:
        raise NotHandedOver("no_such_type", record.id)
    try:
        credential = platform.archive.get(record.credential)
        kept = tuple(_kept(platform, one))
    except DomainError as error:
        raise NotHandedOver(error.code, record.id) from error
    return Item(
        identifier=record.id,
        state=state_at(record, at),
        credential=credential,
        catalog_entry=entry,
        type_metadata=type_metadata(entry, platform.base_url),
        kept=kept,
        log=tuple(_proven(line, tree, size) for line in one.history),
    )


def _kept(platform: Platform, one: Standing) -> Iterator[Kept]:
    paths = dict.fromkeys(path for line in one.history for path in _paths(line))
    for path, digest in paths:
        yield Kept(path, platform.archive.read(f"certificates/{one.record.id}/{path}", digest))


def _paths(line: Line) -> Iterator[tuple[str, str]]:
    """(path, SHA-256) of each archived file that an entry names."""
    details = parse_object(line.entry).get("details")
    if not isinstance(details, dict):
        return
    for name, path in _NAMED.items():
        digest = details.get(name)
        if isinstance(digest, str) and _HASH.fullmatch(digest):
            yield path.format(digest), digest


def _proven(line: Line, tree: TileReader, size: int) -> Logged:
    hashes = inclusion_proof(line.index, size, tree.subtree)
    return Logged(line.index, line.entry, line.salt, tuple(hashes))
