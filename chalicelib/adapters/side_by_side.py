"""Many reads at once: a read waits for the network nearly all of its time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

WORKERS: Final = 16
AHEAD: Final = 64  # results that may be in memory at a time
Given = TypeVar("Given")
Made = TypeVar("Made")


def side_by_side(read: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """See `Gather`."""
    waiting = iter(given)
    with ThreadPoolExecutor(WORKERS) as pool:
        while batch := list(islice(waiting, AHEAD)):
            yield from pool.map(read, batch)
