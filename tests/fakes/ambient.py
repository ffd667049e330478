"""Time and randomness that a test holds in its hand."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shenzhen


@dataclass
class FixedClock:
    """`Clock` that stands until it is moved."""

    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class TickingClock(FixedClock):
    """`Clock` on which every look takes a microsecond, so that what happens later is later."""

    def now(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment


class SeededEntropy:
    """`Entropy` that draws the same lots each run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)
