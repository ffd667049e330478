"""What every use case is handed: the ports, and the facts of the stage. Built in `bootstrap` (or of fakes, in tests)."""

from dataclasses import dataclass

from chalicelib.audit.anchors import TimestampAuthority, Witnesses
from chalicelib.audit.journal import Journal
from chalicelib.audit.personal import PersonalTexts
from chalicelib.audit.sealing import LogSigner, LogStore, Outbox
from chalicelib.catalog.ports import CatalogStore
from chalicelib.certificates.ports import Archive, BlindIndex, CertificateStore
from chalicelib.kernel.clock import Clock
from chalicelib.kernel.entropy import Entropy
from chalicelib.signing.ports import Signer
from chalicelib.status.ports import StatusStore
from chalicelib.transfers.ports import Gather, Packages, TransferStore
from chalicelib.units.ports import Registry, StaffIdentity


@dataclass(frozen=True, slots=True)
class Keys:
    """KMS key names of the platform itself; units' keys stand on their certificates. `token[0]` signs, all verify."""

    root: str
    token: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class LogPorts:
    """The log's own: `origin` names it in every checkpoint and never changes. Anchors are optional: none, and None."""

    origin: str
    outbox: Outbox
    store: LogStore
    signer: LogSigner
    witnesses: Witnesses
    timestamps: TimestampAuthority | None = None


@dataclass(frozen=True, slots=True)
class TransferPorts:
    """Of the hand-over; `part_size` is how many certificates go into one package."""

    store: TransferStore
    packages: Packages
    gather: Gather
    part_size: int


@dataclass(frozen=True, slots=True)
class Platform:
    """One stage. `base_url` is public, without a trailing slash, and is part of what is signed."""

    base_url: str
    keys: Keys
    clock: Clock
    entropy: Entropy
    signer: Signer
    journal: Journal
    registry: Registry
    catalog: CatalogStore
    certificates: CertificateStore
    blind_index: BlindIndex
    statuses: StatusStore
    archive: Archive
    staff: StaffIdentity
    log: LogPorts
    transfers: TransferPorts
    texts: PersonalTexts
