"""`Packages` on S3 with Object Lock: a bag written to the temporary folder, judged there, and put in one piece.

In one piece because the bucket refuses any put without a condition, and the pieces of a multipart upload carry none; one
put takes 5 GB, more than a function's disk. What the bag is stands beside it as metadata, so that it is known unread.
"""

import base64
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_archive import ABSENT, RACED, TAKEN, Mode
from chalicelib.audit.retention import Retention
from chalicelib.transfers.model import File
from chalicelib.transfers.ports import Package

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from chalicelib.adapters.bag_writer import Written

CONTENT_TYPE: Final = "application/x-tar"


class S3Packages:
    """See the port. The client signs with Signature Version 4: what KMS encrypts is given to no other.

    It is asked for on first use: most functions have no need of it.
    """

    def __init__(self, client: Callable[[], "S3Client"], bucket: str, mode: Mode) -> None:
        self._client, self._bucket, self._mode = client, bucket, mode

    def package(self, path: str) -> Package | None:
        """See `Packages.package`."""
        try:
            head = self._client().head_object(Bucket=self._bucket, Key=path)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None
        # Metadata travel as headers, whose case means nothing.
        said = {name.lower(): value for name, value in head["Metadata"].items()}
        return Package(said["digest"], head["ContentLength"])

    def archive(
        self, path: str, files: Iterable[File], info: Mapping[str, str], retention: Retention
    ) -> Package:
        """See `Packages.archive`."""
        from chalicelib.adapters.bag_writer import write  # only here: no other function writes a bag

        with tempfile.TemporaryDirectory(prefix="package-") as folder:
            written = write(files, info, str(Path(folder, "package.tar")))
            # A crash here leaves a file on a disk that is thrown away.
            return self._put(path, written, retention)

    def _put(self, path: str, written: "Written", retention: Retention) -> Package:
        checksum = base64.b64encode(bytes.fromhex(written.sha256)).decode("ascii")
        try:
            with Path(written.path).open("rb") as body:
                self._client().put_object(
                    Bucket=self._bucket,
                    Key=path,
                    Body=body,
                    ContentType=CONTENT_TYPE,
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                    Metadata={"digest": written.digest},
                    ObjectLockMode=self._mode,
                    ObjectLockRetainUntilDate=retention.until,
                    ObjectLockLegalHoldStatus="ON" if retention.hold else "OFF",
                )
        except ClientError as error:
            if error.response["Error"]["Code"] not in TAKEN | RACED:
                raise
            existing = self.package(path)
            if existing is None:  # it lost against a put that then failed: the next run comes again
                raise
            return existing
        return Package(written.digest, written.size)

    def link(self, path: str, lifetime: timedelta) -> str:
        """See `Packages.link`."""
        return self._client().generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": path},
            ExpiresIn=int(lifetime.total_seconds()),
        )
