import json
import zlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.kernel.encoding import unb64url
from chalicelib.status.model import BITS, LIST_SIZE, Status
from chalicelib.status.packing import compressed, pack, packed, unpacked

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors/status_list/draft.json").read_text(encoding="utf-8")
)
OURS = [vector for vector in VECTORS if vector["bits"] == BITS]


def value_at(array: bytes, bits: int, index: int) -> int:
    """As §4.1 says it in words, one bit at a time: what `packed` does by folding is not repeated here."""
    first = index * bits
    taken = [array[place // 8] >> place % 8 & 1 for place in range(first, first + bits)]
    return sum(bit << weight for weight, bit in enumerate(taken))


@pytest.mark.parametrize("vector", OURS, ids=lambda vector: vector["section"])
def test_the_drafts_two_bit_examples_are_reproduced_byte_for_byte(vector: dict[str, object]) -> None:
    statuses, size = vector["statuses"], vector["size"]
    assert isinstance(statuses, dict)
    assert isinstance(size, int)
    deviations = {int(index): Status(value) for index, value in statuses.items() if value}
    assert pack(deviations, size) == vector["lst"]
    one_less = dict(list(deviations.items())[1:])
    assert pack(one_less, size) != vector["lst"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["section"])
def test_every_example_of_the_draft_says_what_its_table_says(vector: dict[str, object]) -> None:
    statuses, lst, bits, size = (vector[name] for name in ("statuses", "lst", "bits", "size"))
    assert isinstance(statuses, dict)
    assert isinstance(lst, str)
    assert isinstance(bits, int)
    assert isinstance(size, int)
    array = unpacked(lst)
    assert len(array) * 8 == size * bits
    assert {int(index): value_at(array, bits, int(index)) for index in statuses} == {
        int(index): value for index, value in statuses.items()
    }
    assert compressed(array) == lst


def test_both_widths_of_the_examples_are_there() -> None:
    assert Counter(vector["bits"] for vector in VECTORS) == {1: 2, 2: 2, 4: 1, 8: 1}


def test_index_zero_is_the_lowest_bits_of_the_first_byte() -> None:
    assert packed({0: Status.REVOKED}, 8) == bytes([0b01, 0])
    assert packed({3: Status.SUSPENDED}, 8) == bytes([0b10_00_00_00, 0])
    assert packed({4: Status.OBJECTION_PENDING}, 8) == bytes([0, 0b11])


@given(some.dictionaries(some.integers(0, LIST_SIZE - 1), some.sampled_from(Status), max_size=200))
def test_every_index_has_its_value_and_all_others_are_valid(deviations: dict[int, Status]) -> None:
    array = unpacked(pack(deviations))
    assert all(value_at(array, BITS, index) == status for index, status in deviations.items())
    said = sum(1 for place in range(LIST_SIZE) if array[place // 4] and value_at(array, BITS, place))
    assert said == sum(1 for status in deviations.values() if status is not Status.VALID)


def test_a_list_is_as_long_whatever_it_says() -> None:
    assert {len(packed({})), len(packed({LIST_SIZE - 1: Status.REVOKED}))} == {LIST_SIZE * BITS // 8}


@pytest.mark.parametrize("index", [-1, -LIST_SIZE, LIST_SIZE, 2 * LIST_SIZE])
def test_an_index_outside_the_list_is_an_error_and_never_another_index(index: int) -> None:
    with pytest.raises(ValueError, match="no such index"):
        pack({5: Status.REVOKED, index: Status.REVOKED})
    assert pack({5: Status.REVOKED, index % LIST_SIZE: Status.REVOKED})


def test_it_travels_as_base64url_without_padding_of_zlibs_best() -> None:
    lst = pack({7: Status.REVOKED})
    assert not set(lst) & set("+/=")
    assert unb64url(lst) == zlib.compress(packed({7: Status.REVOKED}), 9)
