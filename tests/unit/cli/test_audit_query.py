"""`zhengzhao audit query` as an auditor meets it: an answer in three formats, or a sentence that says why not."""

import csv
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cli.audit_query import ANSWERED, NOT_ANSWERED, run
from cli.audit_questions import questions
from cli.audit_table import as_csv, as_json, as_table, width
from tests.tools import REPOSITORY
from tests.unit.cli.sealed import CERTIFICATE, COUNT, SealedLog, a_year


@pytest.fixture
def log(tmp_path: Path) -> SealedLog:
    return a_year(tmp_path / "log")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "entries.duckdb"


def test_the_command_answers_in_each_format(
    log: SealedLog, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = 'SELECT "index", person, reason FROM entries WHERE "index" IN (1, 3) ORDER BY "index"'
    written = {}
    for how in ("table", "csv", "json"):
        assert run([str(log.folder), query, "--format", how, "--cache", str(cache)]) == ANSWERED
        written[how], said = capsys.readouterr()
        assert said == "2 rows · 2 行\n"
    lines = written["table"].splitlines()
    assert lines[0].split() == ["index", "person", "reason"]
    assert width(lines[2][: lines[2].index("核")]) == width(lines[0][: lines[0].index("reason")])
    assert next(csv.DictReader(io.StringIO(written["csv"])))["reason"] == "核验营业执照"
    assert json.loads(written["json"])[1] == {"index": 3, "person": "李娜@oidc", "reason": None}


def test_the_command_asks_a_ready_question_and_keeps_nothing(
    log: SealedLog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(log.folder.parent / "caches"))
    who = [str(log.folder), "--ask", "who-saw", "--object", CERTIFICATE, "--from", "2024-01-01"]
    assert run([*who, "--until", "2025-01-01", "--no-cache", "--format", "csv"]) == ANSWERED
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert [one.name for one in log.folder.parent.iterdir()] == ["log"]


def test_the_cache_lies_with_the_user_and_never_in_the_logs_folder(
    log: SealedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(log.folder.parent / "caches"))
    assert run([str(log.folder), COUNT]) == ANSWERED
    assert [one.name for one in log.folder.iterdir()] == ["segments"]
    (kept,) = (log.folder.parent / "caches").rglob("entries.duckdb")
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_the_folder_may_be_where_one_is(
    log: SealedLog, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(log.folder)
    assert run([COUNT, "--cache", str(cache), "--format", "json"]) == ANSWERED
    assert json.loads(capsys.readouterr().out) == [{"entries": log.size}]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "one SELECT"),
        (["{folder}", COUNT, "more"], "one SELECT"),
        (["{folder}", "--ask", "who-knows"], "no question is called who-knows"),
        (["{folder}", COUNT, "--ask", "who-saw", "--object", "x"], "brings its own SQL"),
        (["{folder}", COUNT, "--object", "x"], "belongs to a ready question"),
        (["{folder}", "DROP TABLE entries"], "one SELECT"),
        (["{folder}/nowhere", COUNT], "no log's folder"),
        (["{folder}", COUNT, "--cache", "{folder}/segments"], "segments"),
        (["{folder}", COUNT, "--format", "xlsx"], "invalid choice"),
    ],
)
def test_what_cannot_be_answered_is_explained(
    log: SealedLog, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    said = [word.format(folder=log.folder) for word in words]
    assert run([*said, *([] if "--cache" in said else ["--no-cache"])]) == NOT_ANSWERED
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err


def test_the_list_names_every_question_in_two_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--list"]) == ANSWERED
    said = capsys.readouterr().out
    assert "who-saw  --object … --from … --until …" in said
    assert all(one.zh in said and one.en in said for one in questions().values())


def test_without_duckdb_it_says_what_to_install(log: SealedLog) -> None:
    program = (
        "import sys; sys.modules['duckdb'] = None\n"
        f"from cli.audit_query import run; sys.exit(run([{str(log.folder)!r}, 'SELECT 1']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (NOT_ANSWERED, "")
    assert "pip install 'zhengzhao[audit]'" in done.stderr


def test_chinese_takes_two_columns_and_what_a_terminal_obeys_is_shown() -> None:
    out = io.StringIO()
    assert as_table(("who", "n"), iter([("深圳", 1), ("a\x1b[2J", None)]), out) == 2
    assert out.getvalue().splitlines() == ["who       n", "────────  ─", "深圳      1", "a\\x1b[2J"]


def test_no_cell_of_a_csv_is_a_formula() -> None:
    out = io.StringIO()
    assert as_csv(("a", "b"), iter([("=cmd()", -1), (None, True)]), out) == 2
    assert out.getvalue() == "a,b\n'=cmd(),-1\n,true\n"


def test_columns_of_one_name_are_told_apart_in_json() -> None:
    out = io.StringIO()
    assert as_json(("a", "a", "a"), iter([(1, date(2024, 1, 1), {"x": [None]})]), out) == 1
    assert json.loads(out.getvalue()) == [{"a": 1, "a_2": "2024-01-01", "a_3": {"x": [None]}}]


def test_no_rows_are_an_empty_answer_in_each_format() -> None:
    table, comma, array = io.StringIO(), io.StringIO(), io.StringIO()
    counts = [
        as_table(("a",), iter([]), table),
        as_csv(("a",), iter([]), comma),
        as_json(("a",), iter([]), array),
    ]
    assert counts == [0, 0, 0]
    assert (comma.getvalue(), json.loads(array.getvalue())) == ("a\n", [])
