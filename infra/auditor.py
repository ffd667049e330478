"""What an auditor may do: read the log and its proofs, and ask Athena. Attached to people's roles by the account's owner."""

from typing import Any, Final

from infra.buckets import EDGE, LOG
from infra.stages import Stage

RESULTS: Final = "athena"
# Under these lies what proves the log, and the entries themselves; not `changes`, which is for the rebuild.
LOCKED: Final = ("segments/*", "tile/*", "checkpoints/*", "keys/*", "timestamps/*")
UNLOCKED: Final = ("checkpoint", "tile/*")
_ATHENA: Final = (
    "BatchGetNamedQuery", "BatchGetQueryExecution", "GetNamedQuery", "GetQueryExecution", "GetQueryResults", "GetWorkGroup",
    "ListNamedQueries", "ListQueryExecutions", "StartQueryExecution", "StopQueryExecution",
)  # fmt: skip
_GLUE: Final = ("GetDatabase", "GetPartition", "GetPartitions", "GetTable", "GetTables")


def database_name(stage: Stage) -> str:
    """Glue's names have no hyphens."""
    return stage.physical("log").replace("-", "_")


def auditor_policy(stage: Stage) -> dict[str, Any]:
    """Read-only on the log; results are written to their own prefix of the unlocked bucket, by Athena in the auditor's name."""
    statements = [*_log(), *_results(), *_asking(stage), _key()]
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": stage.physical("auditor"),
            "Description": "Read the log, verify it, ask it with SQL",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _allow(sid: str, actions: list[str], resources: list[Any], condition: Any = None) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def _objects(bucket: str, *paths: str) -> list[Any]:
    return [{"Fn::Sub": f"${{{bucket}.Arn}}/{path}"} for path in paths]


def _bucket(bucket: str) -> list[Any]:
    return [{"Fn::GetAtt": [bucket, "Arn"]}]


def _prefixes(*prefixes: str) -> dict[str, Any]:
    return {"StringLike": {"s3:prefix": list(prefixes)}}


def _log() -> list[dict[str, Any]]:
    """That an object is locked, and until when, is part of what an auditor verifies."""
    reading = ["s3:GetObject", "s3:GetObjectLegalHold", "s3:GetObjectRetention", "s3:GetObjectVersion"]
    return [
        _allow("ReadTheLog", reading, _objects(LOG, *LOCKED)),
        _allow("ReadItsEdge", ["s3:GetObject"], _objects(EDGE, *UNLOCKED)),
        _allow("ListTheLog", ["s3:ListBucket"], _bucket(LOG), _prefixes(*LOCKED)),
        _allow("ListItsEdge", ["s3:ListBucket"], _bucket(EDGE), _prefixes(*UNLOCKED, f"{RESULTS}/*")),
        _allow("FindTheBuckets", ["s3:GetBucketLocation"], [*_bucket(LOG), *_bucket(EDGE)]),
    ]


def _results() -> list[dict[str, Any]]:
    writing = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    return [
        _allow("KeepResults", writing, _objects(EDGE, f"{RESULTS}/*")),
        _allow("KeepLargeResults", ["s3:ListBucketMultipartUploads"], _bucket(EDGE)),
    ]


def _asking(stage: Stage) -> list[dict[str, Any]]:
    here = "${AWS::Partition}:{service}:${AWS::Region}:${AWS::AccountId}"
    athena, glue = (f"arn:{here.replace('{service}', service)}" for service in ("athena", "glue"))
    name = database_name(stage)
    catalog = [{"Fn::Sub": f"{glue}:{part}"} for part in ("catalog", f"database/{name}", f"table/{name}/*")]
    work_group: list[Any] = [{"Fn::Sub": f"{athena}:workgroup/{stage.physical('audit')}"}]
    return [
        _allow("Ask", [f"athena:{action}" for action in _ATHENA], work_group),
        _allow("SeeTheTable", [f"glue:{action}" for action in _GLUE], catalog),
    ]


def _key() -> dict[str, Any]:
    """Through S3 alone: the key opens nothing that an auditor holds in hand."""
    through_s3 = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}}
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    return _allow("OpenObjects", actions, [{"Fn::GetAtt": ["DataKey", "Arn"]}], through_s3)
