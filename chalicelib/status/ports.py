"""Reading status. Writing goes through the journal."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from chalicelib.status.model import PublishedList, Slot, Status


class StatusStore(Protocol):
    """Status values and published lists; reads are consistent."""

    def generation(self) -> int:
        """The number of the open generation of lists, 1 at the start."""
        ...

    def taken(self, slot: Slot) -> bool:
        """Whether somebody has the slot."""
        ...

    def deviations(self, list_id: str) -> Mapping[int, Status]:
        """Index → value for every slot of the list that is not VALID."""
        ...

    def published(self, list_id: str) -> PublishedList | None:
        """The list as last published."""
        ...

    def list_ids(self) -> Iterable[str]:
        """Every list that has ever been opened."""
        ...
