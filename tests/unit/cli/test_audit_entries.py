"""The entries as a table: every member, loaded once, whole or not at all, and closed to everything but SELECT."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cli.audit_entries import COLUMNS, ask, open_entries
from cli.audit_questions import Unanswerable
from tests.tools import REPOSITORY
from tests.unit.cli.sealed import COUNT, SealedLog, a_year, answer, entry


@pytest.fixture
def log(tmp_path: Path) -> SealedLog:
    return a_year(tmp_path / "log")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "entries.duckdb"


def test_every_member_of_an_entry_has_its_column(log: SealedLog, cache: Path) -> None:
    with open_entries(log.folder, cache) as entries:
        found = ask(entries, 'SELECT * FROM entries WHERE "index" IN (2, 4) ORDER BY "index"')
        issued, refused = (dict(zip(found.columns, row, strict=True)) for row in found.rows)
    assert found.columns == tuple(COLUMNS)
    assert (issued["kind"], issued["signing_key"], issued["hold"]) == (
        "certificate_issued",
        "arn:key/1",
        True,
    )
    assert (issued["details"], str(issued["at"])) == ('{"x509_serial":"a1"}', "2024-03-04 02:00:00")
    assert str(issued["retain_until"]) == "2053-12-31 16:00:00"
    assert issued["sealed"] == "2024-03-09"
    assert issued["segment"] == log.paths[1].relative_to(log.folder).as_posix()
    assert (refused["system"], refused["system_key"], refused["person"]) == ("market-supervision", "k1", None)
    assert (refused["outcome"], refused["code"], refused["hold"]) == (
        "refused",
        "matter_not_registered",
        False,
    )


def test_a_day_begins_at_midnight_in_shenzhen(log: SealedLog, cache: Path) -> None:
    days = answer(log.folder, cache, 'SELECT day FROM entries WHERE "index" < 2 ORDER BY "index"')
    assert days == [(date(2023, 12, 31),), (date(2024, 1, 1),)]


def test_headers_are_no_entries(log: SealedLog, cache: Path) -> None:
    assert answer(log.folder, cache, COUNT) == [(log.size,)]


def test_a_folder_whose_name_is_a_pattern_is_a_folder(tmp_path: Path, cache: Path) -> None:
    log = a_year(tmp_path / "审计 [1]*?")
    assert answer(log.folder, cache, COUNT) == [(log.size,)]


def test_only_what_is_new_is_loaded(log: SealedLog, cache: Path) -> None:
    steps: list[tuple[int, int]] = []
    for _ in range(2):
        with open_entries(log.folder, cache, lambda *step: steps.append(step)):
            pass
    log.seal([entry("2025-02-01T10:00:00")])
    with open_entries(log.folder, cache, lambda *step: steps.append(step)) as entries:
        assert list(ask(entries, COUNT).rows) == [(log.size,)]
    assert steps == [(3, 3), (1, 1)]


@pytest.mark.parametrize("how", ["changed", "vanished"])
def test_a_past_that_changed_is_said_and_loaded_anew(log: SealedLog, cache: Path, how: str) -> None:
    answer(log.folder, cache, COUNT)
    if how == "changed":
        SealedLog(log.folder, 2).seal(
            [entry(f"2024-03-0{day}T10:00:00", request=f"forged-{day}") for day in range(5, 10)]
        )
    else:
        log.paths[1].unlink()
    warnings: list[str] = []
    with open_entries(log.folder, cache, warn=warnings.append) as entries:
        found = list(ask(entries, "SELECT count(*) FROM entries WHERE request LIKE 'forged%'").rows)
        left = list(ask(entries, COUNT).rows)
    assert (found, left) == (([(5,)], [(11,)]) if how == "changed" else ([(0,)], [(6,)]))
    assert log.paths[1].name in warnings[-1]


def test_a_copy_with_new_times_is_the_same_log(log: SealedLog, cache: Path) -> None:
    answer(log.folder, cache, COUNT)
    os.utime(log.paths[0], (1, 1))
    steps: list[tuple[int, int]] = []
    warnings: list[str] = []
    for _ in range(2):
        with open_entries(log.folder, cache, lambda *step: steps.append(step), warnings.append) as entries:
            assert list(ask(entries, COUNT).rows) == [(log.size,)]
    assert (steps, warnings) == ([], [])


class Killed(Exception):
    """Stands for a crash: raised inside a transaction."""


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_an_interrupted_load_leaves_nothing_half(log: SealedLog, cache: Path, batch: int) -> None:
    def kill(loaded: int, _: int) -> None:
        if loaded >= batch:
            raise Killed

    with pytest.raises(Killed), open_entries(log.folder, cache, kill, batch=1):
        pass
    with duckdb.connect(str(cache), read_only=True) as left:
        named = left.execute("SELECT path FROM segments ORDER BY path").fetchall()
        assert named == left.execute("SELECT DISTINCT segment FROM entries ORDER BY segment").fetchall()
        assert len(named) == batch - 1
    assert answer(log.folder, cache, 'SELECT count(*), count(DISTINCT "index") FROM entries') == [
        (log.size, log.size)
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda _: b"not gzip at all",
        lambda _: b"",
    ],
)
def test_a_damaged_segment_is_named_and_nothing_of_it_stays(log: SealedLog, cache: Path, damage: Any) -> None:
    whole = log.paths[1].read_bytes()
    log.paths[1].write_bytes(damage(whole))
    with pytest.raises(Unanswerable, match=log.paths[1].name):
        answer(log.folder, cache, COUNT)
    log.paths[1].write_bytes(whole)
    assert answer(log.folder, cache, COUNT) == [(log.size,)]


@pytest.mark.parametrize(
    "name", ["000000000002-4.jsonl.gz", "000000000002-6.jsonl.gz", "000000000003-5.jsonl.gz"]
)
def test_a_segment_with_other_entries_than_its_name_says_is_refused(
    log: SealedLog, cache: Path, name: str
) -> None:
    log.paths[1].rename(log.paths[1].with_name(name))
    with pytest.raises(Unanswerable, match=name):
        answer(log.folder, cache, COUNT)


def test_a_file_that_is_no_segment_is_refused_and_what_a_copy_leaves_is_not(
    log: SealedLog, cache: Path
) -> None:
    log.paths[1].with_name("._000000000002-5.jsonl.gz").write_bytes(b"left by a copy")
    assert answer(log.folder, cache, COUNT) == [(log.size,)]
    log.paths[1].rename(log.paths[1].with_name("2-5.jsonl.gz"))
    with pytest.raises(Unanswerable, match=r"2-5\.jsonl\.gz: not the name"):
        answer(log.folder, cache, COUNT)


def test_what_the_folder_lacks_or_has_twice_is_said(log: SealedLog, cache: Path) -> None:
    said: list[str] = []
    with open_entries(log.folder, cache, warn=said.append):
        assert said == []
    SealedLog(log.folder, 6).seal([entry("2025-03-01T10:00:00")])
    log.paths[0].unlink()
    with open_entries(log.folder, cache, warn=said.append):
        pass
    twice = "segments/date=2025-03-01/000000000006-1.jsonl.gz: entries from 6 on are here twice"
    assert said[:2] == ["entries 0 to 1 are not in this folder", twice]


def test_a_folder_without_segments_is_no_log(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(Unanswerable, match="no log's folder"):
        answer(tmp_path, cache, COUNT)
    assert not cache.exists()


@pytest.mark.parametrize("content", [b"my thesis", None])
def test_a_file_that_is_no_cache_is_left_alone(log: SealedLog, tmp_path: Path, content: bytes | None) -> None:
    mine = tmp_path / "mine"
    if content is None:
        with duckdb.connect(str(mine)) as database:
            database.execute("CREATE TABLE thesis AS SELECT 1 AS page")
    else:
        mine.write_bytes(content)
    before = mine.read_bytes()
    with pytest.raises(Unanswerable, match="mine"):
        answer(log.folder, mine, COUNT)
    assert mine.read_bytes() == before


def test_a_cache_of_another_version_is_made_anew(log: SealedLog, cache: Path) -> None:
    answer(log.folder, cache, COUNT)
    with duckdb.connect(str(cache)) as database:
        database.execute("UPDATE cache_version SET version = 0")
        database.execute("DELETE FROM entries")
    assert answer(log.folder, cache, COUNT) == [(log.size,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY entries TO '{outside}.csv'",
        "ATTACH '{outside}.duckdb'",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
        "INSTALL httpfs",
        "DELETE FROM entries",
        "WITH gone AS (DELETE FROM entries RETURNING *) SELECT * FROM gone",
        "CREATE TABLE mine AS SELECT 1",
        "PRAGMA database_list",
        "SELECT 1; SELECT 2",
        "SELEC 1",
        "SELECT * FROM nowhere",
        "SELECT count(*) FROM python_table",
        "SELECT ?",
        "",
    ],
)
def test_nothing_but_a_select_over_the_entries_is_answered(log: SealedLog, cache: Path, sql: str) -> None:
    outside = log.folder.parent / "outside.csv"
    outside.write_text("a,b\n1,2\n")
    python_table = duckdb.connect().execute("SELECT 1 AS a")
    with pytest.raises(Unanswerable):
        answer(log.folder, cache, sql.format(outside=outside, folder=log.folder))
    assert python_table.fetchall() == [(1,)]
    assert sorted(one.name for one in outside.parent.iterdir()) == ["cache", "log", "outside.csv"]
    assert answer(log.folder, cache, COUNT) == [(log.size,)]


def test_two_auditors_ask_at_once(log: SealedLog, cache: Path) -> None:
    answer(log.folder, cache, COUNT)
    program = f"from cli.audit_query import run; raise SystemExit(run([{str(log.folder)!r}, {COUNT!r}, '--cache', {str(cache)!r}]))"
    asking = [sys.executable, "-c", program]
    with open_entries(log.folder, cache) as entries:
        done = subprocess.run(asking, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert list(ask(entries, COUNT).rows) == [(log.size,)]
    assert (done.returncode, done.stdout.split()[-1]) == (0, str(log.size))
