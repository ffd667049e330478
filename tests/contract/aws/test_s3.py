"""S3 as documented: Object Lock, conditional writes, checksums, bucket policies (Amazon S3 User Guide)."""

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import FAR, refused

pytestmark = pytest.mark.aws
SHA256 = {"ChecksumAlgorithm": "SHA256"}


def locked(s3: Any, bucket: str, mode: str = "COMPLIANCE", key: str = "k") -> dict[str, str]:
    version = s3.put_object(
        Bucket=bucket, Key=key, Body=b"1", ObjectLockMode=mode, ObjectLockRetainUntilDate=FAR, **SHA256
    )["VersionId"]
    return {"Bucket": bucket, "Key": key, "VersionId": version}


def retain(s3: Any, where: dict[str, str], mode: str, until: datetime, **more: Any) -> None:
    s3.put_object_retention(**where, Retention={"Mode": mode, "RetainUntilDate": until}, **more)


def test_a_locked_version_is_not_deleted_by_anybody(s3: Any, bucket: str) -> None:
    """In COMPLIANCE mode a protected version can't be deleted by any user, the root user included."""
    where = locked(s3, bucket)
    assert refused(lambda: s3.delete_object(**where)) == "AccessDenied"
    assert refused(lambda: s3.delete_object(**where, BypassGovernanceRetention=True)) == "AccessDenied"
    assert s3.get_object(**where)["Body"].read() == b"1"


def test_a_deletion_without_a_version_hides_and_destroys_nothing(s3: Any, bucket: str) -> None:
    """A delete marker is added; the locked version stays."""
    where = locked(s3, bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    assert s3.get_object(**where)["Body"].read() == b"1"


def test_compliance_is_lengthened_never_shortened(s3: Any, bucket: str) -> None:
    """COMPLIANCE: the retention period can't be shortened; it can be extended."""
    where = locked(s3, bucket)
    assert refused(lambda: retain(s3, where, "COMPLIANCE", FAR - timedelta(days=1))) == "AccessDenied"
    retain(s3, where, "COMPLIANCE", FAR + timedelta(days=1))
    found = s3.get_object_retention(**where)["Retention"]
    assert found["RetainUntilDate"] == FAR + timedelta(days=1)


def test_compliance_is_not_weakened_to_governance(s3: Any, bucket: str) -> None:
    """COMPLIANCE: the retention mode can't be changed."""
    where = locked(s3, bucket)
    for bypass in (False, True):
        attempt = lambda bypass=bypass: retain(  # noqa: E731  # the value is bound here and now
            s3, where, "GOVERNANCE", FAR + timedelta(days=1), BypassGovernanceRetention=bypass
        )
        assert refused(attempt) == "AccessDenied"
    assert s3.get_object_retention(**where)["Retention"]["Mode"] == "COMPLIANCE"


def test_governance_yields_to_the_bypass_only(s3: Any, bucket: str) -> None:
    """GOVERNANCE: shortening and deleting need s3:BypassGovernanceRetention and the header."""
    where = locked(s3, bucket, "GOVERNANCE")
    sooner = datetime.now(UTC) + timedelta(days=1)
    assert refused(lambda: retain(s3, where, "GOVERNANCE", sooner)) == "AccessDenied"
    assert refused(lambda: s3.delete_object(**where)) == "AccessDenied"
    retain(s3, where, "GOVERNANCE", sooner, BypassGovernanceRetention=True)
    s3.delete_object(**where, BypassGovernanceRetention=True)
    with pytest.raises(ClientError):
        s3.get_object(**where)


def test_the_default_retention_holds_for_what_brings_none(s3: Any, bucket: str) -> None:
    """A bucket's default retention applies to new versions; GetObjectRetention answers for them."""
    version = s3.put_object(Bucket=bucket, Key="d", Body=b"1", **SHA256)["VersionId"]
    found = s3.get_object_retention(Bucket=bucket, Key="d", VersionId=version)["Retention"]
    assert found["Mode"] == "COMPLIANCE"
    assert timedelta(days=29) < found["RetainUntilDate"] - datetime.now(UTC) <= timedelta(days=30)
    assert refused(lambda: s3.delete_object(Bucket=bucket, Key="d", VersionId=version)) == "AccessDenied"


def test_the_default_retention_holds_for_copies_and_parts(s3: Any, bucket: str) -> None:
    """The default retention applies however the version came: by copy, or in parts."""
    s3.put_object(Bucket=bucket, Key="d", Body=b"1", **SHA256)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "d"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"1")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    for key in ("copy", "parts"):
        assert s3.get_object_retention(Bucket=bucket, Key=key)["Retention"]["Mode"] == "COMPLIANCE"


def test_a_retention_in_the_past_is_refused(s3: Any, bucket: str) -> None:
    """The retain until date must be in the future."""
    where = locked(s3, bucket, "GOVERNANCE")
    past = datetime.now(UTC) - timedelta(days=1)
    attempt = lambda: retain(s3, where, "GOVERNANCE", past, BypassGovernanceRetention=True)  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "InvalidArgument"


def test_a_conditional_write_finds_what_is_there(s3: Any, bucket: str) -> None:
    """PutObject with If-None-Match: * fails with 412 when the key exists."""
    s3.put_object(Bucket=bucket, Key="c", Body=b"1", IfNoneMatch="*", **SHA256)
    attempt = lambda: s3.put_object(Bucket=bucket, Key="c", Body=b"2", IfNoneMatch="*", **SHA256)  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="c")["Body"].read() == b"1"


def test_of_many_conditional_writes_one_succeeds(s3: Any, bucket: str) -> None:
    """Of concurrent conditional writes the first succeeds; others get 412, or 409 while it is under way."""
    gate, codes = threading.Barrier(16), list[str]()

    def put(number: int) -> None:
        gate.wait()
        try:
            s3.put_object(Bucket=bucket, Key="r", Body=str(number).encode(), IfNoneMatch="*", **SHA256)
            codes.append("won")
        except ClientError as error:
            codes.append(str(error.response["Error"]["Code"]))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("won") == 1
    assert set(codes) <= {"won", "PreconditionFailed", "ConditionalRequestConflict"}
    assert len(s3.list_object_versions(Bucket=bucket, Prefix="r")["Versions"]) == 1


def test_a_checksum_that_does_not_fit_is_refused(s3: Any, bucket: str) -> None:
    """A checksum that does not match what was received is BadDigest, and nothing is stored."""
    right, wrong = (base64.b64encode(hashlib.sha256(data).digest()).decode() for data in (b"1", b"2"))
    attempt = lambda: s3.put_object(Bucket=bucket, Key="s", Body=b"1", ChecksumSHA256=wrong, **SHA256)  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "BadDigest"
    assert "Versions" not in s3.list_object_versions(Bucket=bucket, Prefix="s")
    s3.put_object(Bucket=bucket, Key="s", Body=b"1", ChecksumSHA256=right, **SHA256)
    assert s3.head_object(Bucket=bucket, Key="s", ChecksumMode="ENABLED")["ChecksumSHA256"] == right


def deny(bucket: str, action: str, condition: dict[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_policy_can_demand_conditional_writes(s3: Any, bucket: str) -> None:
    """A Deny of s3:PutObject where s3:if-none-match is Null refuses every unconditional write."""
    s3.put_bucket_policy(
        Bucket=bucket, Policy=deny(bucket, "s3:PutObject", {"Null": {"s3:if-none-match": "true"}})
    )
    assert refused(lambda: s3.put_object(Bucket=bucket, Key="p", Body=b"1", **SHA256)) == "AccessDenied"
    s3.put_object(Bucket=bucket, Key="p", Body=b"1", IfNoneMatch="*", **SHA256)


def test_an_explicit_deny_holds_for_everybody(s3: Any, bucket: str) -> None:
    """An explicit Deny of s3:DeleteObject keeps even the owner from adding a delete marker."""
    s3.put_object(Bucket=bucket, Key="p", Body=b"1", **SHA256)
    s3.put_bucket_policy(Bucket=bucket, Policy=deny(bucket, "s3:DeleteObject"))
    assert refused(lambda: s3.delete_object(Bucket=bucket, Key="p")) == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key="p")["Body"].read() == b"1"
