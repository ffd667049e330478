from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import gamma, log

import pytest

from chalicelib.status.allotment import CROWDED_AFTER, SHARDS, draw_slot, free_slot, list_ids
from chalicelib.status.model import LIST_SIZE, Slot
from tests.fakes.ambient import SeededEntropy


class CountingEntropy(SeededEntropy):
    """Says how many lots were drawn, and out of how many."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.bounds: list[int] = []

    def below(self, bound: int) -> int:
        self.bounds.append(bound)
        return super().below(bound)


def full_to(share: float, seed: int) -> Callable[[Slot], bool]:
    """A generation of which that share is taken, at random: a draw hits a taken slot with just that chance."""
    entropy = SeededEntropy(seed)
    return lambda _: entropy.below(1_000_000) < share * 1_000_000


def test_a_generation_has_sixteen_lists_named_by_generation_and_shard() -> None:
    assert list_ids(3) == [f"3-{shard:02d}" for shard in range(16)]
    assert not set(list_ids(1)) & set(list_ids(11))


def test_a_slot_lies_in_the_generation_and_in_the_list() -> None:
    entropy = CountingEntropy()
    drawn = [draw_slot(entropy, 2) for _ in range(1000)]
    assert {slot.list_id for slot in drawn} == set(list_ids(2))
    assert all(0 <= slot.index < LIST_SIZE for slot in drawn)
    assert (
        entropy.bounds == [SHARDS, LIST_SIZE] * 1000
    )  # each lot out of the whole: nothing is left to a pattern


def test_neighbours_tell_nothing() -> None:
    drawn = [draw_slot(entropy, 1) for entropy in [SeededEntropy(7)] for _ in range(4096)]
    in_order = sum(1 for one, following in pairwise(drawn) if one.index < following.index)
    assert 0.45 < in_order / len(drawn) < 0.55  # the later one is as often below as above
    assert max(Counter(slot.list_id for slot in drawn).values()) < 2 * len(drawn) / SHARDS


def test_the_first_free_slot_drawn_is_given() -> None:
    tried: list[Slot] = []

    def taken(slot: Slot) -> bool:
        tried.append(slot)
        return len(tried) < 4

    found = free_slot(SeededEntropy(), 1, taken)
    assert found == tried[-1]
    assert len(tried) == 4


@pytest.mark.parametrize(("collisions", "crowded"), [(CROWDED_AFTER - 1, False), (CROWDED_AFTER, True)])
def test_twenty_collisions_in_a_row_and_no_fewer_mean_crowded(collisions: int, crowded: bool) -> None:
    answers = iter([True] * collisions + [False] * CROWDED_AFTER)
    assert (free_slot(SeededEntropy(), 1, lambda _: next(answers)) is None) is crowded


def test_the_figures_of_the_docstring_hold() -> None:
    slots, tries = SHARDS * LIST_SIZE, CROWDED_AFTER
    on_average = (21 / slots) ** (1 / 21) * gamma(1 + 1 / 21)
    expected_once = (21 / slots) ** (1 / 21)
    assert (slots, tries) == (2**21, 20)
    assert (round(on_average, 2), round(expected_once, 2)) == (0.56, 0.58)
    assert round(-log(1 - expected_once) / expected_once, 1) == 1.5  # draws a review, on average up to there
    assert round(1 / (1 - expected_once), 1) == 2.4  # and in the end
    assert round(on_average * slots, -5) == 1_200_000


@pytest.mark.parametrize(("share", "at_most"), [(0.0, 1.0), (0.3, 1.6), (0.58, 2.6)])
def test_few_draws_find_a_free_slot(share: float, at_most: float) -> None:
    entropy, taken = CountingEntropy(), full_to(share, 5)
    found = [free_slot(entropy, 1, taken) for _ in range(2000)]
    assert None not in found
    assert len(entropy.bounds) / 2 / len(found) <= at_most


def test_a_generation_nearly_full_is_left() -> None:
    taken = full_to(0.97, 5)
    assert [free_slot(SeededEntropy(seed), 1, taken) for seed in range(50)].count(None) > 10
