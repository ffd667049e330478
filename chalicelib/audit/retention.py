"""How long something stays locked: until a moment, at least 20 years on (art. 21), or open-ended, under a hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from chalicelib.kernel.clock import add_years

MINIMUM_YEARS: Final = 20  # art. 21


@dataclass(frozen=True, slots=True)
class Retention:
    """Locked until then; with `hold`, for as long as nobody entitled has lifted the hold, whatever the date."""

    until: datetime
    hold: bool = False

    @classmethod
    def least(cls, now: datetime) -> Self:
        """What anything gets that says nothing longer."""
        return cls(add_years(now, MINIMUM_YEARS))

    def covering(self, others: Iterable["Retention | None"]) -> "Retention":
        """The shortest that is no shorter than this one and any of the others."""
        known = [self, *(one for one in others if one is not None)]
        return Retention(max(one.until for one in known), any(one.hold for one in known))
