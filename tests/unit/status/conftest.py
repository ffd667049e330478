from dataclasses import replace
from datetime import datetime

import pytest

from tests.fakes.ambient import TickingClock
from tests.fakes.city import City, found_city


class StoppedClock(TickingClock):
    """Looking at it takes no time."""

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def city() -> City:
    """A city whose clock moves only when it is moved: what ends, ends to the microsecond."""
    found = found_city()
    found.clock = StoppedClock(found.clock.moment.replace(microsecond=0))
    found.platform = replace(found.platform, clock=found.clock)
    return found
