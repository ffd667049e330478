"""The template of each stage: one source, linted, and narrow in what it permits."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.stages import StageRefused, load_stage
from infra.synth import merged, synthesise

STAGES = ("local", "dev", "test", "prod")
DATA = ("dynamodb:", "s3:", "kms:", "sqs:", "lambda:")


def template(stage: str) -> dict[str, Any]:
    return synthesise(stage, confirmed=True)


def resources(stage: str, kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in template(stage)["Resources"].items() if one["Type"] == kind}


def statements(stage: str) -> list[tuple[str, dict[str, Any]]]:
    """(role, statement) of every policy."""
    return [
        (name.removesuffix("Policy"), statement)
        for name, one in resources(stage, "AWS::IAM::Policy").items()
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_has_nothing_to_say(stage: str, tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template(stage)))
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_is_the_same_each_time() -> None:
    assert json.dumps(template("dev"), sort_keys=True) == json.dumps(template("dev"), sort_keys=True)


@pytest.mark.parametrize("stage", STAGES)
def test_every_table_is_recoverable_and_encrypted(stage: str) -> None:
    found = resources(stage, "AWS::DynamoDB::Table")
    assert len(found) == 8
    for one in found.values():
        said = one["Properties"]
        assert said["BillingMode"] == "PAY_PER_REQUEST"
        assert said["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert said["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}
        assert said["DeletionProtectionEnabled"] == (stage in ("test", "prod"))
        assert one["DeletionPolicy"] == ("Retain" if stage in ("test", "prod") else "Delete")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", ["Archive", "Log"])
def test_archive_and_log_are_locked_for_twenty_years(stage: str, name: str) -> None:
    bucket = resources(stage, "AWS::S3::Bucket")[f"{name}Bucket"]
    said, mode = bucket["Properties"], "COMPLIANCE" if stage in ("local", "prod") else "GOVERNANCE"
    assert said["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": mode, "Years": 20}
    assert said["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(said["PublicAccessBlockConfiguration"].values())
    assert bucket["DeletionPolicy"] == "Retain"
    policy = resources(stage, "AWS::S3::BucketPolicy")[f"{name}BucketPolicy"]
    denied = {one["Sid"]: one for one in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert {one["Effect"] for one in denied.values()} == {"Deny"}
    assert denied["NeverOverwrite"]["Condition"] == {"Null": {"s3:if-none-match": "true"}}
    assert denied["OnlyOverTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("stage", STAGES)
def test_what_still_grows_lies_in_a_bucket_without_a_lock(stage: str) -> None:
    said = resources(stage, "AWS::S3::Bucket")["EdgeBucket"]["Properties"]
    assert "ObjectLockEnabled" not in said
    assert all(said["PublicAccessBlockConfiguration"].values())
    (rule,) = said["LifecycleConfiguration"]["Rules"]
    assert rule["Prefix"] == "staging/"  # nothing else expires: partial tiles of a quiet log are old


def test_compliance_in_prod_needs_a_word() -> None:
    with pytest.raises(StageRefused, match="CONFIRM_COMPLIANCE"):
        load_stage("prod", confirmed=False)
    assert load_stage("prod", confirmed=True).archive_mode == "COMPLIANCE"
    assert load_stage("local", confirmed=False).archive_mode == "COMPLIANCE"
    with pytest.raises(StageRefused, match="unknown stage"):
        load_stage("moon")


@pytest.mark.parametrize("stage", STAGES)
def test_no_wildcard_stands_for_data(stage: str) -> None:
    for role, statement in statements(stage):
        if any(action.startswith(DATA) for action in statement["Action"]):
            assert "*" not in statement["Resource"], (role, statement)
            assert not any(action.endswith("*") for action in statement["Action"]), (role, statement)


def signers(stage: str) -> dict[str, set[str]]:
    """Key → the roles whose policies let them sign with it."""
    found: dict[str, set[str]] = {}
    for role, statement in statements(stage):
        for resource in statement["Resource"] if "kms:Sign" in statement["Action"] else ():
            found.setdefault(resource["Fn::GetAtt"][0], set()).add(role)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_each_key_has_one_signer(stage: str) -> None:
    expected = {"RootKey": {"Authority"}, "TokenKey": {"Api"}, "StatusKey": {"Publisher"}}
    expected |= {"LogKey": {"Sealer"}, "LogMlDsaKey": {"Sealer"}}
    units = {f"Unit{code}Key": {"Issuer"} for code in load_stage(stage, confirmed=True).units}
    assert signers(stage) == {**expected, **units}


@pytest.mark.parametrize("stage", STAGES)
def test_a_keys_own_policy_names_the_same_signer_and_nobody_deletes(stage: str) -> None:
    for name, key in resources(stage, "AWS::KMS::Key").items():
        for statement in key["Properties"]["KeyPolicy"]["Statement"]:
            actions = statement["Action"]
            assert not {"kms:*", "kms:ScheduleKeyDeletion", "kms:DisableKey"}.intersection(actions), name
            if "kms:Sign" in actions:
                users = json.dumps(statement["Principal"])
                (role,) = signers(stage)[name]
                assert f"role/zhengzhao-{stage}-{role.lower()}" in users
                assert ":root" not in users


@pytest.mark.parametrize("stage", STAGES)
def test_publisher_and_sealer_read_no_certificate_and_the_issuer_no_catalog(stage: str) -> None:
    reach: dict[str, set[str]] = {}
    for role, statement in statements(stage):
        for resource in statement["Resource"]:
            if isinstance(resource, dict) and "Fn::GetAtt" in resource:
                reach.setdefault(role, set()).add(resource["Fn::GetAtt"][0])
    assert "CertificatesTable" not in reach["Publisher"] | reach["Authority"] | reach["Sealer"]
    assert "CatalogTable" not in reach["Issuer"] | reach["Publisher"]


def test_nobody_may_delete_from_the_log_or_the_archive() -> None:
    for role, statement in statements("prod"):
        actions = set(statement["Action"])
        assert not {action for action in actions if "Bypass" in action}, role
        if {action for action in actions if action.startswith("s3:Delete")}:  # ADR 0010
            assert (role, actions) == ("Authority", {"s3:DeleteObject"})
            assert statement["Resource"] == [{"Fn::Sub": "${EdgeBucket.Arn}/personal/*"}]
        if {"Fn::GetAtt": ["LogTable", "Arn"]} in statement["Resource"]:
            marks = {"dynamodb:BatchGetItem", "dynamodb:UpdateItem"} if role == "Sealer" else set()
            assert actions <= {"dynamodb:PutItem", "dynamodb:Query"} | marks


@pytest.mark.parametrize("stage", STAGES)
def test_every_function_is_told_everything_and_logs_for_a_stated_time(stage: str) -> None:
    functions = resources(stage, "AWS::Serverless::Function")
    groups = {one["Properties"]["LogGroupName"] for one in resources(stage, "AWS::Logs::LogGroup").values()}
    assert len(functions) == 11
    for one in functions.values():
        said = one["Properties"]
        assert f"/aws/lambda/{said['FunctionName']}" in groups
        assert said["Tracing"] == "Active"
        assert {"ZHENGZHAO_STAGE", "ZHENGZHAO_TABLE_LOG", "ZHENGZHAO_KEY_ROOT"} <= set(
            said["Environment"]["Variables"]
        )


def test_the_stream_reports_single_failures_and_keeps_what_fails_for_good() -> None:
    function = resources("dev", "AWS::Serverless::Function")["PublishOnChange"]
    (event,) = function["Properties"]["Events"].values()
    said = event["Properties"]
    assert said["Stream"] == {"Fn::GetAtt": ["StatusTable", "StreamArn"]}
    assert said["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert said["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["PublicationDeadLetters", "Arn"]
    }


def test_the_gateways_own_answers_are_problems() -> None:
    api = template("dev")["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    answers = api["x-amazon-apigateway-gateway-responses"]
    assert answers["REQUEST_TOO_LARGE"]["statusCode"] == 413
    for one in answers.values():
        body = json.loads(one["responseTemplates"]["application/json"])
        assert {"type", "title", "title_zh", "code"} <= set(body)


def test_laying_over_keeps_what_is_not_named() -> None:
    under = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert merged(under, {"a": {"c": 3, "e": 4}, "d": [2]}) == {"a": {"b": 1, "c": 3, "e": 4}, "d": [2]}


@pytest.mark.parametrize("stage", STAGES)
def test_the_archivist_signs_nothing_and_writes_packages_alone(stage: str) -> None:
    own = [statement for role, statement in statements(stage) if role == "Archivist"]
    assert not any("kms:Sign" in one["Action"] for one in own)
    (puts,) = (one["Resource"] for one in own if "s3:PutObject" in one["Action"])
    assert puts == [{"Fn::Sub": "${ArchiveBucket.Arn}/transfers/*"}]
    changed = {
        json.dumps(one["Resource"])
        for one in own
        if {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}.intersection(one["Action"])
    }
    assert changed == {
        json.dumps([{"Fn::GetAtt": [f"{table}Table", "Arn"]}]) for table in ("Log", "Transfers")
    }


@pytest.mark.parametrize("name", ["HandOverOnRequest", "HandOverOnSchedule"])
def test_the_archivist_has_time_memory_and_disk_for_a_part(name: str) -> None:
    said = resources("dev", "AWS::Serverless::Function")[name]["Properties"]
    assert (said["Timeout"], said["MemorySize"], said["EphemeralStorage"]) == (900, 1769, {"Size": 4096})
    (event,) = said["Events"].values()
    if name == "HandOverOnRequest":
        assert event["Properties"]["Stream"] == {"Fn::GetAtt": ["TransfersTable", "StreamArn"]}
        (pattern,) = event["Properties"]["FilterCriteria"]["Filters"]
        assert json.loads(pattern["Pattern"]) == {"eventName": ["INSERT"]}  # its own writes wake nobody
    else:
        assert event["Properties"]["Schedule"] == "rate(5 minutes)"
