"""Which slot a certificate gets: random in a random list of the open generation, so that neighbours tell nothing.

A generation has 16 lists of 131 072 slots, N = 2^21 in all. A draw that hits a taken slot is drawn again; after 20 in
a row the next generation is opened. No counter is kept, so there is no hot key, and the certificates of a day lie
scattered over two million places: an index says neither when nor after whom a certificate was issued.

    a share p of the slots is taken  ─▶ a draw is free with 1 - p: 1 / (1 - p) draws on average
                                     ─▶ one review in p^-20 finds 20 taken in a row, and opens the next generation
    filled to p                      ─▶ N · p^21 / 21 such reviews were to be expected (the integral of N · x^20)
    the next generation opens        ─▶ at p = (21 / N)^(1/21) · Γ(1 + 1/21) = 0.56 on average; that figure is 1 at 0.58

Up to there a review needs 1.5 draws on average, in the end 2.4. A generation so serves some 1.2 million certificates.
"""

from collections.abc import Callable
from typing import Final

from chalicelib.kernel.entropy import Entropy
from chalicelib.status.model import LIST_SIZE, Slot

SHARDS: Final = 16
CROWDED_AFTER: Final = 20


def list_ids(generation: int) -> list[str]:
    """The names of a generation's lists."""
    return [f"{generation}-{shard:02d}" for shard in range(SHARDS)]


def draw_slot(entropy: Entropy, generation: int) -> Slot:
    """A uniformly random slot of the generation."""
    return Slot(list_ids(generation)[entropy.below(SHARDS)], entropy.below(LIST_SIZE))


def free_slot(entropy: Entropy, generation: int, taken: Callable[[Slot], bool]) -> Slot | None:
    """A random slot that nobody has, or None: the generation is crowded, and the next one is to be opened.

    `taken` only saves a refused transaction. Whether the slot is had is decided by `AllotSlot`.
    """
    draws = (draw_slot(entropy, generation) for _ in range(CROWDED_AFTER))
    return next((slot for slot in draws if not taken(slot)), None)
