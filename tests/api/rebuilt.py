"""Empty tables and copied buckets beside a running stage, and the same app put on top of them: a stage after its loss."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from chalicelib.adapters.dynamo_comparison import Comparison, Difference
from chalicelib.adapters.dynamo_items import Tables
from chalicelib.adapters.dynamo_rebuild import dynamodb_client, tables_of
from chalicelib.adapters.s3_log_files import S3LogFiles, s3_log_files
from chalicelib.adapters.s3_log_store import S3LogStore, is_growing
from chalicelib.audit.examination import Examination
from chalicelib.audit.findings import Finding
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.retention import Retention
from chalicelib.settings import Settings
from chalicelib.usecases.seal_log import seal_log
from infra.stages import load_stage
from infra.tables import tables as table_resources
from local_aws.log_copy import copy_log


@dataclass(frozen=True)
class Copy:
    """A stage's log in buckets of its own, and names of tables beside the stage's."""

    settings: Settings
    prefix: str
    log: str
    edge: str
    key_file: Path

    @property
    def tables(self) -> Tables:
        return tables_of(self.prefix)

    @property
    def files(self) -> S3LogFiles:
        return s3_log_files(self.log, self.edge)

    @property
    def keys(self) -> list[VerifierKey]:
        return [VerifierKey.parse(line) for line in self.key_file.read_text().splitlines()]

    def differences(self) -> list[Difference]:
        """The lost tables held against the rebuilt ones."""
        client = dynamodb_client()
        return list(Comparison(client, self.settings.tables, self.tables, datetime.now(UTC)).differences())

    def faults(self) -> list[Finding]:
        """What is wrong with the log as it lies in the copied buckets."""
        examined = Examination(self.files, self.keys, datetime.now(UTC))
        assert list(examined.run())
        return examined.findings


def copied(folder: Path) -> Copy:
    """The running stage's log, copied with its locks; the stage itself is left alone."""
    import app

    platform, settings, name = app.container.platform, app.container.settings, uuid.uuid4().hex[:8]
    s3, log, edge = boto3.client("s3"), f"rebuilt-{name}-log", f"rebuilt-{name}-edge"
    s3.create_bucket(Bucket=log, ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket=edge)
    copy_log(dict(os.environ), folder / "log")
    theirs = s3_log_files(settings.log_bucket, settings.edge_bucket)
    ours = S3LogStore(s3, log, edge, "COMPLIANCE")
    for path in sorted(one for one in (folder / "log").rglob("*") if one.is_file()):
        _put(ours, theirs, str(path.relative_to(folder / "log")), path.read_bytes())
    key_file = folder / "log.vkey"
    key_file.write_text("".join(f"{key}\n" for key in platform.log.signer.verifier_keys()))
    return Copy(settings, f"rebuilt-{name}", log, edge, key_file)


def _put(ours: S3LogStore, theirs: S3LogFiles, path: str, body: bytes) -> None:
    if is_growing(path):
        return ours.keep(path, body)
    lock = theirs.lock(path)
    assert lock is not None
    assert lock.until is not None
    return ours.lock(path, body, Retention(lock.until, lock.hold))


def create_tables(prefix: str) -> None:
    """Empty ones, as `infra` says."""
    stage = load_stage("local")
    for resource in table_resources(stage).values():
        said: dict[str, Any] = resource["Properties"]
        name = said["TableName"].replace(stage.physical(""), f"{prefix}-")
        wanted = {one: said[one] for one in ("AttributeDefinitions", "KeySchema", "BillingMode")}
        if "GlobalSecondaryIndexes" in said:
            wanted["GlobalSecondaryIndexes"] = said["GlobalSecondaryIndexes"]
        boto3.client("dynamodb").create_table(TableName=name, **wanted)


@contextmanager
def standing_on(copy: Copy) -> Iterator[Any]:
    """The app on the rebuilt tables and the copied log, at the same address; afterwards on its own again."""
    import app

    container = app.container
    before = dict(vars(container))
    moved = replace(copy.settings, tables=copy.tables, log_bucket=copy.log, edge_bucket=copy.edge)
    vars(container).clear()
    type(container).__init__(container, moved)
    try:
        yield container
    finally:
        vars(container).clear()
        vars(container).update(before)


def seal_everything(container: Any) -> int:
    """What the stream and the sweep would do, at once."""
    soon, platform = datetime.now(UTC) + timedelta(seconds=1), container.platform
    return seal_log(platform, platform.log.outbox.waiting(soon, 10_000))
