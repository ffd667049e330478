"""docs/compliance.md is whole and true: every demand has its row, what is called done is there, open rows only fall."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import pytest

from tests.architecture.source import REPOSITORY

TABLE: Final = "docs/compliance.md"
CEILING: Final = "docs/compliance.ceiling"
ROWS: Final = """
A2.1 A3.1 A3.2 A3.3 A4.1 A4.2 A4.4 A4.5 A4.6 A5.1 A5.2 A6.1 A6.2 A7.1 A8.1
A9.1 A10.1 A10.2 A10.3 A11.1 A12.1 A12.2 A13.1 A13.2 A14.1 A14.2 A15.1 A15.2 A16.1 A16.2
A17.1 A18.1 A18.2 A19.1 A20.1 A21.1 A21.2 A21.3 A22.1 A23.1 A25.1 A25.2 A26.1 A27.1 A29.1
""".split()
STATUSES: Final = {"open", "done"}
NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One demand of the regulation."""

    id: str
    article: str
    what: str
    status: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


def parse(text: str) -> list[Row]:
    """The table's rows, in order."""
    lines = [line.strip().strip("|") for line in text.splitlines() if line.startswith("| A")]
    return [_row([cell.strip() for cell in line.split("|")]) for line in lines]


def _row(cells: Sequence[str]) -> Row:
    name, article, what, status, modules, tests = cells
    return Row(name, article, what, status, _paths(modules), _paths(tests))


def _paths(cell: str) -> tuple[str, ...]:
    return () if cell == NONE else tuple(part.strip(" `") for part in cell.split(","))


def defects(rows: Sequence[Row]) -> Iterator[str]:
    """Rows missing, strange or twice; and what each row lacks."""
    names = [row.id for row in rows]
    if names != ROWS:
        yield f"missing {sorted(set(ROWS) - set(names))}, unknown {sorted(set(names) - set(ROWS))}, or out of order"
    for row in rows:
        yield from (f"{row.id}: {defect}" for defect in _row_defects(row))


def _row_defects(row: Row) -> Iterator[str]:
    if row.status not in STATUSES:
        yield f"status '{row.status}'"
    if row.status == "done" and not (row.modules and row.tests):
        yield "done without a module and a test"
    if strays := [path for path in row.tests if not path.startswith("tests/")]:
        yield f"no tests: {strays}"
    if strays := [path for path in row.modules if path.startswith("tests/")]:
        yield f"no modules: {strays}"
    yield from (f"{path} does not exist" for path in (*row.modules, *row.tests) if not exists(path))


def exists(path: str) -> bool:
    """A file or folder of the repository; after `::` the name of a test that the file defines."""
    name, _, test = path.partition("::")
    file = REPOSITORY / name
    if not test:
        return bool(name) and file.exists()
    return (
        file.is_file()
        and re.search(rf"^ *(async )?def {re.escape(test)}\b", file.read_text(encoding="utf-8"), re.MULTILINE)
        is not None
    )


def opened(rows: Sequence[Row]) -> int:
    """How many demands are not met yet."""
    return sum(row.status != "done" for row in rows)


def rises(ceilings: Sequence[int]) -> bool:
    """Whether any ceiling, oldest first, stands above one before it."""
    return any(later > earlier for earlier, later in pairwise(ceilings))


def committed_ceilings() -> list[int]:
    """Every ceiling that this branch ever committed, oldest first; none where git or the history is not to be had."""
    log = _git("log", "--first-parent", "--reverse", "--format=%H", "--", CEILING)
    return [int(text) for commit in log.split() if (text := _git("show", f"{commit}:{CEILING}"))]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def table() -> list[Row]:
    """The rows as they stand."""
    return parse((REPOSITORY / TABLE).read_text(encoding="utf-8"))


def ceiling() -> int:
    """The committed number of open rows."""
    return int((REPOSITORY / CEILING).read_text(encoding="utf-8"))


def test_every_demand_has_a_true_row() -> None:
    found = list(defects(table()))
    assert not found, "\n".join(found)


def test_open_rows_are_as_many_as_committed() -> None:
    assert opened(table()) == ceiling()


def test_open_rows_only_fall() -> None:
    assert not rises([*committed_ceilings(), ceiling()])


GOOD: Final = Row(
    "A2.1", "2", "x", "done", ("chalicelib/kernel/",), ("tests/architecture/test_compliance.py",)
)


def test_a_met_demand_may_stand() -> None:
    assert list(_row_defects(GOOD)) == []


@pytest.mark.parametrize(
    "row",
    [
        replace(GOOD, status="nearly"),
        replace(GOOD, modules=()),
        replace(GOOD, tests=()),
        replace(GOOD, modules=("chalicelib/nowhere.py",)),
        replace(GOOD, modules=("tests/architecture/",)),
        replace(GOOD, tests=("chalicelib/kernel/",)),
        replace(GOOD, tests=("tests/architecture/test_compliance.py::test_nothing",)),
    ],
)
def test_an_untrue_row_is_seen(row: Row) -> None:
    assert list(_row_defects(row))


def test_a_lost_row_and_a_repeated_row_are_seen() -> None:
    rows = table()
    assert list(defects(rows[1:]))
    assert list(defects([*rows, rows[0]]))


def test_a_rising_ceiling_is_seen() -> None:
    assert rises([45, 40, 41])
    assert not rises([45, 45, 33])
