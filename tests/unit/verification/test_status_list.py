"""Single values of packed lists, read from the draft's own vectors; and what is no list."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.encoding import b64url
from chalicelib.verification.status_list import LARGEST, read_status, unpack, value_at

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors/status_list/draft.json").read_text()
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["section"] for vector in VECTORS])
def test_the_drafts_lists_are_read_as_published(vector: dict[str, Any]) -> None:
    packed = unpack(vector["lst"], vector["bits"])
    assert len(packed) * 8 == vector["size"] * vector["bits"]
    assert {index: value_at(packed, vector["bits"], int(index)) for index in vector["statuses"]} == vector[
        "statuses"
    ]
    assert sum(packed) > 0


def test_an_index_beyond_the_list_is_refused() -> None:
    lst = VECTORS[1]["lst"]
    assert read_status(lst, 2, 11) == 3
    for index in (12, -1, 10**9):
        with pytest.raises(ValueError, match="no such index"):
            read_status(lst, 2, index)


@pytest.mark.parametrize("bits", [0, 3, 16, -1])
def test_other_widths_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        unpack(VECTORS[0]["lst"], bits)


@pytest.mark.parametrize(
    "lst", ["", "AAAA", "****", VECTORS[1]["lst"][:-4], b64url(zlib.compress(b"ab") + b"c")]
)
def test_broken_streams_are_refused(lst: str) -> None:
    with pytest.raises(ValueError, match=r"zlib|base64url|cut off"):
        unpack(lst, 2)


def test_a_list_that_unpacks_to_too_much_is_refused_before_it_fills_the_memory() -> None:
    assert len(unpack(b64url(zlib.compress(bytes(LARGEST), 9)), 1)) == LARGEST
    with pytest.raises(ValueError, match="too large"):
        unpack(b64url(zlib.compress(bytes(64 * LARGEST), 9)), 1)


@given(st.sampled_from([1, 2, 4, 8]), st.data())
def test_what_was_packed_is_read(bits: int, data: st.DataObject) -> None:
    values = data.draw(
        st.lists(st.integers(0, 2**bits - 1), min_size=8, max_size=64).filter(lambda some: len(some) % 8 == 0)
    )
    packed = bytearray(len(values) * bits // 8)
    for index, value in enumerate(values):
        packed[index * bits // 8] |= value << index * bits % 8
    lst = b64url(zlib.compress(bytes(packed)))
    assert [read_status(lst, bits, index) for index in range(len(values))] == values
