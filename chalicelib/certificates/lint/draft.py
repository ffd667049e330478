"""What the rules look at: a credential in all its parts, not yet encoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.catalog.model import CatalogEntry
from chalicelib.kernel.encoding import Json


@dataclass(frozen=True, slots=True)
class Draft:
    """Header and payload as they would be signed, the disclosed claims with their salts, and what governs them."""

    header: Mapping[str, Json]
    visible: Mapping[str, Json]
    disclosed: Mapping[str, Json]
    salts: Sequence[bytes]
    entry: CatalogEntry
    issuer: str
    base_url: str
    now: datetime

    def text(self, name: str) -> str:
        """A disclosed claim as text, empty when it is absent or something else."""
        value = self.disclosed.get(name)
        return value if isinstance(value, str) else ""

    def day(self, name: str) -> date | None:
        """A disclosed claim as a date, written YYYY-MM-DD; None when it is absent or anything else."""
        text = self.text(name)
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return day if day.isoformat() == text else None  # ISO 8601 has more spellings, and one is enough

    def attributes(self) -> dict[str, Json]:
        """The catalog's own fields among the disclosed claims."""
        names = {attribute.name for attribute in self.entry.attributes}
        return {name: value for name, value in self.disclosed.items() if name in names}
