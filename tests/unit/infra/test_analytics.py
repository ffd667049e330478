"""SQL on AWS: the view reads a sealed line as the laptop does, results stay in place, and auditors only read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from chalicelib.audit.segment import unpack
from cli.audit_entries import COLUMNS as LAPTOP
from cli.audit_questions import questions, views
from infra.analytics import COLUMNS, analytics, entries_query
from infra.buckets import EDGE, LOG
from infra.stages import load_stage
from infra.synth import synthesise
from tests.unit.cli.sealed import CERTIFICATE, a_year, answer, asked

STAGES = ("dev", "prod")


def made(stage: str = "dev") -> dict[str, Any]:
    return analytics(load_stage(stage, confirmed=True))


def of(kind: str, stage: str = "dev") -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in made(stage).items() if one["Type"] == kind}


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_has_nothing_to_say(stage: str, tmp_path: Path) -> None:
    template = synthesise(stage, confirmed=True)
    template["Resources"] |= made(stage)
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def athena_over(folder: Path) -> duckdb.DuckDBPyConnection:
    """What Athena sees of the folder, with the named queries' own views over it, said in DuckDB's dialect."""
    database = duckdb.connect()
    database.execute('CREATE TABLE lines (line VARCHAR, "date" VARCHAR, "$path" VARCHAR)')
    for path in sorted(folder.rglob("*.jsonl.gz")):
        lines = [line.decode() for line in unpack(path.read_bytes())]
        day, name = (
            path.parent.name.removeprefix("date="),
            f"s3://bucket/{path.relative_to(folder).as_posix()}",
        )
        database.executemany("INSERT INTO lines VALUES (?, ?, ?)", [[line, day, name] for line in lines])
    for name in ("entries", *views()):
        (query,) = [one for one in of("AWS::Athena::NamedQuery").values() if one["Name"] == name]
        (view,) = sqlglot.transpile(query["QueryString"], read="athena", write="duckdb")
        database.execute(view)
    return database


def test_athenas_entries_are_the_laptops(tmp_path: Path) -> None:
    log = a_year(tmp_path / "log")
    told = athena_over(log.folder).execute('SELECT * FROM entries ORDER BY "index"').fetchall()
    assert told == answer(log.folder, tmp_path / "cache", 'SELECT * FROM entries ORDER BY "index"')
    assert len(told) == log.size
    assert tuple(COLUMNS) == tuple(LAPTOP)


def test_a_named_query_answers_as_the_laptop_does(tmp_path: Path) -> None:
    log = a_year(tmp_path / "log")
    given = {"object": CERTIFICATE, "from": "2024-01-01", "until": "2025-01-01"}
    query = of("AWS::Athena::NamedQuery")["WhoSawQuery"]["QueryString"]
    (statement,) = sqlglot.transpile(query, read="athena", write="duckdb")
    rows = athena_over(log.folder).execute(statement, questions()["who-saw"].values(given)).fetchall()
    there = [tuple(row.values()) for row in asked(log, tmp_path / "cache", "who-saw", **given)]
    assert (rows, len(rows)) == (there, 3)


def test_every_question_is_a_named_query_that_says_its_parameters() -> None:
    queries = {one["Name"]: one for one in of("AWS::Athena::NamedQuery").values()}
    assert set(queries) == {"entries", "kinds", *questions()}
    for name, question in questions().items():
        assert queries[name]["QueryString"] == question.sql
        assert queries[name]["Description"].endswith(f"? = {', '.join(question.parameters)}")
        assert len(queries[name]["Description"]) <= 1024
    for name in ("entries", "kinds"):
        statement = sqlglot.parse_one(queries[name]["QueryString"], read="athena")
        assert isinstance(statement, exp.Create)
        assert statement.args["replace"]


def test_a_path_that_is_not_the_formats_would_be_seen(tmp_path: Path) -> None:
    log = a_year(tmp_path / "log")
    wrong = entries_query().replace("$.entry.actor.unit", "$.entry.unit")
    (statement,) = sqlglot.transpile(wrong, read="athena", write="duckdb")
    rows = athena_over(log.folder).execute(f"SELECT unit FROM ({statement})").fetchall()  # noqa: S608  # our own statement
    assert rows == [(None,)] * log.size


def test_the_table_holds_whole_lines_of_the_segments_alone() -> None:
    (table,) = of("AWS::Glue::Table").values()
    said = table["TableInput"]
    assert said["StorageDescriptor"]["Columns"] == [{"Name": "line", "Type": "string"}]
    assert said["StorageDescriptor"]["Location"] == {"Fn::Sub": f"s3://${{{LOG}}}/segments/"}
    assert said["Parameters"]["projection.date.range"] == "2026-01-01,NOW+1DAYS"
    template = said["Parameters"]["storage.location.template"]["Fn::Sub"]
    assert template == f"s3://${{{LOG}}}/segments/date=${{!date}}/"


@pytest.mark.parametrize("stage", STAGES)
def test_no_client_of_the_workgroup_chooses_where_results_go_or_how_much_is_read(stage: str) -> None:
    (group,) = of("AWS::Athena::WorkGroup", stage).values()
    said = group["WorkGroupConfiguration"]
    assert said["EnforceWorkGroupConfiguration"] is True
    assert 0 < said["BytesScannedCutoffPerQuery"] <= 1024**4
    results = said["ResultConfiguration"]
    assert results["OutputLocation"] == {"Fn::Sub": f"s3://${{{EDGE}}}/athena/"}
    assert results["EncryptionConfiguration"] == {
        "EncryptionOption": "SSE_KMS",
        "KmsKey": {"Fn::GetAtt": ["DataKey", "Arn"]},
    }


def statements() -> list[dict[str, Any]]:
    (policy,) = of("AWS::IAM::ManagedPolicy").values()
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def reached(action: str) -> list[str]:
    """The resources, as the template writes them, on which auditors may do this."""
    allowed = [one["Resource"] for one in statements() if action in one["Action"]]
    return [next(iter(each.values())) for resources in allowed for each in resources]


def test_auditors_read_the_log_and_its_proofs_and_nothing_else_of_it() -> None:
    assert set(map(str, reached("s3:GetObject"))) == {
        "${LogBucket.Arn}/segments/*",
        "${LogBucket.Arn}/tile/*",
        "${LogBucket.Arn}/checkpoints/*",
        "${LogBucket.Arn}/keys/*",
        "${LogBucket.Arn}/timestamps/*",
        "${EdgeBucket.Arn}/checkpoint",
        "${EdgeBucket.Arn}/tile/*",
        "${EdgeBucket.Arn}/athena/*",
    }
    assert reached("s3:PutObject") == ["${EdgeBucket.Arn}/athena/*"]


def test_auditors_change_nothing() -> None:
    reads = ("Get", "List", "BatchGet", "Decrypt")
    others = {
        action
        for one in statements()
        for action in one["Action"]
        if not action.partition(":")[2].startswith(reads)
    }
    assert others == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
        "kms:GenerateDataKey",
    }
    assert {one["Effect"] for one in statements()} == {"Allow"}
    assert not any("*" in action for one in statements() for action in one["Action"])
    assert not any(resource == "*" for one in statements() for resource in one["Resource"])


def test_auditors_use_the_key_through_s3_alone_and_list_only_what_they_read() -> None:
    for one in statements():
        if any(action.startswith("kms:") for action in one["Action"]):
            assert one["Resource"] == [{"Fn::GetAtt": ["DataKey", "Arn"]}]
            assert one["Condition"] == {
                "StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}
            }
        if "s3:ListBucket" in one["Action"]:
            assert "changes/*" not in one["Condition"]["StringLike"]["s3:prefix"]
