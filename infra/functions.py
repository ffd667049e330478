"""What Chalice's template leaves open about functions: names, roles, environment, retries, logs, limits."""

import json
from typing import Any, Final

from infra import keys, tables
from infra.buckets import ARCHIVE, EDGE, LOG
from infra.gateway import gateway_responses
from infra.roles import FUNCTIONS_OF
from infra.stages import Stage

STREAM_RETRIES: Final = 10
SEALING_SECONDS: Final = 2
PACKAGING_MB: Final = 4096  # a bag as files, and once more as the archive that is made of it
DEAD_LETTER_SECONDS: Final = 1_209_600  # 14 days, the longest that SQS keeps
DEAD_LETTERS: Final = "PublicationDeadLetters"


def logical(function: str) -> str:
    """The id that Chalice gives a function in its template."""
    return (
        "APIHandler"
        if function == "api_handler"
        else "".join(part.capitalize() for part in function.split("_"))
    )


def environment(stage: Stage) -> dict[str, Any]:
    """Every variable that `chalicelib/settings.py` reads."""
    named = {f"ZHENGZHAO_TABLE_{name.upper()}": {"Ref": tables.logical(name)} for name in tables.TABLES}
    arns = {name: {"Fn::GetAtt": [keys.logical(name), "Arn"]} for name in (*keys.SIGNERS, *keys.SYMMETRIC)}
    return {
        "ZHENGZHAO_STAGE": stage.name,
        "ZHENGZHAO_BASE_URL": stage.base_url,
        **named,
        "ZHENGZHAO_ARCHIVE_BUCKET": {"Ref": ARCHIVE},
        "ZHENGZHAO_ARCHIVE_MODE": stage.archive_mode,
        "ZHENGZHAO_LOG_BUCKET": {"Ref": LOG},
        "ZHENGZHAO_EDGE_BUCKET": {"Ref": EDGE},
        "ZHENGZHAO_LOG_ORIGIN": stage.log_origin,
        **{f"ZHENGZHAO_KEY_{name.upper().replace('-', '_')}": arn for name, arn in arns.items()},
        "ZHENGZHAO_FUNCTION_ISSUER": stage.physical("issuer"),
        "ZHENGZHAO_FUNCTION_AUTHORITY": stage.physical("authority"),
        "ZHENGZHAO_OIDC_ISSUER": stage.oidc_issuer,
        "ZHENGZHAO_OIDC_AUDIENCE": stage.oidc_audience,
        **_anchors(stage),
        "POWERTOOLS_SERVICE_NAME": "zhengzhao",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _anchors(stage: Stage) -> dict[str, str]:
    """Outside anchors of the log, named only where there are any."""
    said = {
        "ZHENGZHAO_WITNESSES": ",".join(stage.witnesses),
        "ZHENGZHAO_TIMESTAMP_AUTHORITY": stage.timestamp_authority,
        "ZHENGZHAO_TIMESTAMP_ROOTS": stage.timestamp_roots,
    }
    return {name: value for name, value in said.items() if value}


def overlay(stage: Stage) -> dict[str, Any]:
    """To be merged over Chalice's resources."""
    found: dict[str, Any] = {}
    for role, functions in FUNCTIONS_OF.items():
        for function in functions:
            found[logical(function)] = _function(stage, role, function)
            found[f"{logical(function)}Logs"] = _logs(stage, function)
    _event(found["PublishOnChange"], "PublishOnChangeDynamodbEventSource", _stream("status"))
    _event(found["SealOnChange"], "SealOnChangeDynamodbEventSource", _merged(_stream("log"), _new_entries()))
    _event(found["Authority"], "TrustDaily", _daily_trust())
    _event(
        found["HandOverOnRequest"],
        "HandOverOnRequestDynamodbEventSource",
        _merged(_stream("transfers"), _filter("INSERT")),
    )
    found["RestAPI"] = {"Properties": _api()}
    found[DEAD_LETTERS] = _dead_letters(stage)
    return found


def _function(stage: Stage, role: str, function: str) -> dict[str, Any]:
    return {
        "DependsOn": [f"{role.capitalize()}Policy", f"{logical(function)}Logs"],
        "Properties": {
            "FunctionName": stage.physical(function),
            "Role": {"Fn::GetAtt": [f"{role.capitalize()}Role", "Arn"]},
            "Architectures": ["arm64"],
            "Environment": {"Variables": environment(stage)},
            **({"EphemeralStorage": {"Size": PACKAGING_MB}} if role == "archivist" else {}),
        },
    }


def _event(function: dict[str, Any], name: str, event: dict[str, Any]) -> None:
    function["Properties"].setdefault("Events", {})[name] = event


def _stream(table: str) -> dict[str, Any]:
    """A record that is refused ten times goes to the dead letters; the schedule heals what it meant."""
    return {
        "Properties": {
            "Stream": {"Fn::GetAtt": [tables.logical(table), "StreamArn"]},
            "StartingPosition": "TRIM_HORIZON",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": STREAM_RETRIES,
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": [DEAD_LETTERS, "Arn"]}}
            },
        }
    }


def _new_entries() -> dict[str, Any]:
    """The sealer hears of new entries, not of its own marks; a moment's wait makes one segment of many acts."""
    return {**_filter("INSERT"), "MaximumBatchingWindowInSeconds": SEALING_SECONDS}


def _filter(kind: str) -> dict[str, Any]:
    """Records of this kind alone."""
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": [kind]})}]}}


def _merged(event: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {"Properties": {**event["Properties"], **more}}


def _daily_trust() -> dict[str, Any]:
    """00:10 in Shenzhen."""
    event = '{"command":"renew_trust","operator":{"unit":"platform","system":"schedule"}}'
    return {"Type": "Schedule", "Properties": {"Schedule": "cron(10 16 * * ? *)", "Input": event}}


def _logs(stage: Stage, function: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "LogGroupName": f"/aws/lambda/{stage.physical(function)}",
            "RetentionInDays": stage.log_retention_days,
        },
    }


def _api() -> dict[str, Any]:
    """Anybody may ask for verifications, nobody too often."""
    everywhere = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingRateLimit": 2000,
        "ThrottlingBurstLimit": 1000,
    }
    open_door = {
        "ResourcePath": "/v1/verifications",
        "HttpMethod": "POST",
        "ThrottlingRateLimit": 100,
        "ThrottlingBurstLimit": 200,
    }
    return {
        "TracingEnabled": True,
        "MethodSettings": [everywhere, open_door],
        "DefinitionBody": {"x-amazon-apigateway-gateway-responses": gateway_responses()},
    }


def _dead_letters(stage: Stage) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": stage.physical("publication-dead-letters"),
            "MessageRetentionPeriod": DEAD_LETTER_SECONDS,
            "SqsManagedSseEnabled": True,
        },
    }
