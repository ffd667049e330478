"""A transfer and what goes into it. Whoever builds these has read the bytes from the locked archive and the log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from chalicelib.audit.proof import Logged
from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.model import State

MOST_CERTIFICATES: Final = 10_000  # of one part: what its reader holds in memory grows with this number alone
_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?", re.ASCII)
# What a certificate can be when it is handed over, and what the list calls it.
STATES: Final[Mapping[State, str]] = {
    State.VALID: "有效",
    State.SUSPENDED: "中止",
    State.SUPERSEDED: "已被取代",
    State.REVOKED: "已注销",
    State.EXPIRED: "已过期",
}


class NotTransferable(ValueError):
    """What was given cannot be handed over as it is; the text names the certificate and the fault, no personal data."""


class File(NamedTuple):
    """A file of the package: its path below the bag, forward slashes, and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Scope:
    """What is handed over: certificates of one type whose date of issue lies in [first, last], Shenzhen dates.

    `at` is the moment of the hand-over, at which states were read. A large scope goes in `parts`, this being `part`.
    """

    id: str
    type_code: str
    type_name: str
    first: date
    last: date
    at: datetime
    source_code: str
    source_name: str
    part: int = 1
    parts: int = 1

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id) or self.first > self.last or self.at.tzinfo is None:
            raise NotTransferable("a transfer has an identifier, a period and an aware moment")
        if not 1 <= self.part <= self.parts:
            raise NotTransferable("a transfer's part is one of its parts")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the bureau asks: an official of the source, in office."""

    name: str
    phone: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What the package is judged with later: PEM, PEM, DER, `log.vkey` and the signed checkpoint, as published."""

    roots: bytes
    unit_certificates: bytes
    crl: bytes
    log_key: bytes
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Transfer:
    """One part of a hand-over, without its certificates."""

    scope: Scope
    contact: Contact
    trust: Trust


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission, review or act as archived: its path below the certificate's folder, such as `acts/<sha256>.json`."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One certificate. `catalog_entry` is the version it was prepared under, `type_metadata` what its `vct` serves."""

    identifier: str
    state: State
    credential: bytes
    catalog_entry: CatalogEntry
    type_metadata: bytes
    kept: tuple[Kept, ...]
    log: tuple[Logged, ...]
