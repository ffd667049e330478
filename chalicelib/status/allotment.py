"""Which slot a certificate gets: random in a random list of the open generation, so that neighbours tell nothing.

A generation has 16 lists of 131 072 slots, some two million. A draw that hits a taken slot is drawn again; after 20 in a
row the next generation is opened. At fill p that happens to one review in p^-20: over 2^21 reviews it is expected once
when 2^21 · p^21 / 21 = 1, at p ≈ 0.58, and until then a review needs at most 1 / (1 - 0.58) ≈ 2.4 draws. No counter is
kept, so there is no hot key.
"""

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
