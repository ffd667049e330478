"""The eight tables: on demand, point-in-time recovery, encrypted under the stage's data key."""

from typing import Any, Final

from infra.stages import Stage

TABLES: Final = ("certificates", "catalog", "units", "log", "requests", "status", "sealing", "transfers")
INDEXED: Final = ("log",)
STREAMS: Final = {"log": "KEYS_ONLY", "status": "KEYS_ONLY", "transfers": "KEYS_ONLY"}


def logical(name: str) -> str:
    """A table's logical id."""
    return f"{name.capitalize()}Table"


def tables(stage: Stage) -> dict[str, Any]:
    """All tables as resources."""
    return {logical(name): _table(stage, name) for name in TABLES}


def _keyed(name: str) -> tuple[str, ...]:
    return ("pk", "sk", "outbox", "at") if name in INDEXED else ("pk", "sk")


def _outbox() -> dict[str, Any]:
    """The unsealed entries, oldest first: an entry leaves the index when it is sealed."""
    return {
        "IndexName": "outbox",
        "KeySchema": [
            {"AttributeName": "outbox", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }


def _table(stage: Stage, name: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "TableName": stage.physical(name),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": part, "AttributeType": "S"} for part in _keyed(name)],
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
    if name in INDEXED:
        properties["GlobalSecondaryIndexes"] = [_outbox()]
    if name == "requests":
        properties["TimeToLiveSpecification"] = {"AttributeName": "expires_at", "Enabled": True}
    policy = "Retain" if stage.deletion_protection else "Delete"
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": properties,
    }
