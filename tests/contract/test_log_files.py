"""`S3LogFiles` on the local AWS: a sealed log in its two buckets, its locks as S3 states them, and what it cannot read."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.adapters.s3_log_files import S3LogFiles, s3_log_files
from chalicelib.adapters.s3_log_store import S3LogStore, is_growing
from chalicelib.audit.examination import Examination
from chalicelib.audit.findings import Fault
from chalicelib.audit.retention import Retention
from chalicelib.kernel.errors import DomainError
from tests.fakes.troubled import Troubled, fault
from tests.unit.audit.archive import Archive, MemoryFiles

pytestmark = pytest.mark.aws


@pytest.fixture(scope="module")
def archive() -> Archive:
    """Sealed a little ahead of the machine's clock, so that no lock lies in the past."""
    found = Archive()
    found.city.clock.moment = datetime.now(UTC) + timedelta(days=1)
    for count in (200, 100):
        for number in range(count):
            held = Retention(found.now + timedelta(days=9000), hold=True) if number == 150 else None
            found.log("certificate_collected" if number == 7 else "certificate_read", retain=held)
        found.seal(hours=1)
    return found


@pytest.fixture
def buckets(aws: Any) -> tuple[Any, str, str]:
    """(client, locked, edge)."""
    name, client = f"contract-{uuid.uuid4().hex[:12]}", aws("s3")
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    client.create_bucket(Bucket=f"{name}-edge")
    return client, name, f"{name}-edge"


def stored(files: MemoryFiles, buckets: tuple[Any, str, str]) -> S3LogFiles:
    """As the sealer would store it."""
    store = S3LogStore(*buckets, "COMPLIANCE")
    for path, data in files.objects.items():
        if is_growing(path):
            store.keep(path, data)
        else:
            store.lock(path, data, files.locks[path])
    return S3LogFiles(*buckets)


def found(files: S3LogFiles, archive: Archive) -> list[tuple[Fault, str]]:
    examination = Examination(files, archive.keys, archive.now)
    list(examination.run())
    return [(one.fault, one.place) for one in examination.findings]


def test_a_sealed_log_in_its_buckets_is_whole(archive: Archive, buckets: tuple[Any, str, str]) -> None:
    files = stored(archive.files(), buckets)
    assert found(files, archive) == []
    first = next(files.list("segments/"))
    lock = files.lock(first)
    assert lock is not None
    assert (lock.mode, lock.hold) == ("COMPLIANCE", True)
    assert lock.until is not None
    assert abs(lock.until - archive.files().locks[first].until) < timedelta(seconds=1)


def test_locks_that_are_too_short_or_lack_a_hold_are_found(
    archive: Archive, buckets: tuple[Any, str, str]
) -> None:
    files = archive.files()
    first, second = files.under("segments/")
    files.locks[second] = Retention(archive.now + timedelta(days=30), hold=True)
    files.locks[first] = replace(files.locks[first], hold=False)
    assert found(stored(files, buckets), archive) == [
        (Fault.LOCK_TOO_SHORT, first),
        (Fault.LOCK_TOO_SHORT, second),
    ]


def test_an_object_without_a_lock_is_found(archive: Archive, buckets: tuple[Any, str, str]) -> None:
    files, client = archive.files(), buckets[0]
    path = "checkpoints/000000000200"
    data = files.objects.pop(path)
    examined = stored(files, buckets)
    client.put_object(Bucket=buckets[1], Key=path, Body=data)
    assert found(examined, archive) == [(Fault.LOCK_TOO_SHORT, path)]


def test_what_was_put_over_a_locked_object_is_found(archive: Archive, buckets: tuple[Any, str, str]) -> None:
    """The locked version stays, and a newer one hides it: S3 forbids no new version."""
    examined, client = stored(archive.files(), buckets), buckets[0]
    client.put_object(Bucket=buckets[1], Key="tile/0/000", Body=bytes(8192))
    client.delete_object(Bucket=buckets[1], Key="tile/entries/000")
    assert {(Fault.ALTERED, "tile/0/000#0"), (Fault.MISSING, "tile/entries/000")} <= set(
        found(examined, archive)
    )


def test_what_is_not_there_is_none(archive: Archive, buckets: tuple[Any, str, str]) -> None:
    files = S3LogFiles(*buckets)
    assert files.get("checkpoint") is None
    assert files.get("tile/0/000") is None
    assert files.lock("tile/0/000") is None
    assert files.lock("checkpoint") is None
    assert list(files.list("segments/")) == []


def test_buckets_that_cannot_be_read_are_said_to_be_unreadable(buckets: tuple[Any, str, str]) -> None:
    files = S3LogFiles(buckets[0], "no-such-bucket-here", "nor-this-one")
    for attempt in (lambda: files.get("tile/0/000"), lambda: list(files.list("segments/"))):
        with pytest.raises(DomainError, match="log_unreadable"):
            attempt()
    troubles: list[tuple[str, Any]] = [
        ("get_object", EndpointConnectionError(endpoint_url="http://x")),
        ("head_object", fault("AccessDenied")),
    ]
    for operation, error in troubles:
        troubled: Any = Troubled(buckets[0], operation, [error])
        files = S3LogFiles(troubled, *buckets[1:])
        with pytest.raises(DomainError, match="log_unreadable"):
            (files.get if operation == "get_object" else files.lock)("tile/0/000")


def test_the_command_reads_buckets_with_the_environments_credentials(
    archive: Archive,
    buckets: tuple[Any, str, str],
    endpoint_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from cli.audit_verify import run

    stored(archive.files(), buckets)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    key = tmp_path / "log.vkey"
    key.write_text("".join(f"{one}\n" for one in archive.keys))
    asked = ["--key", str(key), "--now", archive.now.isoformat(), "--quiet"]
    assert run([f"s3://{buckets[1]}", "--edge", buckets[2], *asked]) == 0
    assert run(["s3://no-such-bucket-here", "--edge", buckets[2], *asked]) == 2
    assert "log_unreadable" in capsys.readouterr().err
    assert isinstance(s3_log_files(*buckets[1:]), S3LogFiles)
