"""AWS as its documentation describes it, at whatever endpoint AWS_ENDPOINT_URL names; ours when it names none."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

FAR = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7305)


def refused(attempt: Callable[[], Any]) -> str:
    """The error code with which AWS refuses; fails when it does not."""
    with pytest.raises(ClientError) as error:
        attempt()
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def kms(aws: Any) -> Any:
    return aws("kms")


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


@pytest.fixture
def dynamodb(aws: Any) -> Any:
    return aws("dynamodb")


@pytest.fixture
def signing_key(kms: Any) -> str:
    """The ARN of a fresh P-256 key."""
    return str(kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])


@pytest.fixture
def bucket(s3: Any) -> str:
    """A fresh bucket with Object Lock and a default retention in COMPLIANCE mode."""
    name = f"contract-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    retention = {"Mode": "COMPLIANCE", "Days": 30}
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    return name


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    """A fresh table with a stream."""
    name = f"contract-{uuid.uuid4().hex[:12]}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    yield name
    dynamodb.delete_table(TableName=name)
