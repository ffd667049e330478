"""The ports under contract, as one bundle: over memory, or over the tables of the local AWS."""

from dataclasses import dataclass

from chalicelib.audit.journal import Journal
from chalicelib.catalog.ports import CatalogStore
from chalicelib.certificates.ports import CertificateStore
from chalicelib.status.ports import StatusStore
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
    clock: FixedClock
