"""Six roles, and everything that each may do: one table. No wildcard stands for a resource of data."""

from dataclasses import dataclass, field
from typing import Any, Final

from infra import keys, tables
from infra.buckets import ARCHIVE, EDGE, LOCKED, LOG
from infra.stages import Stage

ROLES: Final = ("api", "issuer", "authority", "publisher", "sealer", "archivist")
_READ: Final = ("GetItem", "Query")
_WRITE: Final = ("PutItem",)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a role may do: tables → actions, buckets → objects to put, get and delete, keys to sign with, to read, to unwrap."""

    tables: dict[str, tuple[str, ...]]
    puts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deletes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    reads_public: tuple[str, ...] = ()
    unwraps: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ()
    invokes: tuple[str, ...] = ()
    consumes: str = ""


def permissions(stage: Stage) -> dict[str, Permissions]:
    """The table. A transaction's puts, deletes and checks are permitted as PutItem, DeleteItem, ConditionCheckItem."""
    unit_keys = tuple(keys.unit_keys(stage))
    return {
        "api": Permissions(
            tables={
                "certificates": (*_READ, *_WRITE, "DeleteItem"),
                "catalog": (*_READ, *_WRITE),
                "units": (*_READ, "Scan"),
                "log": ("PutItem", "Query"),
                "requests": ("GetItem", "PutItem"),
                "status": (*_READ, *_WRITE, "DeleteItem"),
                "sealing": _READ,
                "transfers": (*_READ, *_WRITE),
            },
            puts={ARCHIVE: ("certificates/*",), EDGE: ("personal/*",)},
            gets={
                ARCHIVE: ("certificates/*", "keyring/*", "transfers/*"),
                LOG: ("tile/*", "checkpoints/*", "segments/*", "keys/*"),
                EDGE: ("tile/*", "checkpoint", "personal/*"),
            },
            lists=(LOG, EDGE),
            signs=("TokenKey",),
            unwraps=("IndexKey", "DataKey"),
            invokes=("issuer",),
        ),
        "issuer": Permissions(
            tables={
                "certificates": ("GetItem", "PutItem"),
                "units": ("Query", "ConditionCheckItem"),
                "log": ("PutItem",),
                "requests": ("GetItem", "PutItem"),
                "status": ("PutItem",),
            },
            puts={ARCHIVE: ("certificates/*",)},
            gets={ARCHIVE: ("certificates/*", "keyring/*")},
            signs=unit_keys,
            unwraps=("DataKey",),
        ),
        "authority": Permissions(
            tables={"units": (*_READ, *_WRITE, "Scan"), "log": ("PutItem",)},
            puts={ARCHIVE: ("keyring/*",)},
            gets={ARCHIVE: ("keyring/*",)},
            deletes={EDGE: ("personal/*",)},
            lists=(EDGE,),
            signs=("RootKey",),
            reads_public=("StatusKey", *unit_keys),
            wraps=("IndexKey", "DataKey"),
        ),
        "publisher": Permissions(
            tables={"status": (*_READ, *_WRITE), "units": ("Query",), "log": ("PutItem", "Query")},
            puts={ARCHIVE: ("status-lists/*",)},
            gets={ARCHIVE: ("status-lists/*",)},
            signs=("StatusKey",),
            unwraps=("DataKey",),
            consumes="status",
        ),
        # It sees entries, never a certificate: neither their table nor the archive's bucket is named here.
        "sealer": Permissions(
            tables={"log": ("BatchGetItem", "Query", "UpdateItem"), "sealing": (*_READ, *_WRITE)},
            puts={
                LOG: ("tile/*", "segments/*", "changes/*", "checkpoints/*", "keys/*", "timestamps/*"),
                EDGE: ("tile/*", "staging/*", "checkpoint"),
            },
            gets={
                LOG: ("tile/*", "segments/*", "changes/*", "checkpoints/*", "keys/*", "timestamps/*"),
                EDGE: ("tile/*", "staging/*", "checkpoint"),
            },
            lists=(LOG, EDGE),
            signs=("LogKey", "LogMlDsaKey"),
            consumes="log",
        ),
        # It reads what it hands over, and signs with nothing.
        "archivist": Permissions(
            tables={
                "certificates": _READ,
                "catalog": ("GetItem",),
                "units": (*_READ, "Scan"),
                "log": ("PutItem", "Query"),
                "transfers": (*_READ, *_WRITE),
            },
            puts={ARCHIVE: ("transfers/*",)},
            gets={
                ARCHIVE: ("certificates/*", "keyring/*", "transfers/*"),
                LOG: ("tile/*", "keys/*"),
                EDGE: ("tile/*", "checkpoint"),
            },
            lists=(ARCHIVE, LOG, EDGE),
            unwraps=("DataKey",),
            consumes="transfers",
        ),
    }


def roles(stage: Stage) -> dict[str, Any]:
    """Each role, and apart from it its policy: keys name roles, policies name keys, nothing waits for itself."""
    found: dict[str, Any] = {}
    for name, granted in permissions(stage).items():
        found[f"{name.capitalize()}Role"] = _role(stage, name)
        found[f"{name.capitalize()}Policy"] = _policy(stage, name, granted)
    return found


def _role(stage: Stage, name: str) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": stage.physical(name),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        },
    }


def _policy(stage: Stage, name: str, granted: Permissions) -> dict[str, Any]:
    statements = [
        *_tables(granted),
        *_archive(granted),
        *_keys(granted),
        *_functions(stage, granted),
        *_stream(granted),
        *_operations(stage, name),
    ]
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": stage.physical(name),
            "Roles": [{"Ref": f"{name.capitalize()}Role"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _allow(actions: list[str], resources: list[Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _tables(granted: Permissions) -> list[dict[str, Any]]:
    """An index has a name of its own."""
    return [
        _allow(
            [f"dynamodb:{action}" for action in sorted(set(actions))],
            [{"Fn::GetAtt": [tables.logical(name), "Arn"]}, *_indexes(name, actions)],
        )
        for name, actions in granted.tables.items()
    ]


def _indexes(name: str, actions: tuple[str, ...]) -> list[Any]:
    indexed = name in tables.INDEXED and "UpdateItem" in actions
    return [{"Fn::Sub": f"${{{tables.logical(name)}.Arn}}/index/outbox"}] if indexed else []


def _objects(granted: dict[str, tuple[str, ...]]) -> list[Any]:
    return [{"Fn::Sub": f"${{{bucket}.Arn}}/{path}"} for bucket, paths in granted.items() for path in paths]


def _archive(granted: Permissions) -> list[dict[str, Any]]:
    """A locked put needs the permission to lock. Without ListBucket a missing object reads as forbidden, not as absent."""
    found = []
    locked = {bucket: paths for bucket, paths in granted.puts.items() if bucket in LOCKED}
    growing = {bucket: paths for bucket, paths in granted.puts.items() if bucket not in LOCKED}
    if locked:
        locking = ["s3:PutObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention"]
        found.append(_allow(locking, _objects(locked)))
    if growing:
        found.append(_allow(["s3:PutObject"], _objects(growing)))
    if granted.gets:
        found.append(_allow(["s3:GetObject", "s3:GetObjectVersion"], _objects(granted.gets)))
    if granted.deletes:
        found.append(_allow(["s3:DeleteObject"], _objects(granted.deletes)))
    if granted.lists:
        found.append(_allow(["s3:ListBucket"], _arns(granted.lists)))
    return found


def _arns(names: tuple[str, ...]) -> list[Any]:
    return [{"Fn::GetAtt": [name, "Arn"]} for name in names]


def _keys(granted: Permissions) -> list[dict[str, Any]]:
    """The data key also stands behind the archive's encryption: who puts must be able to generate, who gets to decrypt."""
    found = []
    if granted.signs:
        found.append(_allow(["kms:GetPublicKey", "kms:Sign"], _arns(granted.signs)))
    if granted.reads_public:
        found.append(_allow(["kms:DescribeKey", "kms:GetPublicKey"], _arns(granted.reads_public)))
    if granted.unwraps:
        found.append(_allow(["kms:Decrypt"], _arns(granted.unwraps)))
    if granted.wraps:
        found.append(_allow(["kms:GenerateDataKeyWithoutPlaintext"], _arns(granted.wraps)))
    found.append(_allow(["kms:Decrypt", "kms:GenerateDataKey"], _arns(("DataKey",))))
    return found


def _functions(stage: Stage, granted: Permissions) -> list[dict[str, Any]]:
    arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    targets: list[Any] = [{"Fn::Sub": arn + stage.physical(name)} for name in granted.invokes]
    return [_allow(["lambda:InvokeFunction"], targets)] if targets else []


def _stream(granted: Permissions) -> list[dict[str, Any]]:
    if not granted.consumes:
        return []
    reading = [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ]
    return [
        _allow(reading, [{"Fn::GetAtt": [tables.logical(granted.consumes), "StreamArn"]}]),
        _allow(["sqs:SendMessage"], [{"Fn::GetAtt": ["PublicationDeadLetters", "Arn"]}]),
    ]


def _operations(stage: Stage, name: str) -> list[dict[str, Any]]:
    """Logs of the role's own functions, and traces, for which AWS knows no resource."""
    groups = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
    return [
        _allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [{"Fn::Sub": f"{groups}{stage.physical(function)}:*"} for function in FUNCTIONS_OF[name]],
        ),
        _allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
    ]


FUNCTIONS_OF: Final = {
    "api": ("api_handler",),
    "issuer": ("issuer",),
    "authority": ("authority",),
    "publisher": ("publish_on_change", "publish_on_schedule", "archive_lists_daily"),
    "sealer": ("seal_on_change", "seal_on_schedule", "timestamp_log_daily"),
    "archivist": ("hand_over_on_request", "hand_over_on_schedule"),
}
