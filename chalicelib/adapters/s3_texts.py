"""`PersonalTexts` in the log's unlocked, unversioned bucket: `personal/<subject>/<entry id>`, sealed; deleted is gone."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.adapters.s3_log_store import ABSENT
from chalicelib.adapters.sealing import Sealer
from chalicelib.audit.personal import SALT_SIZE, Personal, Text, digest
from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Texts:
    """See the port. The object's name is authenticated: a text cannot pose as another entry's."""

    def __init__(self, client: "S3Client", bucket: str, sealer: Sealer) -> None:
        self._client, self._bucket, self._sealer = client, bucket, sealer

    def keep(self, entry_id: str, text: Text) -> Personal:
        """See `PersonalTexts.keep`: a conditional put; the entry's id is fresh, so nothing is there."""
        name, salt = _name(text.subject, entry_id), os.urandom(SALT_SIZE)
        body = self._sealer.seal(name, salt + text.text.encode())
        self._client.put_object(Bucket=self._bucket, Key=name, Body=body, IfNoneMatch="*")
        return Personal(text.subject, digest(salt, text.text))

    def text(self, entry_id: str, personal: Personal) -> str | None:
        """See `PersonalTexts.text`."""
        name = _name(personal.subject, entry_id)
        try:
            sealed = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            return None
        plain = self._sealer.unseal(name, sealed)
        salt, said = plain[:SALT_SIZE], plain[SALT_SIZE:].decode()
        if digest(salt, said) != personal.digest:
            raise DomainError("record_damaged")
        return said

    def held(self, subject: str) -> Sequence[str]:
        """See `PersonalTexts.held`: all pages."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=_name(subject, "")
        )
        names = [one["Key"] for page in pages for one in page.get("Contents", [])]
        return [name.rpartition("/")[2] for name in names]

    def erase(self, subject: str, entry_ids: Sequence[str]) -> None:
        """See `PersonalTexts.erase`. A crash here leaves some; run again, it finds and erases those."""
        for entry_id in entry_ids:
            self._client.delete_object(Bucket=self._bucket, Key=_name(subject, entry_id))


def _name(subject: str, entry_id: str) -> str:
    return f"personal/{subject}/{entry_id}"
