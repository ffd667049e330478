"""What the hand-over is made with: one suite for the fakes and for DynamoDB and S3 on the local AWS."""

import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.adapters.s3_archive import S3Archive
from chalicelib.adapters.s3_packages import S3Packages
from chalicelib.adapters.side_by_side import AHEAD, side_by_side
from chalicelib.audit.journal import ChangeRefused
from chalicelib.audit.retention import Retention
from chalicelib.certificates.model import ArchivedObject
from chalicelib.certificates.ports import Archive
from chalicelib.kernel.errors import DomainError
from chalicelib.transfers.changes import AdvanceTransfer, CreateTransfer
from chalicelib.transfers.model import Contact, File
from chalicelib.transfers.ports import Gather, Packages
from chalicelib.transfers.record import Obstacle, Part, TransferRecord, TransferState
from tests.contract.stores import Stores
from tests.contract.test_records import entry
from tests.fakes.ambient import NOON
from tests.fakes.in_memory import InMemoryArchive
from tests.fakes.packages import InMemoryPackages, one_by_one
from tests.fakes.records import ISSUER, TYPE
from tests.fakes.troubled import Troubled, fault

pytestmark = pytest.mark.aws

TRANSFER = TransferRecord(
    id="01",
    unit=ISSUER,
    type_code=TYPE,
    first=date(2026, 1, 1),
    last=date(2026, 3, 31),
    contact=Contact("王·档(样例)", "0755-00000000"),
    requested_at=NOON,
)
KEPT = Retention(datetime(2061, 6, 1, tzinfo=UTC))
INFO = {"External-Identifier": "01", "Bagging-Date": "2026-06-01"}
PATH = "transfers/01/part-1.tar"


def files(content: bytes = b"content") -> Iterator[File]:
    yield File("data/a.txt", content)


# -- the store


def test_a_transfer_is_made_once_and_advances_from_what_was_read(stores: Stores) -> None:
    part = Part(1, PATH, "ab" * 32, 4096, 2)
    stored = ArchivedObject("transfers/01/selection.json", "v", "cd" * 32)
    after = replace(TRANSFER, state=TransferState.PREPARING, revision=2, selection=stored, parts=(part,))
    stores.journal.commit([CreateTransfer(TRANSFER)], [entry(1)])
    assert stores.transfers.transfer("01") == TRANSFER
    stores.journal.commit([AdvanceTransfer(TRANSFER, after)], [entry(2)])
    assert stores.transfers.transfer("01") == after
    for change in (CreateTransfer(TRANSFER), AdvanceTransfer(TRANSFER, replace(after, parts=()))):
        with pytest.raises(ChangeRefused):
            stores.journal.commit([change], [entry(3)])
    assert stores.transfers.transfer("01") == after
    assert stores.transfers.transfer("02") is None


def test_transfers_are_paged_newest_first_and_the_unfinished_are_known(stores: Stores) -> None:
    states = (TransferState.REQUESTED, TransferState.READY, TransferState.PREPARING, TransferState.REFUSED)
    made = [
        replace(TRANSFER, id=f"0{at}", state=state, obstacle=Obstacle("x")) for at, state in enumerate(states)
    ]
    stores.journal.commit([CreateTransfer(one) for one in made], [entry(1)])
    first, after = stores.transfers.transfers(None, 3)
    rest, end = stores.transfers.transfers(after, 3)
    assert ([*first, *rest], end) == (made[::-1], None)
    assert stores.transfers.unfinished() == [made[0], made[2]]


def test_a_contact_is_not_in_the_table_in_the_clear(stores: Stores, aws: Any) -> None:
    stores.journal.commit([CreateTransfer(TRANSFER)], [entry(1)])
    client = aws("dynamodb")
    for name in client.list_tables()["TableNames"]:
        assert TRANSFER.contact.phone not in str(client.scan(TableName=name)["Items"])


# -- the archive


@dataclass(frozen=True, slots=True)
class Bucket:
    """Packages and archive of one bucket; `content` is a package's bytes, `kept` how long an object is locked."""

    packages: Packages
    archive: Archive
    content: Callable[[str], bytes]
    kept: Callable[[str], Retention]


@pytest.fixture
def s3(endpoint_url: str) -> Any:
    """A client as a stage has it."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(signature_version="s3v4"),
    )


@pytest.fixture(params=["memory", "s3"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    if request.param == "memory":
        fake = InMemoryPackages()
        return Bucket(
            fake, InMemoryArchive(), lambda path: fake.archived[path][1], lambda path: fake.archived[path][2]
        )
    client, name = request.getfixturevalue("s3"), request.getfixturevalue("locked")
    packages = S3Packages(lambda: client, name, "GOVERNANCE")

    def content(path: str) -> bytes:
        with urlopen(packages.link(path, timedelta(minutes=15))) as answer:  # noqa: S310  # the emulator's own URL
            found: bytes = answer.read()
        return found

    def kept(path: str) -> Retention:
        head = client.head_object(Bucket=name, Key=path)
        return Retention(head["ObjectLockRetainUntilDate"], head["ObjectLockLegalHoldStatus"] == "ON")

    return Bucket(packages, S3Archive(client, name, "GOVERNANCE"), content, kept)


@pytest.mark.parametrize("hold", [False, True])
def test_a_package_is_archived_locked_and_fetched_by_its_link(bucket: Bucket, hold: bool) -> None:
    assert bucket.packages.package(PATH) is None
    made = bucket.packages.archive(PATH, files(), INFO, replace(KEPT, hold=hold))
    assert bucket.packages.package(PATH) == made
    content = bucket.content(PATH)
    assert len(content) == made.size
    assert b"01/data/a.txt" in content
    assert bucket.kept(PATH) == replace(KEPT, hold=hold)


def test_what_is_archived_first_wins(bucket: Bucket) -> None:
    made = bucket.packages.archive(PATH, files(), INFO, KEPT)
    content = bucket.content(PATH)
    assert bucket.packages.archive(PATH, files(b"another"), INFO, KEPT) == made
    assert bucket.content(PATH) == content


def test_of_two_at_once_both_are_given_the_one_that_is_there(bucket: Bucket) -> None:
    given = []

    def archive(content: bytes) -> None:
        given.append(bucket.packages.archive(PATH, files(content), INFO, KEPT))

    threads = [threading.Thread(target=archive, args=(bytes([at]),)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [bucket.packages.package(PATH)] * 4


def test_what_is_no_package_is_not_archived(bucket: Bucket) -> None:
    def broken() -> Iterator[File]:
        yield from files()
        raise LookupError("midway")

    with pytest.raises(LookupError):
        bucket.packages.archive(PATH, broken(), INFO, KEPT)
    with pytest.raises(ValueError, match="not a path"):
        bucket.packages.archive(PATH, [File("data/../a", b"")], INFO, KEPT)
    assert bucket.packages.package(PATH) is None


def test_an_archived_file_is_read_by_the_hash_that_the_log_names(bucket: Bucket) -> None:
    digest = hashlib.sha256(b"act").hexdigest()
    bucket.archive.put("certificates/x/acts/a.json", b"act", "application/json", KEPT)
    assert bucket.archive.read("certificates/x/acts/a.json", digest) == b"act"
    for key, expected in (("certificates/x/acts/a.json", "00" * 32), ("certificates/x/acts/b.json", digest)):
        with pytest.raises(DomainError, match="archive_damaged"):
            bucket.archive.read(key, expected)


# -- what only the adapters meet


@pytest.fixture
def locked(s3: Any) -> str:
    """A bucket with Object Lock."""
    name = f"contract-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def test_a_put_that_lost_against_one_that_then_failed_is_for_the_next_run(s3: Any, locked: str) -> None:
    raced: Any = Troubled(s3, "put_object", [fault("ConditionalRequestConflict")])
    packages = S3Packages(lambda: raced, locked, "GOVERNANCE")
    with pytest.raises(ClientError, match="ConditionalRequestConflict"):
        packages.archive(PATH, files(), INFO, KEPT)
    assert packages.archive(PATH, files(), INFO, KEPT) == packages.package(PATH)


@pytest.mark.parametrize("operation", ["put_object", "head_object", "get_object"])
def test_other_troubles_pass_through(s3: Any, locked: str, operation: str) -> None:
    troubled: Any = Troubled(s3, operation, [fault("SlowDown")])
    packages, archive = (
        S3Packages(lambda: troubled, locked, "GOVERNANCE"),
        S3Archive(troubled, locked, "GOVERNANCE"),
    )
    calls: dict[str, Callable[[], object]] = {
        "put_object": lambda: packages.archive(PATH, files(), INFO, KEPT),
        "head_object": lambda: packages.package(PATH),
        "get_object": lambda: archive.read(PATH, "00" * 32),
    }
    with pytest.raises(ClientError, match="SlowDown"):
        calls[operation]()
    assert packages.package(PATH) is None


# -- reading side by side


@pytest.mark.parametrize("gather", [one_by_one, side_by_side])
def test_many_reads_come_in_order_and_the_first_trouble_in_its_place(gather: Gather) -> None:
    count = 2 * AHEAD + 1
    assert list(gather(lambda at: at * 2, range(count))) == [at * 2 for at in range(count)]

    def read(at: int) -> int:
        if at == AHEAD + 1:
            raise LookupError(str(at))
        return at

    reading = gather(read, range(count))
    assert list(islice(reading, AHEAD + 1)) == list(range(AHEAD + 1))
    with pytest.raises(LookupError, match=str(AHEAD + 1)):
        next(reading)
