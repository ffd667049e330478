"""Backups: every table, kept as long as promised, in a vault that nobody empties early."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import tables
from infra.backup import backup
from infra.stages import load_stage
from infra.synth import synthesise

STAGES = ("dev", "test", "prod")


def made(stage: str) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in backup(load_stage(stage, confirmed=True)).items()}


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_has_nothing_to_say(stage: str, tmp_path: Path) -> None:
    template = synthesise(stage, confirmed=True)
    template["Resources"] |= backup(load_stage(stage, confirmed=True))
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("stage", STAGES)
def test_every_table_is_backed_up_by_its_name(stage: str) -> None:
    selected = made(stage)["BackupSelection"]["BackupSelection"]["Resources"]
    assert selected == [{"Fn::GetAtt": [tables.logical(name), "Arn"]} for name in tables.TABLES]
    assert "*" not in json.dumps(selected)


def test_daily_for_35_days_and_monthly_for_13_months() -> None:
    rules = {one["RuleName"]: one for one in made("prod")["BackupPlan"]["BackupPlan"]["BackupPlanRule"]}
    assert rules["daily"]["Lifecycle"] == {"DeleteAfterDays": 35}
    monthly = rules["monthly"]["Lifecycle"]
    assert (monthly["MoveToColdStorageAfterDays"], monthly["DeleteAfterDays"]) == (30, 396)
    # What has gone cold stays so for 90 days at least, or AWS refuses the plan.
    assert monthly["DeleteAfterDays"] >= monthly["MoveToColdStorageAfterDays"] + 90
    assert {one["ScheduleExpressionTimezone"] for one in rules.values()} == {"Asia/Shanghai"}


@pytest.mark.parametrize("stage", STAGES)
def test_the_lock_lets_every_rule_in_and_nothing_out_early(stage: str) -> None:
    said = made(stage)
    lock = said["BackupVault"]["LockConfiguration"]
    kept = [
        rule["Lifecycle"]["DeleteAfterDays"] for rule in said["BackupPlan"]["BackupPlan"]["BackupPlanRule"]
    ]
    assert lock["MinRetentionDays"] == min(kept)
    assert lock["MaxRetentionDays"] >= max(kept)
    assert said["BackupVault"]["EncryptionKeyArn"] == {"Fn::GetAtt": ["DataKey", "Arn"]}


@pytest.mark.parametrize(("stage", "days"), [("dev", None), ("test", None), ("prod", 30)])
def test_only_in_compliance_mode_the_lock_becomes_final(stage: str, days: int | None) -> None:
    assert made(stage)["BackupVault"]["LockConfiguration"].get("ChangeableForDays") == days


def test_the_vault_outlives_the_stack() -> None:
    assert backup(load_stage("dev"))["BackupVault"]["DeletionPolicy"] == "Retain"


def test_the_role_is_the_services_and_has_its_own_policies_only() -> None:
    role = made("dev")["BackupRole"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
    assert "Policies" not in role
    assert [
        one["Fn::Sub"].rpartition("AWSBackupServiceRolePolicyFor")[2] for one in role["ManagedPolicyArns"]
    ] == [
        "Backup",
        "Restores",
    ]
