"""Backups of the tables in a vault that nobody empties early. The archive and the log need none: they are locked themselves.

Any second of the last 35 days is the tables' own point-in-time recovery (`infra/tables.py`): AWS Backup's continuous
backups do not know DynamoDB. https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
"""

from typing import Any, Final

from infra import tables
from infra.stages import Stage

DAILY_DAYS: Final = 35
MONTHLY_DAYS: Final = 396  # 13 months
COLD_AFTER_DAYS: Final = 30
LONGEST_DAYS: Final = 400
# In which the lock of a vault in compliance mode can still be undone; afterwards by nobody, AWS included.
CHANGEABLE_DAYS: Final = 30
_POLICY: Final = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor"


def backup(stage: Stage) -> dict[str, Any]:
    """Vault, plan, what is backed up, and the role that does it."""
    return {
        "BackupVault": _vault(stage),
        "BackupPlan": _plan(stage),
        "BackupRole": _role(stage),
        "BackupSelection": _selection(stage),
    }


def _vault(stage: Stage) -> dict[str, Any]:
    """In governance mode the account's owner may lift the lock; in compliance mode, after the days of grace, nobody."""
    lock = {"MinRetentionDays": DAILY_DAYS, "MaxRetentionDays": LONGEST_DAYS}
    if stage.archive_mode == "COMPLIANCE":
        lock["ChangeableForDays"] = CHANGEABLE_DAYS
    return {
        "Type": "AWS::Backup::BackupVault",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BackupVaultName": stage.physical("backup"),
            "EncryptionKeyArn": {"Fn::GetAtt": ["DataKey", "Arn"]},
            "LockConfiguration": lock,
        },
    }


def _plan(stage: Stage) -> dict[str, Any]:
    """02:00 and, on the first of the month, 03:00 in Shenzhen."""
    cold = {"MoveToColdStorageAfterDays": COLD_AFTER_DAYS, "DeleteAfterDays": MONTHLY_DAYS}
    rules = [
        _rule("daily", "cron(0 2 * * ? *)", {"DeleteAfterDays": DAILY_DAYS}),
        _rule("monthly", "cron(0 3 1 * ? *)", cold),
    ]
    plan = {"BackupPlanName": stage.physical("tables"), "BackupPlanRule": rules}
    return {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": plan}}


def _rule(name: str, schedule: str, lifecycle: dict[str, int]) -> dict[str, Any]:
    return {
        "RuleName": name,
        "TargetBackupVault": {"Ref": "BackupVault"},
        "ScheduleExpression": schedule,
        "ScheduleExpressionTimezone": "Asia/Shanghai",
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 360,
        "Lifecycle": lifecycle,
    }


def _role(stage: Stage) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": stage.physical("backup"),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "ManagedPolicyArns": [{"Fn::Sub": f"{_POLICY}{what}"} for what in ("Backup", "Restores")],
        },
    }


def _selection(stage: Stage) -> dict[str, Any]:
    """Every table by name: one that is added later is in it from its first day."""
    return {
        "Type": "AWS::Backup::BackupSelection",
        "Properties": {
            "BackupPlanId": {"Ref": "BackupPlan"},
            "BackupSelection": {
                "SelectionName": stage.physical("tables"),
                "IamRoleArn": {"Fn::GetAtt": ["BackupRole", "Arn"]},
                "Resources": [{"Fn::GetAtt": [tables.logical(name), "Arn"]} for name in tables.TABLES],
            },
        },
    }
