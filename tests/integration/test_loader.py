"""The local AWS is what the template says: each resource is described and compared."""

from typing import Any

import pytest

from infra.synth import synthesise
from local_aws.loader import LoadedStage, UnknownResource, load

pytestmark = pytest.mark.aws
TEMPLATE = synthesise("local")


@pytest.fixture(scope="module")
def loaded(endpoint_url: str) -> LoadedStage:
    import os

    os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
    load(TEMPLATE, endpoint_url)
    return load(TEMPLATE, endpoint_url)  # twice: the second changes nothing


def said(name: str) -> Any:
    return TEMPLATE["Resources"][name]["Properties"]


def test_tables_are_as_the_template_says(loaded: LoadedStage, aws: Any) -> None:
    dynamodb = aws("dynamodb")
    for name in ("Certificates", "Catalog", "Units", "Log", "Requests", "Status"):
        wanted = said(f"{name}Table")
        found = dynamodb.describe_table(TableName=wanted["TableName"])["Table"]
        assert found["KeySchema"] == wanted["KeySchema"]
        assert found["BillingModeSummary"]["BillingMode"] == wanted["BillingMode"]
        assert found.get("StreamSpecification", {}).get("StreamViewType") == wanted.get(
            "StreamSpecification", {}
        ).get("StreamViewType")
        backups = dynamodb.describe_continuous_backups(TableName=wanted["TableName"])[
            "ContinuousBackupsDescription"
        ]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    ttl = dynamodb.describe_time_to_live(TableName=said("RequestsTable")["TableName"])[
        "TimeToLiveDescription"
    ]
    assert ttl["AttributeName"] == "expires_at"


def test_the_archive_is_as_the_template_says(loaded: LoadedStage, aws: Any) -> None:
    s3, bucket = aws("s3"), loaded.environment["ZHENGZHAO_ARCHIVE_BUCKET"]
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    retention = lock["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Years"]) == ("COMPLIANCE", 20)
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "NeverOverwrite" in s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_keys_are_as_the_template_says(loaded: LoadedStage, aws: Any) -> None:
    kms = aws("kms")
    for name, resource in TEMPLATE["Resources"].items():
        if resource["Type"] == "AWS::KMS::Alias":
            key = kms.describe_key(KeyId=resource["Properties"]["AliasName"])["KeyMetadata"]
            wanted = said(resource["Properties"]["TargetKeyId"]["Ref"])
            assert key["KeySpec"] == wanted.get("KeySpec", "SYMMETRIC_DEFAULT"), name


def test_functions_are_told_what_was_made(loaded: LoadedStage) -> None:
    environment = loaded.environment
    assert environment["ZHENGZHAO_TABLE_LOG"] == "zhengzhao-local-log"
    assert environment["ZHENGZHAO_KEY_ROOT"].startswith("arn:aws:kms:")
    streams = [source for source in loaded.event_sources if source.stream_arn]
    assert [(one.function, one.retries) for one in streams] == [
        ("publish_on_change", 10),
        ("seal_on_change", 10),
        ("hand_over_on_request", 10),
    ]
    assert all(one.dead_letters for one in streams)
    assert streams[1].patterns == ({"eventName": ["INSERT"]},)
    schedules = {source.function for source in loaded.event_sources if source.expression}
    assert schedules == {
        "authority",
        "publish_on_schedule",
        "archive_lists_daily",
        "seal_on_schedule",
        "timestamp_log_daily",
        "hand_over_on_schedule",
    }


def test_a_resource_that_nobody_makes_is_named(endpoint_url: str) -> None:
    strange = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}
    with pytest.raises(UnknownResource, match="AWS::SNS::Topic"):
        load(strange, endpoint_url)
