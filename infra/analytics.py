"""SQL for auditors on AWS: the segments as an Athena table, the ready questions as named queries, and who may ask.

The table gives each line as it is sealed, and the view `entries` takes it apart with SQL's own JSON functions, so nothing
stands between the auditor and the bytes: Athena's page on the OpenX JSON SerDe warns of rows that come and go.
https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
"""

from collections.abc import Mapping
from typing import Any, Final

from cli.audit_questions import Question, questions, views
from infra.auditor import RESULTS, auditor_policy, database_name
from infra.buckets import EDGE, LOG
from infra.stages import Stage

TABLE: Final = "lines"
FIRST_DAY: Final = "2026-01-01"
# A query that reads more than this of compressed segments is stopped: it forgot its dates.
MOST_BYTES: Final = 200 * 1024**3
# Column → what it is in a line of docs/log.md; the same columns as on a laptop (cli/audit_entries.py).
COLUMNS: Final[Mapping[str, str]] = {
    "index": "CAST({index} AS bigint)",
    "id": "{entry.id}",
    "at": "CAST(REPLACE(REPLACE({entry.at}, 'T', ' '), 'Z', '') AS timestamp(6))",
    "day": "CAST(CAST(REPLACE(REPLACE({entry.at}, 'T', ' '), 'Z', '') AS timestamp(6)) + INTERVAL '8' HOUR AS date)",
    "kind": "{entry.kind}",
    "object": "{entry.object}",
    "unit": "{entry.actor.unit}",
    "post": "{entry.actor.post}",
    "person": "{entry.actor.person}",
    "system": "{entry.actor.system}",
    "system_key": "{entry.actor.key}",
    "matter": "{entry.purpose.matter}",
    "case_number": "{entry.purpose.case}",
    "reason": "{entry.purpose.reason}",
    "request": "{entry.request}",
    "outcome": "{entry.outcome}",
    "code": "{entry.details.code}",
    "signing_key": "{entry.key}",
    "retain_until": "CAST(REPLACE(REPLACE({entry.retain.until}, 'T', ' '), 'Z', '') AS timestamp(6))",
    "hold": "COALESCE(CAST({entry.retain.hold} AS boolean), FALSE)",
    "details": "JSON_FORMAT(JSON_EXTRACT(line, '$.entry.details'))",
    "segment": "REGEXP_EXTRACT(\"$path\", 'segments/.*$')",
    "sealed": '"date"',
}


def analytics(stage: Stage) -> dict[str, Any]:
    """Database, table, workgroup, named queries, and the policy to attach to auditors."""
    return {
        "LogDatabase": _database(stage),
        "LogLines": _table(),
        "AuditWorkGroup": _work_group(stage),
        **_named_queries(),
        "AuditorPolicy": auditor_policy(stage),
    }


def entries_query() -> str:
    """The view `entries`: everything but each segment's header."""
    columns = ",\n  ".join(f'{_paths(source)} AS "{name}"' for name, source in COLUMNS.items())
    return f"SELECT\n  {columns}\nFROM {TABLE}\nWHERE JSON_EXTRACT(line, '$.index') IS NOT NULL"


def _paths(source: str) -> str:
    before, brace, rest = source.partition("{")
    if not brace:
        return source
    path, _, after = rest.partition("}")
    return f"{before}JSON_EXTRACT_SCALAR(line, '$.{path}'){after}"


def _database(stage: Stage) -> dict[str, Any]:
    described = {"Name": database_name(stage), "Description": "The log's entries, for auditors"}
    return {
        "Type": "AWS::Glue::Database",
        "Properties": {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": described},
    }


def _table() -> dict[str, Any]:
    """Partitions are computed from the date, never crawled. Tomorrow counts: Shenzhen is eight hours ahead of Athena."""
    location = f"s3://${{{LOG}}}/segments"
    projection = {
        "projection.enabled": "true",
        "projection.date.type": "date",
        "projection.date.format": "yyyy-MM-dd",
        "projection.date.range": f"{FIRST_DAY},NOW+1DAYS",
        "projection.date.interval": "1",
        "projection.date.interval.unit": "DAYS",
        "storage.location.template": {"Fn::Sub": f"{location}/date=${{!date}}/"},
    }
    storage = {
        "Columns": [{"Name": "line", "Type": "string"}],
        "Location": {"Fn::Sub": f"{location}/"},
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        # One column, cut at a character that JSON never holds bare: the line as it is.
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }
    described = {
        "Name": TABLE,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": "text", "compressionType": "gzip", **projection},
        "PartitionKeys": [{"Name": "date", "Type": "string"}],
        "StorageDescriptor": storage,
    }
    return {
        "Type": "AWS::Glue::Table",
        "Properties": {
            "CatalogId": {"Ref": "AWS::AccountId"},
            "DatabaseName": {"Ref": "LogDatabase"},
            "TableInput": described,
        },
    }


def _work_group(stage: Stage) -> dict[str, Any]:
    """Enforced: no client can send results elsewhere, unencrypted, or read without bound."""
    results = {
        "OutputLocation": {"Fn::Sub": f"s3://${{{EDGE}}}/{RESULTS}/"},
        "ExpectedBucketOwner": {"Ref": "AWS::AccountId"},
        "EncryptionConfiguration": {
            "EncryptionOption": "SSE_KMS",
            "KmsKey": {"Fn::GetAtt": ["DataKey", "Arn"]},
        },
    }
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "BytesScannedCutoffPerQuery": MOST_BYTES,
        "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
        "ResultConfiguration": results,
    }
    return {
        "Type": "AWS::Athena::WorkGroup",
        "Properties": {
            "Name": stage.physical("audit"),
            "Description": "The log, for auditors",
            "WorkGroupConfiguration": configuration,
        },
    }


def _named_queries() -> dict[str, Any]:
    """The views are made once, by whoever may create tables (docs/deploying.md); auditors only ask."""
    entries = Question("entries", "日志记录视图", "The view that every question asks", (), entries_query())
    made = {name: _query(view, f"CREATE OR REPLACE VIEW {name} AS\n{view.sql}")
            for name, view in {"entries": entries, **views()}.items()}  # fmt: skip
    asked = {name: _query(question, question.sql) for name, question in questions().items()}
    return {f"{_camel(name)}Query": query for name, query in {**made, **asked}.items()}


def _query(question: Question, sql: str) -> dict[str, Any]:
    """Parameters are bound when it is run, as execution parameters: texts and dates in single quotes."""
    values = ", ".join(question.parameters)
    asked = f" · ? = {values}" if values else ""
    return {
        "Type": "AWS::Athena::NamedQuery",
        "DependsOn": "LogLines",
        "Properties": {
            "Name": question.name,
            "Description": f"{question.zh} · {question.en}{asked}",
            "Database": {"Ref": "LogDatabase"},
            "WorkGroup": {"Ref": "AuditWorkGroup"},
            "QueryString": sql,
        },
    }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
