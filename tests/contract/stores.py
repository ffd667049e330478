"""The ports under contract, as one bundle: over memory, or over the tables of the local AWS."""

from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.dynamo_items import Items
from chalicelib.audit.journal import Journal
from chalicelib.audit.sealing import Outbox
from chalicelib.catalog.ports import CatalogStore
from chalicelib.certificates.ports import CertificateStore
from chalicelib.status.ports import StatusStore
from chalicelib.transfers.ports import TransferStore
from chalicelib.units.ports import Registry
from tests.fakes.ambient import FixedClock


@dataclass(frozen=True, slots=True)
class Stores:
    """What a commit changes, and how it is read."""

    journal: Journal
    certificates: CertificateStore
    catalog: CatalogStore
    registry: Registry
    statuses: StatusStore
    transfers: TransferStore
    clock: FixedClock


@dataclass(frozen=True, slots=True)
class Outboxes:
    """What is committed, and what the sealer is handed of it; over DynamoDB, the client and the tables too."""

    journal: Journal
    outbox: Outbox
    clock: FixedClock
    client: Any = None
    items: Items | None = None

    @property
    def table(self) -> Items:
        """The adapter's own; fails over memory."""
        assert self.items is not None
        return self.items
