"""`LogStore` on two buckets: what is whole is locked at once, what still grows lies in the unlocked one."""

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_archive import Mode, lock_date
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import Note
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import LogDamaged

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NEWEST: Final = "checkpoint"
_TAKEN: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
ABSENT: Final = frozenset({"NoSuchKey", "404"})
ATTEMPTS: Final = 5


def is_growing(path: str) -> bool:
    """Whether the object lies in the unlocked bucket: it is partial, on its way, or the newest."""
    return path == NEWEST or path.startswith("staging/") or ".p/" in path


class S3LogStore:
    """See the port. `locked` is the bucket under Object Lock, `edge` the other."""

    def __init__(self, client: "S3Client", locked: str, edge: str, mode: Mode) -> None:
        self._client, self._locked, self._edge, self._mode = client, locked, edge, mode

    def lock(self, path: str, body: bytes, retention: Retention) -> None:
        """See `LogStore.lock`."""
        if self.lock_first(path, body, retention) != body:
            raise LogDamaged(path)

    def lock_first(self, path: str, body: bytes, retention: Retention) -> bytes:
        """See `LogStore.lock_first`: a conditional write, checksummed end to end."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._put_locked(path, body, retention)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _TAKEN:
                    raise
                standing = self._read(self._locked, path)
                if standing is not None:
                    return standing
                # 409: another write was under way, and came to nothing. S3 says: try again.
                if attempt == ATTEMPTS:
                    raise
            else:
                return body
        raise AssertionError("the last attempt returns or raises")

    def _put_locked(self, path: str, body: bytes, retention: Retention) -> None:
        self._client.put_object(
            Bucket=self._locked,
            Key=path,
            Body=body,
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=_checksum(body),
            IfNoneMatch="*",
            ObjectLockMode=self._mode,
            ObjectLockRetainUntilDate=lock_date(retention),
            ObjectLockLegalHoldStatus="ON" if retention.hold else "OFF",
        )

    def keep(self, path: str, body: bytes) -> None:
        """See `LogStore.keep`: the same path always gets the same bytes, so nothing is asked first."""
        self._client.put_object(
            Bucket=self._edge, Key=path, Body=body, ChecksumAlgorithm="SHA256", ChecksumSHA256=_checksum(body)
        )

    def newest(self, checkpoint: bytes, size: int) -> None:
        """See `LogStore.newest`: replaced only as it was read."""
        for attempt in range(1, ATTEMPTS + 1):
            etag, standing = self._newest()
            if standing is not None and standing >= size:
                return
            condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
            try:
                self._client.put_object(Bucket=self._edge, Key=NEWEST, Body=checkpoint, **condition)  # type: ignore[arg-type]  # one of two conditions
            except ClientError as error:
                if error.response["Error"]["Code"] not in _TAKEN or attempt == ATTEMPTS:
                    raise
            else:
                return

    def _newest(self) -> tuple[str | None, int | None]:
        """(ETag, size) of the newest; what is no checkpoint counts as size -1, and is replaced."""
        try:
            answer = self._client.get_object(Bucket=self._edge, Key=NEWEST)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None, None
        try:
            size = Checkpoint.parse(Note.parse(answer["Body"].read()).text).size
        except ValueError:
            size = -1
        return answer["ETag"], size

    def fetch(self, path: str) -> bytes | None:
        """See `LogStore.fetch`."""
        return self._read(self._edge if is_growing(path) else self._locked, path)

    def _read(self, bucket: str, path: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=bucket, Key=path)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None


def _checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
