"""`LogFiles` on a stage's two buckets, for an auditor with reading rights: objects, and their locks as S3 states them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.s3_log_store import ABSENT, is_growing
from chalicelib.audit.findings import Lock
from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3LogFiles:
    """See the port. `locked` is the bucket under Object Lock, `edge` the other.

    DomainError("log_unreadable") when a bucket is not there, may not be read, or does not answer.
    """

    def __init__(self, client: "S3Client", locked: str, edge: str) -> None:
        self._client, self._locked, self._edge = client, locked, edge

    def get(self, path: str) -> bytes | None:
        """See `LogFiles.get`."""
        bucket = self._edge if is_growing(path) else self._locked
        with _reading(bucket, path):
            return self._client.get_object(Bucket=bucket, Key=path)["Body"].read()
        return None

    def list(self, prefix: str) -> Iterator[str]:
        """See `LogFiles.list`."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._locked, Prefix=prefix)
        with _reading(self._locked, prefix):
            for page in pages:
                yield from (one["Key"] for one in page.get("Contents", []))

    def lock(self, path: str) -> Lock | None:
        """See `LogFiles.lock`."""
        if is_growing(path):
            return None
        with _reading(self._locked, path):
            head = self._client.head_object(Bucket=self._locked, Key=path)
            held = head.get("ObjectLockLegalHoldStatus") == "ON"
            return Lock(head.get("ObjectLockRetainUntilDate"), held, head.get("ObjectLockMode", ""))
        return None


@contextmanager
def _reading(bucket: str, path: str) -> Iterator[None]:
    """Goes past the absence of an object; says what else stood in the way."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ABSENT:
            raise DomainError("log_unreadable", None, (bucket, path, code)) from error
    except BotoCoreError as error:
        raise DomainError("log_unreadable", None, (bucket, path, str(error))) from error


def s3_log_files(locked: str, edge: str) -> S3LogFiles:
    """With a client of the environment's own credentials and endpoint."""
    import boto3
    from botocore.config import Config

    patient = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 6})
    return S3LogFiles(boto3.client("s3", config=patient), locked, edge)
