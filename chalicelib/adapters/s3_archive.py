"""The archive on S3 with Object Lock: what is archived first wins (decision 7)."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from botocore.exceptions import ClientError

from chalicelib.audit.retention import Retention
from chalicelib.certificates.model import ArchivedObject
from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Mode = Literal["GOVERNANCE", "COMPLIANCE"]
TAKEN: Final = frozenset({"PreconditionFailed", "412"})
ABSENT: Final = frozenset({"NoSuchKey", "404"})
# Two conditional writes at the same instant: S3 may answer 409 to the loser, who then finds the winner's object.
RACED: Final = frozenset({"ConditionalRequestConflict", "409"})


def lock_date(retention: Retention) -> datetime:
    """The date for S3, which keeps whole seconds and drops the rest: rounded up, so that no lock ends too soon."""
    until = retention.until
    return until.replace(microsecond=0) + timedelta(seconds=1) if until.microsecond else until


class S3Archive:
    """`Archive`. Each object carries its own retention, never shorter than the bucket's default of 20 years."""

    def __init__(self, client: "S3Client", bucket: str, mode: Mode) -> None:
        self._client, self._bucket, self._mode = client, bucket, mode

    def put(self, key: str, body: bytes, content_type: str, retention: Retention) -> ArchivedObject:
        """See `Archive.put`: a conditional write, checksummed end to end."""
        digest = hashlib.sha256(body)
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",  # with it, as the documentation of locked uploads demands
                ChecksumSHA256=base64.b64encode(digest.digest()).decode("ascii"),
                IfNoneMatch="*",
                ObjectLockMode=self._mode,
                ObjectLockRetainUntilDate=lock_date(retention),
                ObjectLockLegalHoldStatus="ON" if retention.hold else "OFF",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in TAKEN | RACED:
                raise
            return self._existing(key)
        return ArchivedObject(key, answer["VersionId"], digest.hexdigest())

    def _existing(self, key: str) -> ArchivedObject:
        """What is there, by the checksum that S3 itself computed when it took it."""
        head = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        return ArchivedObject(key, head["VersionId"], base64.b64decode(head["ChecksumSHA256"]).hex())

    def get(self, archived: ArchivedObject) -> bytes:
        """See `Archive.get`."""
        answer = self._client.get_object(Bucket=self._bucket, Key=archived.key, VersionId=archived.version_id)
        body = answer["Body"].read()
        if hashlib.sha256(body).hexdigest() != archived.sha256:
            raise DomainError("archive_damaged")
        return body

    def read(self, key: str, sha256: str) -> bytes:
        """See `Archive.read`: the bucket's policy lets a key have one version only."""
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise DomainError("archive_damaged") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DomainError("archive_damaged")
        return body
