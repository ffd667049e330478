"""What may change about status, each with its condition."""

from dataclasses import dataclass

from chalicelib.audit.journal import Change
from chalicelib.status.model import PublishedList, Slot, Status


@dataclass(frozen=True, slots=True)
class AllotSlot(Change):
    """Give the slot to the certificate; refused when anybody has it. Each slot is its own key: no hot partition."""

    slot: Slot
    certificate: str


@dataclass(frozen=True, slots=True)
class SetStatus(Change):
    """Set the slot's value. VALID removes the item: a list stores only what differs from valid.

    The certificate's own record carries the condition, in the same transaction.
    """

    slot: Slot
    status: Status


@dataclass(frozen=True, slots=True)
class PutPublishedList(Change):
    """Publish: refused unless `published.version` is exactly one more than the version stored (0 = none)."""

    published: PublishedList


@dataclass(frozen=True, slots=True)
class OpenGeneration(Change):
    """Open the next generation of lists; refused when somebody opened it already."""

    generation: int
