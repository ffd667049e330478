"""`LogStore`: one suite for the fake and for S3 on the local AWS, then what only the adapter can meet."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.s3_log_store import ATTEMPTS, S3LogStore
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import LogDamaged, LogStore
from tests.fakes.log import ORIGIN, InMemoryLogStore, LocalLogSigner
from tests.fakes.troubled import Troubled, fault

pytestmark = pytest.mark.aws

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7305)
KEPT = Retention(SOON)
SIGNER = LocalLogSigner()
TILE, PARTIAL = "tile/0/000", "tile/0/001.p/7"


def note(size: int) -> bytes:
    return SIGNER.sign(Checkpoint(ORIGIN, size, bytes(32)), SOON)


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A fresh bucket under Object Lock; beside it, by `edge`'s name, one without."""
    name = f"contract-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket=edge(name))
    return name


def edge(bucket: str) -> str:
    return f"{bucket}-edge"


def on_buckets(client: Any, bucket: str) -> S3LogStore:
    return S3LogStore(client, bucket, edge(bucket), "COMPLIANCE")


@pytest.fixture
def in_s3(s3: Any, bucket: str) -> S3LogStore:
    return on_buckets(s3, bucket)


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> LogStore:
    return InMemoryLogStore() if request.param == "memory" else request.getfixturevalue("in_s3")


def test_what_is_locked_is_read_back_and_stays(store: LogStore) -> None:
    assert store.fetch(TILE) is None
    store.lock(TILE, b"whole", KEPT)
    store.lock(TILE, b"whole", KEPT)  # once more is harmless
    with pytest.raises(LogDamaged):
        store.lock(TILE, b"other", KEPT)
    assert store.fetch(TILE) == b"whole"


def test_the_first_to_lock_a_path_counts(store: LogStore) -> None:
    path = "checkpoints/000000000007"
    assert store.lock_first(path, b"first", KEPT) == b"first"
    assert store.lock_first(path, b"second", KEPT) == b"first"
    assert store.fetch(path) == b"first"


def test_what_grows_lies_apart_and_may_be_written_again(store: LogStore) -> None:
    for path in (PARTIAL, "staging/000000000000-ab"):
        assert store.fetch(path) is None
        store.keep(path, b"growing")
        store.keep(path, b"growing")
        assert store.fetch(path) == b"growing"


def test_the_newest_checkpoint_never_goes_back(store: LogStore) -> None:
    for size, then in ((7, 7), (9, 9), (8, 9), (9, 9), (7, 9), (10, 10)):
        store.newest(note(size), size)
        newest = store.fetch("checkpoint")
        assert newest is not None
        assert newest.split(b"\n")[1] == str(then).encode()


# -- S3 alone


def test_every_lock_is_the_buckets_own_with_date_mode_and_hold(
    s3: Any, bucket: str, in_s3: S3LogStore
) -> None:
    in_s3.lock("held", b"1", Retention(SOON, hold=True))
    in_s3.lock_first("dated", b"1", Retention(SOON + timedelta(days=1)))
    for path, until, hold in (("held", SOON, "ON"), ("dated", SOON + timedelta(days=1), "OFF")):
        head = s3.head_object(Bucket=bucket, Key=path)
        assert head["ObjectLockMode"] == "COMPLIANCE"
        assert head["ObjectLockRetainUntilDate"] == until
        assert head.get("ObjectLockLegalHoldStatus", "OFF") == hold
        with pytest.raises(ClientError):
            s3.delete_object(Bucket=bucket, Key=path, VersionId=head["VersionId"])


def test_no_lock_ends_before_its_moment(s3: Any, bucket: str, in_s3: S3LogStore) -> None:
    """S3 keeps whole seconds: a fraction is rounded up."""
    for fraction in (0, 1, 999_999):
        until = SOON + timedelta(microseconds=fraction)
        in_s3.lock(f"fraction-{fraction}", b"1", Retention(until))
        locked = s3.head_object(Bucket=bucket, Key=f"fraction-{fraction}")["ObjectLockRetainUntilDate"]
        assert timedelta() <= locked - until < timedelta(seconds=1)


def test_locking_again_makes_no_second_version(s3: Any, bucket: str, in_s3: S3LogStore) -> None:
    for _ in range(3):
        in_s3.lock(TILE, b"whole", KEPT)
    with pytest.raises(LogDamaged):
        in_s3.lock(TILE, b"other", KEPT)
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 1
    assert s3.list_objects_v2(Bucket=edge(bucket))["KeyCount"] == 0


def test_what_grows_bears_no_lock(s3: Any, bucket: str, in_s3: S3LogStore) -> None:
    in_s3.keep(PARTIAL, b"1")
    in_s3.newest(note(1), 1)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    for path in (PARTIAL, "checkpoint"):
        assert "ObjectLockMode" not in s3.head_object(Bucket=edge(bucket), Key=path)


def troubled(s3: Any, bucket: str, operation: str, *errors: ClientError) -> tuple[Troubled, S3LogStore]:
    client = Troubled(s3, operation, errors)
    return client, on_buckets(client, bucket)


def test_a_write_that_met_another_is_tried_again_and_never_taken_for_done(
    s3: Any, bucket: str, in_s3: S3LogStore
) -> None:
    """409: somebody else's write was under way, so nothing may be there yet."""
    conflict = fault("ConditionalRequestConflict")
    client, store = troubled(s3, bucket, "put_object", conflict, conflict)
    assert store.lock_first(TILE, b"whole", KEPT) == b"whole"
    assert client.calls == 3
    assert in_s3.fetch(TILE) == b"whole"
    _, store = troubled(s3, bucket, "put_object", *[conflict] * ATTEMPTS)
    with pytest.raises(ClientError):
        store.lock_first("tile/0/001", b"whole", KEPT)
    assert in_s3.fetch("tile/0/001") is None


@pytest.mark.parametrize("act", ["lock", "keep", "newest", "fetch", "fetch newest"])
def test_a_bucket_that_refuses_is_heard_of(s3: Any, bucket: str, in_s3: S3LogStore, act: str) -> None:
    operation = "get_object" if act.startswith("fetch") else "put_object"
    _, store = troubled(s3, bucket, operation, fault("AccessDenied"))
    acts: dict[str, Callable[[], object]] = {
        "lock": lambda: store.lock(TILE, b"1", KEPT),
        "keep": lambda: store.keep(PARTIAL, b"1"),
        "newest": lambda: store.newest(note(1), 1),
        "fetch": lambda: store.fetch(TILE),
        "fetch newest": lambda: store.newest(note(1), 1),
    }
    with pytest.raises(ClientError):
        acts[act]()
    assert in_s3.fetch(TILE) is in_s3.fetch("checkpoint") is None


def test_what_is_no_checkpoint_is_replaced(s3: Any, bucket: str, in_s3: S3LogStore) -> None:
    s3.put_object(Bucket=edge(bucket), Key="checkpoint", Body=b"nonsense")
    in_s3.newest(note(1), 1)
    assert (in_s3.fetch("checkpoint") or b"").startswith(ORIGIN.encode())


def test_a_newest_that_changed_under_us_is_read_again(s3: Any, bucket: str, in_s3: S3LogStore) -> None:
    taken = fault("PreconditionFailed")
    client, store = troubled(s3, bucket, "put_object", taken, taken)
    store.newest(note(3), 3)
    assert client.calls == 3
    _, store = troubled(s3, bucket, "put_object", *[taken] * ATTEMPTS)
    with pytest.raises(ClientError):
        store.newest(note(4), 4)


def test_of_many_sealers_the_largest_tree_is_the_newest(in_s3: S3LogStore) -> None:
    troubles: list[Exception] = []

    def publish(size: int) -> None:
        try:
            in_s3.newest(note(size), size)
        except Exception as trouble:  # noqa: BLE001  # a thread's failure is the test's
            troubles.append(trouble)

    threads = [threading.Thread(target=publish, args=(size,)) for size in (4, 2, 3, 1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not troubles
    assert (in_s3.fetch("checkpoint") or b"").split(b"\n")[1] == b"4"
