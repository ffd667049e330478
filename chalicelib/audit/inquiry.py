"""What an auditor asks of the log: entries about something, of a kind, by somebody, of an outcome, of some days."""

from dataclasses import dataclass
from datetime import date

from chalicelib.audit.entry import Entry
from chalicelib.kernel.clock import business_date
from chalicelib.kernel.encoding import Json


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Each member that is given narrows the answer. Days are Shenzhen's, both included."""

    object: str | None = None
    kind: str | None = None
    unit: str | None = None
    person: str | None = None
    outcome: str | None = None
    first_day: date | None = None
    last_day: date | None = None

    def wants(self, entry: Entry) -> bool:
        """Whether the entry is one of those asked for."""
        pairs = (
            (self.object, entry.object),
            (self.kind, entry.kind),
            (self.unit, entry.actor.unit),
            (self.person, entry.actor.person),
            (self.outcome, entry.outcome),
        )
        return all(asked in (None, said) for asked, said in pairs) and self._in_time(entry)

    def _in_time(self, entry: Entry) -> bool:
        if self.first_day is None and self.last_day is None:
            return True
        day = business_date(entry.at)
        return (self.first_day or day) <= day <= (self.last_day or day)

    def filters(self, *, answered: bool) -> dict[str, Json]:
        """What was asked, as the log keeps it. An account that nothing was found of may be anybody's data: `?`."""
        person = self.person if answered or self.person is None else "?"
        said = {
            "object": self.object,
            "kind": self.kind,
            "unit": self.unit,
            "person": person,
            "outcome": self.outcome,
            "from": str(self.first_day) if self.first_day else None,
            "until": str(self.last_day) if self.last_day else None,
        }
        return {name: value for name, value in said.items() if value is not None}
