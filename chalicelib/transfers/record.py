"""A hand-over as the system holds it, from the bureau's request to the packages that it fetches.

requested ──first part archived──▶ preparing ──last part──▶ ready
    └───────────────┴── a certificate that cannot be handed over ──▶ refused
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chalicelib.certificates.model import ArchivedObject
from chalicelib.kernel.clock import timestamp
from chalicelib.kernel.encoding import Json
from chalicelib.transfers.model import Contact

PART_SIZE: Final = 2_000  # certificates: what a function's minutes, memory and disk bear with ease
MOST_PARTS: Final = 100  # of one transfer; a longer list is asked for in shorter periods


class TransferState(StrEnum):
    """How far it is."""

    REQUESTED = "requested"
    PREPARING = "preparing"
    READY = "ready"
    REFUSED = "refused"


ENDED: Final = frozenset({TransferState.READY, TransferState.REFUSED})


@dataclass(frozen=True, slots=True)
class Part:
    """One package in the archive: `digest` is the bag's own, as the log names it; `size` in bytes."""

    number: int
    path: str
    digest: str
    size: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing is handed over: a code, and the certificate at fault if it is one's."""

    code: str
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """One hand-over. `revision` rises with each write and is every write's condition.

    `selection` is the list of what it takes over, archived once: so parts are cut alike, however often they are begun.
    """

    id: str
    unit: str
    type_code: str
    first: date
    last: date
    contact: Contact
    requested_at: datetime
    state: TransferState = TransferState.REQUESTED
    revision: int = 1
    selection: ArchivedObject | None = None
    parts: tuple[Part, ...] = ()
    obstacle: Obstacle | None = None

    @property
    def object(self) -> str:
        """What the log calls it."""
        return f"transfer/{self.id}"

    @property
    def certificates(self) -> int:
        """How many are in the parts so far."""
        return sum(one.certificates for one in self.parts)

    def overview(self) -> dict[str, Json]:
        """How it stands, without its packages and without the contact."""
        return {
            "id": self.id,
            "state": str(self.state),
            "type_code": self.type_code,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "requested_at": timestamp(self.requested_at),
            "certificates": self.certificates,
        }

    def facts(self) -> dict[str, Json]:
        """What the log says of it: never the contact."""
        return {
            "identifier": self.id,
            "type_code": self.type_code,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


def part_path(identifier: str, number: int) -> str:
    """Where a part lies in the archive."""
    return f"transfers/{identifier}/part-{number}.tar"
