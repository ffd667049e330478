"""What an act wrote, as a line of the log: read back it is the same writes, for the tables of any stage."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.changes import CHECK, repeated, written
from chalicelib.adapters.dynamo_items import NEW, Tables, Write, key
from chalicelib.kernel.encoding import canonical_json, parse_object
from chalicelib.kernel.errors import Invalid

NAMES = tuple(one.name for one in fields(Tables))
HERE, THERE = Tables(*(f"here-{name}" for name in NAMES)), Tables(*(f"there-{name}" for name in NAMES))

_values = st.one_of(
    st.builds(lambda text: {"S": text}, st.text(max_size=20)),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda data: {"B": data}, st.binary(max_size=40)),
)
_names = st.text(min_size=1, max_size=8)
_writes = st.builds(
    Write,
    verb=st.sampled_from(["Put", "Delete"]),
    table=st.sampled_from([f"here-{name}" for name in NAMES]),
    item=st.dictionaries(_names, _values, min_size=1, max_size=4),
    condition=st.text(min_size=1, max_size=20),
    values=st.dictionaries(_names.map(":".__add__), _values, max_size=2),
    names=st.dictionaries(_names.map("#".__add__), _names, max_size=2),
)


@given(st.lists(_writes, min_size=1, max_size=4))
def test_what_was_written_is_repeated_on_the_tables_of_another_stage(writes: list[Write]) -> None:
    line = written(HERE, "entry", writes)
    assert line is not None
    assert repeated(HERE, line.encode()) == ("entry", writes)
    moved = [replace(one, table=one.table.replace("here-", "there-")) for one in writes]
    assert repeated(THERE, line.encode()) == ("entry", moved)
    assert canonical_json(parse_object(line)).decode() == line


def test_what_was_only_checked_is_left_out() -> None:
    check = Write(CHECK, HERE.units, key("a", "b"), NEW)
    put = Write("Put", HERE.units, key("a", "c"), NEW)
    assert written(HERE, "entry", [check]) is written(HERE, "entry", []) is None
    line = written(HERE, "entry", [check, put])
    assert line is not None
    assert repeated(HERE, line.encode()) == ("entry", [put])


GOOD: dict[str, Any] = {"table": "units", "verb": "Put", "item": {"pk": {"S": "a"}}, "condition": NEW}


def line(*writes: Any) -> bytes:
    return canonical_json({"id": "entry", "writes": list(writes)})


def test_a_line_is_refused_when_anything_in_it_is_no_write() -> None:
    assert repeated(HERE, line(GOOD))[1] == [Write("Put", HERE.units, {"pk": {"S": "a"}}, NEW)]
    for spoilt in (
        line({**GOOD, "table": "moon"}),
        line({**GOOD, "item": ["pk"]}),
        line({**GOOD, "item": {"pk": 1}}),
        line({**GOOD, "item": {"pk": {"B": "not base64!"}}}),
        line({**GOOD, "values": 1}),
        line({name: value for name, value in GOOD.items() if name != "condition"}),
        line("Put"),
        canonical_json({"id": "entry"}),
        canonical_json({"writes": []}),
        canonical_json({"id": "entry", "writes": 7}),
    ):
        with pytest.raises(ValueError, match=r".+"):
            repeated(HERE, spoilt)
    with pytest.raises((ValueError, Invalid)):
        repeated(HERE, b"[]")
