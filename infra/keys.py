"""KMS keys: who may sign with which. The account administers keys; it cannot sign, decrypt or delete with them.

Nobody in the stack may disable or delete a key: what was signed and sealed must stay verifiable and readable.
"""

from typing import Any, Final

from infra.stages import Stage

ADMINISTRATION: Final = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
SIGNERS: Final = {
    "root": "authority",
    "token": "api",
    "status": "publisher",
    "log": "sealer",
    "log-ml-dsa": "sealer",
}
SPECS: Final = {"log": "ECC_NIST_EDWARDS25519", "log-ml-dsa": "ML_DSA_65"}
P256: Final = "ECC_NIST_P256"
SYMMETRIC: Final = {
    "index": ("api", "authority"),
    "data": ("api", "issuer", "authority", "publisher", "sealer", "archivist"),
}


def logical(name: str) -> str:
    """A key's logical id: letters and digits of its name."""
    return "".join(part.capitalize() if part.islower() else part for part in name.split("-")) + "Key"


def unit_keys(stage: Stage) -> dict[str, str]:
    """Logical id → alias name of each unit's signing key."""
    return {f"Unit{code}Key": f"unit-{code}" for code in sorted(stage.units)}


def role_arn(stage: Stage, role: str) -> dict[str, str]:
    """A role by its name: a reference would make key and role wait for each other."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{stage.physical(role)}"}


def keys(stage: Stage) -> dict[str, Any]:
    """Every key with its alias."""
    found: dict[str, Any] = {}
    for name, role in SIGNERS.items():
        found |= _key(stage, logical(name), name, _signing(stage, role, SPECS.get(name, P256)))
    for logical_id, alias in unit_keys(stage).items():
        found |= _key(stage, logical_id, alias, _signing(stage, "issuer", P256))
    for name, roles in SYMMETRIC.items():
        found |= _key(stage, logical(name), name, _wrapping(stage, roles))
    return found


def _key(stage: Stage, logical_id: str, alias: str, properties: dict[str, Any]) -> dict[str, Any]:
    key = {
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "DependsOn": properties.pop("Roles"),
        "Properties": {"Description": f"Zhengzhao {stage.name}: {alias}", **properties},
    }
    named = {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": f"alias/{stage.physical(alias)}", "TargetKeyId": {"Ref": logical_id}},
    }
    return {logical_id: key, f"{logical_id}Alias": named}


def _policy(
    stage: Stage, roles: tuple[str, ...], actions: list[str], more: tuple[dict[str, Any], ...] = ()
) -> dict[str, Any]:
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    users = {"AWS": [role_arn(stage, role) for role in roles]}
    statements = [
        {
            "Sid": "Administer",
            "Effect": "Allow",
            "Principal": account,
            "Action": ADMINISTRATION,
            "Resource": "*",
        },
        {"Sid": "Use", "Effect": "Allow", "Principal": users, "Action": actions, "Resource": "*"},
        *more,
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _signing(stage: Stage, role: str, spec: str) -> dict[str, Any]:
    """One role signs; the authority may read the public half, to certify it."""
    public = {
        "Sid": "Certify",
        "Effect": "Allow",
        "Principal": {"AWS": role_arn(stage, "authority")},
        "Action": ["kms:GetPublicKey", "kms:DescribeKey"],
        "Resource": "*",
    }
    return {
        "Roles": sorted({_role_id(role), _role_id("authority")}),
        "KeySpec": spec,
        "KeyUsage": "SIGN_VERIFY",
        "KeyPolicy": _policy(stage, (role,), ["kms:Sign", "kms:GetPublicKey"], (public,)),
    }


def _wrapping(stage: Stage, roles: tuple[str, ...]) -> dict[str, Any]:
    """Wraps secrets; the data key also encrypts tables and the archive, for the services that ask on a role's behalf."""
    actions = ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
    services = {
        "Sid": "TablesAndArchive",
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        "Action": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": [
                    {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
                    {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"},
                ]
            }
        },
    }
    return {
        "Roles": [_role_id(role) for role in roles],
        "EnableKeyRotation": True,
        "KeyPolicy": _policy(stage, roles, actions, (services,)),
    }


def _role_id(role: str) -> str:
    return f"{role.capitalize()}Role"
