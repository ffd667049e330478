"""The ready questions: right on the boundaries, portable to Athena, bound and never pasted; every kind classified."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from chalicelib.audit.kinds import CATALOG
from cli.audit_questions import PARAMETERS, Unanswerable, questions, read_question, views
from tests.tools import REPOSITORY
from tests.unit.cli.sealed import CERTIFICATE, OTHER, UNIT, SealedLog, a_year, asked, entry


@pytest.fixture
def log(tmp_path: Path) -> SealedLog:
    return a_year(tmp_path / "log")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "entries.duckdb"


def test_who_saw_this_certificate_in_2024(log: SealedLog, cache: Path) -> None:
    given = {"object": CERTIFICATE, "from": "2024-01-01", "until": "2025-01-01"}
    found = asked(log, cache, "who-saw", **given)
    # Not the last second of 2023, nor the first of 2025, nor the issue, nor what was refused; but a kind not known here.
    assert [(one["index"], one["person"] or one["system"]) for one in found] == [
        (1, "zhang-wei"),
        (3, "李娜@oidc"),
        (5, "market-supervision"),
    ]
    assert (found[0]["reason"], str(found[0]["beijing_time"])) == ("核验营业执照", "2024-01-01 00:00:00")
    assert [one["index"] for one in asked(log, cache, "who-saw", object=CERTIFICATE)] == [0, 1, 3, 5, 10]
    assert asked(log, cache, "who-saw", object=CERTIFICATE[:-1]) == []


def test_an_entry_sealed_late_is_found_on_its_own_day(log: SealedLog, cache: Path) -> None:
    log.seal([entry("2024-12-31T10:00:00", request="late")], delay=timedelta(days=9))
    found = asked(log, cache, "who-saw", object=CERTIFICATE, **{"from": "2024-12-31", "until": "2025-01-01"})
    assert [one["request"] for one in found] == ["late"]


def test_what_a_person_a_case_an_object_and_a_unit_did(log: SealedLog, cache: Path) -> None:
    def indices(name: str, **given: str) -> list[int]:
        return [one["index"] for one in asked(log, cache, name, **given)]

    assert indices("acts-of-person", person="李娜@oidc") == [3, 8, 9]
    assert indices("acts-of-person", person="market-supervision") == [4, 5]
    assert indices("acts-of-case", case="办件-1") == [0, 1, 6]
    assert indices("history-of-object", object=f"unit/{OTHER}") == [8, 9]
    assert indices("sign-ins", unit=OTHER) == [8]
    assert indices("administrative-acts", until="2024-06-01") == [9]


def test_the_reports_by_post_refusal_key_hour_and_number(log: SealedLog, cache: Path) -> None:
    posts = asked(log, cache, "acts-by-post", **{"from": "2024-01-01", "until": "2025-01-01"})
    answers_for = {(one["unit"], one["post"], one["kind"]): (one["acts"], one["refused"]) for one in posts}
    assert answers_for[UNIT, "user", "certificate_read"] == (2, 0)
    assert answers_for[OTHER, "system", "certificate_read"] == (1, 1)
    refusals = asked(log, cache, "refusals-by-unit")
    assert {(one["unit"], one["code"], one["refusals"]) for one in refusals} == {
        (OTHER, "matter_not_registered", 1),
        (OTHER, "assertion_replayed", 1),
    }
    keys = asked(log, cache, "key-use-by-day")
    assert [(one["signing_key"], str(one["day"]), one["signatures"]) for one in keys] == [
        ("arn:key/1", "2024-03-04", 1),
        ("arn:key/2", "2024-05-01", 1),
    ]
    odd = [
        (str(one["day"]), one["person"])
        for one in asked(log, cache, "unusual-hours", **{"from": "2024-01-02"})
    ]
    assert odd == [("2024-03-05", "李娜@oidc"), ("2024-03-09", "zhang-wei"), ("2025-01-01", "zhang-wei")]
    heavy = asked(log, cache, "heavy-readers", least="1", **{"from": "2024-03-06", "until": "2024-03-10"})
    assert [(one["actor"], one["certificates"]) for one in heavy] == [
        ("market-supervision", 1),
        ("zhang-wei", 1),
    ]
    assert asked(log, cache, "heavy-readers", least="2") == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "needs --object"),
        ({"object": CERTIFICATE, "from": "spring"}, "--from spring"),
        ({"object": CERTIFICATE, "until": "2024-13-01"}, "--until"),
        ({"object": CERTIFICATE, "person": "zhang-wei"}, "does not ask for --person"),
    ],
)
def test_a_question_asked_wrongly_says_what_it_needs(given: dict[str, str], why: str) -> None:
    with pytest.raises(Unanswerable, match=why):
        questions()["who-saw"].values(given)


def test_what_is_bound_is_never_sql(log: SealedLog, cache: Path) -> None:
    assert asked(log, cache, "who-saw", object="' OR 1=1 --") == []


@pytest.mark.parametrize("name", sorted(questions()))
def test_a_question_is_one_portable_select(name: str) -> None:
    question = questions()[name]
    assert (REPOSITORY / "cli" / "questions" / f"{name}.sql").is_file()
    assert question.zh
    assert question.en
    assert set(question.parameters) <= set(PARAMETERS)
    for dialect in ("athena", "trino", "duckdb"):
        (statement,) = sqlglot.parse(question.sql, read=dialect)
        assert isinstance(statement, exp.Select)
        marks = list(statement.find_all(exp.Placeholder))
        assert len(marks) == len(question.parameters)
        # Athena takes parameters in WHERE alone.
        assert all(mark.find_ancestor(exp.Where) for mark in marks)
        tables = {table.name for table in statement.find_all(exp.Table)}
        assert tables <= {"entries", "kinds"}
    assert sqlglot.transpile(question.sql, read="athena", write="duckdb") == sqlglot.transpile(
        question.sql, read="duckdb", write="duckdb"
    )


def test_a_parameter_outside_where_would_be_seen() -> None:
    question = read_question("-- x\n-- zh: 问\n-- en: x\n-- parameters: object\nSELECT ? AS o FROM entries\n")
    (mark,) = sqlglot.parse_one(question.sql, read="athena").find_all(exp.Placeholder)
    assert mark.find_ancestor(exp.Where) is None


def test_every_kind_of_entry_is_classified() -> None:
    """Else `who-saw` shows acts that are no seeing, and the reports of administration miss some."""
    said = sorted(duckdb.execute(views()["kinds"].sql).fetchall())
    assert said == sorted((kind.name, kind.class_) for kind in CATALOG)
