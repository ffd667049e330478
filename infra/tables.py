"""The six tables: on demand, point-in-time recovery, encrypted under the stage's data key."""

from typing import Any, Final

from infra.stages import Stage

TABLES: Final = ("certificates", "catalog", "units", "log", "requests", "status")
STREAMS: Final = {"log": "NEW_IMAGE", "status": "KEYS_ONLY"}


def logical(name: str) -> str:
    """A table's logical id."""
    return f"{name.capitalize()}Table"


def tables(stage: Stage) -> dict[str, Any]:
    """All tables as resources."""
    return {logical(name): _table(stage, name) for name in TABLES}


def _table(stage: Stage, name: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "TableName": stage.physical(name),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk")],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": stage.deletion_protection,
        "SSESpecification": {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]},
        },
    }
    if name in STREAMS:
        properties["StreamSpecification"] = {"StreamViewType": STREAMS[name]}
    if name == "requests":
        properties["TimeToLiveSpecification"] = {"AttributeName": "expires_at", "Enabled": True}
    policy = "Retain" if stage.deletion_protection else "Delete"
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": properties,
    }
