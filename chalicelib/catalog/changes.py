"""What may change in the catalog."""

from dataclasses import dataclass

from chalicelib.audit.journal import Change
from chalicelib.catalog.model import CatalogEntry


@dataclass(frozen=True, slots=True)
class PublishEntry(Change):
    """Publish this version: refused when it exists, or when it does not follow the newest one directly."""

    entry: CatalogEntry
