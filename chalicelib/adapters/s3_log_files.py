"""`LogFiles` on a stage's two buckets, for an auditor with reading rights: objects, and their locks as S3 states them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_log_store import ABSENT, is_growing
from chalicelib.audit.findings import Lock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3LogFiles:
    """See the port. `locked` is the bucket under Object Lock, `edge` the other."""

    def __init__(self, client: "S3Client", locked: str, edge: str) -> None:
        self._client, self._locked, self._edge = client, locked, edge

    def get(self, path: str) -> bytes | None:
        """See `LogFiles.get`."""
        try:
            bucket = self._edge if is_growing(path) else self._locked
            return self._client.get_object(Bucket=bucket, Key=path)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None

    def list(self, prefix: str) -> Iterator[str]:
        """See `LogFiles.list`."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._locked, Prefix=prefix)
        for page in pages:
            yield from (one["Key"] for one in page.get("Contents", []))

    def lock(self, path: str) -> Lock | None:
        """See `LogFiles.lock`."""
        if is_growing(path):
            return None
        try:
            head = self._client.head_object(Bucket=self._locked, Key=path)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None
        held = head.get("ObjectLockLegalHoldStatus") == "ON"
        return Lock(head.get("ObjectLockRetainUntilDate"), held, head.get("ObjectLockMode", ""))


def s3_log_files(locked: str, edge: str) -> S3LogFiles:
    """With a client of the environment's own credentials and endpoint."""
    import boto3
    from botocore.config import Config

    patient = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 6})
    return S3LogFiles(boto3.client("s3", config=patient), locked, edge)
