"""The sealer on the local AWS itself: acts over HTTP end in one history, whatever is lost, comes twice, or dies."""

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.adapters.s3_log_files import s3_log_files
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.examination import Examination
from chalicelib.audit.findings import Fault, LogFiles
from chalicelib.audit.sealing import EntryKey, HeadMoved
from chalicelib.audit.segment import read
from chalicelib.audit.tiles import bundles_between, tiles_between
from chalicelib.bootstrap import Container
from chalicelib.jobs.sealing import LOST, on_sweep
from chalicelib.kernel.entropy import entry_id
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.seal_log import seal_log
from cli.audit_sources import FolderFiles
from local_aws.log_copy import copy_log
from local_aws.stage import LocalStage
from tests.api.conftest import Office
from tests.api.test_counts import counted
from tests.fakes.log import LocalLogSigner
from tests.fakes.mortal import Killed, Life, dying
from tests.fakes.records import ISSUER

EFFECTS = (
    28  # of a segment of three entries inside one tile, before and after each persists, at the very least
)


@pytest.fixture
def platform(stage: LocalStage) -> Platform:
    """The stage's own, with nothing waiting in its streams."""
    import app

    stage.drain()
    return app.container.platform


def committed(platform: Platform, count: int, age: timedelta = timedelta()) -> list[EntryKey]:
    """So many entries, committed by transactions of ninety."""
    now = platform.clock.now() - age
    actor = Actor(ISSUER, "system", system="market-licensing")
    entries = [
        Entry(entry_id(platform.entropy, now), now, "status_generation_opened", "unit/x", actor, "r")
        for _ in range(count)
    ]
    for at in range(0, count, 90):
        platform.journal.commit([], entries[at : at + 90])
    return [EntryKey(one.object, one.id) for one in entries]


def examined(platform: Platform, files: LogFiles) -> Examination:
    examination = Examination(files, platform.log.signer.verifier_keys(), datetime.now(UTC))
    for _ in examination.run():
        pass
    return examination


def bucket_files(stage: LocalStage) -> LogFiles:
    said = stage.loaded.environment
    return s3_log_files(said["ZHENGZHAO_LOG_BUCKET"], said["ZHENGZHAO_EDGE_BUCKET"])


def sealed_ids(files: LogFiles) -> list[str]:
    """The ids in every segment, in the order of the tree."""
    segments = [files.get(path) or b"" for path in files.list("segments/")]
    return [line.entry.partition(b'"id":"')[2][:36].decode() for one in segments for line in read(one)[1]]


def size(platform: Platform) -> int:
    head = platform.log.outbox.head()
    assert head is not None
    assert not head.pending
    return head.size


def test_acts_over_http_are_sealed_and_examine_without_a_finding(
    stage: LocalStage, market: Office, platform: Platform, tmp_path: Path
) -> None:
    identifier = market.issued()
    history = market.system.get(f"/v1/certificates/{identifier}/history").json()["entries"]
    stage.drain()
    assert copy_log(stage.loaded.environment, tmp_path) > 0
    files = FolderFiles(tmp_path)
    ids = sealed_ids(files)
    assert len(history) >= 3
    assert {one["id"] for one in history} <= set(ids)
    examination = examined(platform, files)
    assert examination.findings == []
    assert examination.size == size(platform) == len(ids) == len(set(ids))
    # Its twin: one entry altered in the copy.
    segment = max(tmp_path.glob("segments/*/*.gz"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    assert examined(platform, files).findings


def test_every_object_of_the_log_is_locked_as_long_as_its_segment_says(
    stage: LocalStage, platform: Platform
) -> None:
    seal_log(platform, committed(platform, 3))
    files = bucket_files(stage)
    assert examined(platform, files).findings == []
    for prefix in ("segments/", "checkpoints/", "keys/"):
        for path in files.list(prefix):
            lock = files.lock(path)
            assert lock is not None
            assert lock.mode == "COMPLIANCE"
            assert lock.until is not None
            assert lock.until > datetime.now(UTC) + timedelta(days=7300)
    strangers = Container().platform.log.signer.verifier_keys()
    assert list(strangers) == list(platform.log.signer.verifier_keys())


def test_another_logs_key_vouches_for_nothing_here(stage: LocalStage, platform: Platform) -> None:
    seal_log(platform, committed(platform, 1))
    log = replace(platform.log, signer=LocalLogSigner(platform.log.origin))
    findings = examined(replace(platform, log=log), bucket_files(stage)).findings
    assert Fault.BAD_SIGNATURE in {one.fault for one in findings}


def sealer(batches: list[list[EntryKey]], troubles: list[BaseException]) -> Callable[[], None]:
    """A function of its own, with its own clients; each batch comes until it is through."""

    def run() -> None:
        try:
            own = Container().platform
            for batch in batches:
                while True:
                    try:
                        seal_log(own, batch)
                    except HeadMoved:
                        continue
                    break
        except BaseException as trouble:  # noqa: BLE001  # a thread's failure is the test's
            troubles.append(trouble)

    return run


@pytest.mark.slow
def test_two_sealers_race_to_one_history(stage: LocalStage, platform: Platform) -> None:
    keys, dice = committed(platform, 600), random.Random(11)
    before, troubles, threads = size(platform), list[BaseException](), []
    for _ in range(2):
        stream = keys + dice.sample(keys, 120)  # 20 % come twice
        for _ in range(120):  # and as many out of their order
            here, there = dice.randrange(len(stream)), dice.randrange(len(stream))
            stream[here], stream[there] = stream[there], stream[here]
        batches = [stream[at : at + 60] for at in range(0, len(stream), 60)]
        threads.append(threading.Thread(target=sealer(batches, troubles)))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not troubles
    assert size(platform) == before + 600
    files = bucket_files(stage)
    ids = sealed_ids(files)
    assert len(ids) == len(set(ids)) == before + 600
    assert set(ids[before:]) == {one.id for one in keys}
    assert examined(platform, files).findings == []


@pytest.mark.slow
def test_a_sealer_killed_at_each_effect_is_finished_by_the_next(
    stage: LocalStage, platform: Platform
) -> None:
    step, sealed, before = 0, 0, size(platform)
    while True:
        step += 1
        keys = committed(platform, 3)
        sealed += 3
        try:
            seal_log(replace(platform, log=dying(platform.log, Life(step))), keys)
        except Killed:
            seal_log(platform, keys)
            assert size(platform) == before + sealed
        else:
            break
    assert step > EFFECTS - 8
    files = bucket_files(stage)
    assert len(set(sealed_ids(files))) == size(platform) == before + sealed
    assert examined(platform, files).findings == []


def test_what_sealing_three_hundred_costs(platform: Platform) -> None:
    seal_log(platform, committed(platform, 256 - size(platform) % 256))  # begin with whole tiles
    first, keys = size(platform), committed(platform, 300)
    with counted() as calls:
        assert seal_log(platform, keys) == 300
    assert calls["kms.Sign"] == 2  # one a key
    tiles, bundles = list(tiles_between(first, first + 300)), list(bundles_between(first, first + 300))
    assert (len(tiles), len(bundles)) == (3, 2)
    others = 4  # staged, segment, checkpoint, newest
    assert calls["s3.PutObject"] == len(tiles) + len(bundles) + others == 9
    assert calls["dynamodb.BatchGetItem"] == 3
    assert calls["dynamodb.TransactWriteItems"] == 4  # marks by the hundred, and the settled head
    assert calls["dynamodb.PutItem"] == 1  # the lock
    assert calls["dynamodb.GetItem"] == 1


def test_sealing_again_costs_one_read_and_no_write(platform: Platform) -> None:
    keys = committed(platform, 3)
    seal_log(platform, keys)
    with counted() as calls:
        assert seal_log(platform, keys) == 0
    assert calls == {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 1}


def test_a_lost_stream_record_is_swept_after_a_minute(stage: LocalStage, platform: Platform) -> None:
    young = committed(platform, 1)
    lost = committed(platform, 2, LOST + timedelta(seconds=5))
    assert on_sweep(platform) == 2
    assert platform.log.outbox.unsealed(lost) == []
    assert [one.id for one in platform.log.outbox.unsealed(young)] == [young[0].id]
    stage.drain()  # the young one, and the others once more
    assert platform.log.outbox.unsealed(young) == []
    assert on_sweep(platform) == 0
    assert examined(platform, bucket_files(stage)).findings == []
