"""A root administrator at work on the log's files: whatever is done is found, and found where it was done."""

import pytest

from tests.unit.audit.archive import examined
from tests.unit.audit.attacks import ATTACKS, FILES, HONEST


def test_a_whole_log_gives_no_finding() -> None:
    assert examined(FILES, HONEST) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_found_and_placed(name: str) -> None:
    act, expected = ATTACKS[name]
    files = FILES.copy()
    act(files)
    found = [(one.fault, one.place) for one in examined(files, HONEST)]
    assert sorted(found) == sorted(expected)
