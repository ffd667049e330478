"""Reading the catalog. Writing goes through the journal."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.catalog.model import CatalogEntry


class CatalogStore(Protocol):
    """Published versions, which never change: an implementation may cache a version that it has seen."""

    def newest(self, type_code: str) -> CatalogEntry | None:
        """The newest version, read consistently."""
        ...

    def version(self, type_code: str, version: int) -> CatalogEntry | None:
        """One version."""
        ...

    def page(self, after: str | None, limit: int) -> tuple[Sequence[CatalogEntry], str | None]:
        """The newest version of up to `limit` types in the order of their codes, and where the next page begins."""
        ...
