"""An examination beyond one attack on the files: with the real keys, with what somebody kept, from where it stopped, and live."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.examination import Examination, Standing
from chalicelib.audit.findings import Fault, Finding
from chalicelib.audit.note import ED25519, Note
from chalicelib.audit.segment import BadSegment, unpack
from tests.fakes.log import LocalLogSigner
from tests.unit.audit.archive import Archive, MemoryFiles, examined, told
from tests.unit.audit.attacks import FILES, FIRST, FOURTH, HONEST, LAST, THIRD
from tests.unit.audit.forger import copy, drop, flip, keep_lines, put, relines, truncate


def placed(found: list[Finding]) -> list[tuple[Fault, str]]:
    return [(one.fault, one.place) for one in found]


def checkpoint(files: MemoryFiles, size: int) -> Checkpoint:
    return Checkpoint.parse(Note.parse(files.objects[f"checkpoints/{size:012d}"]).text)


def wrote(path: str) -> str:
    return path.partition("/")[2]


# -- forged by whoever holds the keys: the sealer itself is made to seal what is wrong


def forged(dated: timedelta) -> tuple[Archive, list[Finding]]:
    archive = Archive()
    archive.log()
    archive.seal(hours=2)
    archive.log(shifted=dated)
    archive.seal()
    return archive, examined(archive.files(), archive)


@pytest.mark.parametrize(
    ("dated", "fault"),
    [
        (timedelta(hours=-3), Fault.BACK_DATED),
        (timedelta(hours=-2, minutes=-16), Fault.BACK_DATED),
        (timedelta(minutes=6), Fault.POST_DATED),
    ],
)
def test_an_entry_dated_when_it_was_not_is_found_though_the_real_keys_sealed_it(
    dated: timedelta, fault: Fault
) -> None:
    archive, found = forged(dated)
    assert placed(found) == [(fault, f"{archive.files().under('segments/')[1]}#1")]


@pytest.mark.parametrize("dated", [timedelta(hours=-2, minutes=-14), timedelta(), timedelta(minutes=4)])
def test_an_entry_that_was_a_while_on_its_way_is_not_back_dated(dated: timedelta) -> None:
    assert forged(dated)[1] == []


def test_a_segment_sealed_in_the_future_is_found() -> None:
    found = examined(FILES, HONEST, now=HONEST.now - timedelta(hours=7))
    assert placed(found) == [(Fault.POST_DATED, LAST)]


def test_a_segment_dated_before_the_last_is_found() -> None:
    files = FILES.copy()
    relines(
        LAST,
        lambda lines: lines.__setitem__(0, lines[0].replace(b'at":"2026-06-02T04', b'at":"2026-06-01T17')),
    )(files)
    assert (Fault.BACK_DATED, LAST) in placed(examined(files, HONEST))


def test_the_same_entry_sealed_twice_is_found() -> None:
    archive = Archive()
    archive.log()
    archive.seal()
    archive.reseal()
    found = examined(archive.files(), archive)
    assert placed(found) == [(Fault.DUPLICATE, f"{archive.files().under('segments/')[1]}#1")]


def test_another_logs_files_are_not_this_logs() -> None:
    other = told(Archive(LocalLogSigner("another.example.cn/log")))
    found = examined(other.files(), HONEST)
    assert (Fault.BAD_SIGNATURE, "checkpoint") in placed(found)


def test_a_checkpoint_of_another_origin_is_found_though_the_real_keys_signed_it() -> None:
    files = FILES.copy()
    said = HONEST.checkpoint()
    put("checkpoint", HONEST.signer.sign(replace(said, origin="elsewhere"), HONEST.now))(files)
    assert placed(examined(files, HONEST)) == [(Fault.FORK, "checkpoint")]


def test_with_the_ed25519_key_alone_the_other_signature_is_not_asked_for() -> None:
    files = FILES.copy()
    for path in ["checkpoint", *files.under("checkpoints/")]:
        files.objects[path] = keep_lines(0)(files.objects[path])
    alone = [key for key in HONEST.keys if key.kind == ED25519]
    examination = Examination(files, alone, HONEST.now)
    assert list(examination.run())[-1] == 661
    assert examination.findings == []
    assert examined(files, HONEST) != []


# -- what no verifier can see, unless somebody kept a checkpoint


def truncated() -> MemoryFiles:
    files = FILES.copy()
    truncate(300, [wrote(path) for path in (THIRD, FOURTH, LAST)])(files)
    return files


def test_a_consistent_truncation_is_seen_only_by_whoever_kept_a_checkpoint() -> None:
    files = truncated()
    assert examined(files, HONEST) == []
    assert placed(examined(files, HONEST, [HONEST.checkpoint()])) == [(Fault.ROLLED_BACK, "checkpoint")]
    assert examined(files, HONEST, [checkpoint(FILES, 300)]) == []


def test_a_history_rewritten_with_the_real_keys_is_seen_only_by_whoever_kept_a_checkpoint() -> None:
    forged = told(Archive(HONEST.signer), first="certificate_history_read")
    assert examined(forged.files(), HONEST) == []
    for size in (200, 601, 661):
        found = examined(forged.files(), HONEST, [checkpoint(FILES, size)])
        assert placed(found) == [(Fault.FORK, f"checkpoints/{size:012d}")]
    assert examined(FILES, HONEST, [checkpoint(FILES, size) for size in (200, 601, 661)]) == []


def test_a_fork_after_a_backup_is_placed_at_the_checkpoint_that_was_seen() -> None:
    forked = Archive(HONEST.signer)
    for place, count in enumerate((200, 100, 300)):
        for number in range(count):
            changed = number % 50 == 7
            forked.log(
                "certificate_collected"
                if changed
                else "certificate_read"
                if place < 2
                else "certificate_history_read"
            )
        forked.seal(hours=6)
    assert examined(forked.files(), forked) == []
    found = examined(forked.files(), forked, [checkpoint(FILES, 600)])
    assert placed(found) == [(Fault.FORK, "checkpoints/000000000600")]


def test_a_checkpoint_seen_at_a_size_where_none_was_signed_is_a_fork() -> None:
    other = Checkpoint(HONEST.checkpoint().origin, 250, bytes(32))
    found = examined(FILES, HONEST, [other, replace(other, size=0)])
    assert placed(found) == [(Fault.FORK, "checkpoints/000000000250")]


def test_what_was_seen_within_a_gap_is_held_against_the_tiles() -> None:
    files, said = FILES.copy(), checkpoint(FILES, 300)
    drop(FIRST, "segments/" + wrote(FILES.under("segments/")[1]))(files)
    without = placed(examined(files, HONEST))
    assert placed(examined(files, HONEST, [said])) == without
    assert (Fault.FORK, "checkpoints/000000000300") in placed(
        examined(files, HONEST, [replace(said, root=bytes(32))])
    )


# -- going on from where an examination stopped


def half() -> tuple[Archive, Standing]:
    archive = told(Archive())
    examination = Examination(archive.files(), archive.keys, archive.now)
    list(examination.run())
    assert examination.findings == []
    return archive, examination.standing


def grown(archive: Archive, count: int = 300) -> None:
    for _ in range(count):
        archive.log("certificate_collected")
    archive.seal(hours=1)


def test_it_goes_on_from_where_it_stopped() -> None:
    archive, standing = half()
    grown(archive)
    examination = Examination(archive.files(), archive.keys, archive.now, standing=standing)
    assert list(examination.run()) == [961]
    assert examination.findings == []
    assert examined(archive.files(), archive, standing=examination.standing) == []


def test_a_fault_behind_where_it_stopped_is_found_going_on() -> None:
    archive, standing = half()
    grown(archive)
    files = archive.files()
    newest = files.under("segments/")[-1]
    flip("tile/0/002", 32 * 149)(files)  # partial then, whole now
    relines(
        newest, lambda lines: lines.__setitem__(1, lines[1].replace(b'"certificate_collected"', b'"charged"'))
    )(files)
    found = placed(examined(files, archive, standing=standing))
    assert found == [(Fault.SEGMENT_DIFFERS, f"{newest}#661"), (Fault.ALTERED, "tile/0/002#149")]


def test_a_log_that_is_shorter_than_it_was_is_found_going_on() -> None:
    _, standing = half()
    assert (Fault.ROLLED_BACK, "checkpoint") in placed(examined(truncated(), HONEST, standing=standing))


def test_a_checkpoint_kept_from_before_where_it_stopped_is_proven_by_the_tiles() -> None:
    archive, standing = half()
    files, said = archive.files(), checkpoint(archive.files(), 300)
    assert examined(files, archive, [said], standing) == []
    other = replace(said, root=bytes(32))
    fork = (Fault.FORK, "checkpoints/000000000300")
    assert placed(examined(files, archive, [other], standing)) == [fork]
    drop("tile/0/001")(files)
    assert placed(examined(files, archive, [said], standing)) == [(Fault.MISSING, "tile/0/001")]


# -- a log that is sealed while it is examined


def in_flight() -> tuple[Archive, MemoryFiles]:
    """The sealer has written its segment and is about to sign."""
    archive = told(Archive())
    archive.log("certificate_collected")
    archive.seal()
    files = archive.files()
    drop("checkpoints/000000000662")(files)
    copy("checkpoints/000000000661", "checkpoint")(files)
    return archive, files


def test_a_segment_being_sealed_at_this_moment_is_no_fault_and_is_met_the_next_time() -> None:
    archive, files = in_flight()
    examination = Examination(files, archive.keys, archive.now)
    list(examination.run())
    assert examination.findings == []
    assert examination.standing.path == LAST
    grown(archive)
    assert examined(archive.files(), archive, standing=examination.standing) == []


@pytest.mark.parametrize("later", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_a_segment_that_stays_unsealed_is_a_fault(later: timedelta) -> None:
    archive, files = in_flight()
    newest = files.under("segments/")[-1]
    found = placed(examined(files, archive, now=archive.now + later))
    assert (Fault.UNEXPECTED, newest) in found


@dataclass
class LiveFiles(MemoryFiles):
    """A log that moves on as soon as its newest checkpoint was read."""

    first: bytes = b""

    def get(self, path: str) -> bytes | None:
        if path == "checkpoint" and self.first:
            first, self.first = self.first, b""
            return first
        return super().get(path)

    def list(self, prefix: str) -> Iterator[str]:
        yield from super().list(prefix)


def test_a_log_that_grows_meanwhile_is_not_rolled_back() -> None:
    archive = told(Archive())
    before = archive.store.edge["checkpoint"]
    grown(archive)
    files = archive.files()
    assert examined(LiveFiles(files.objects, files.locks, before), archive) == []
    files.objects["checkpoint"] = before
    assert placed(examined(files, archive)) == [(Fault.ROLLED_BACK, "checkpoint")]


def test_an_object_that_goes_between_listing_and_reading_is_missing() -> None:
    @dataclass
    class Leaking(MemoryFiles):
        def list(self, prefix: str) -> Iterator[str]:
            yield from sorted([*super().list(prefix), *([FOURTH] if prefix == "segments/" else [])])

    files = Leaking(dict(FILES.objects), dict(FILES.locks))
    drop(FOURTH)(files)
    assert (Fault.MISSING, FOURTH) in placed(examined(files, HONEST))


def test_an_empty_place_is_no_log() -> None:
    assert placed(examined(MemoryFiles({}, {}), HONEST)) == [(Fault.MISSING, "checkpoint")]


# -- the law


def content(path: str, data: bytes) -> object:
    if not path.endswith(".gz"):
        return data
    try:
        return unpack(data)
    except BadSegment:
        return None


VOUCHED = sorted(path for path in FILES.objects if ".p/" not in path or path in {"tile/0/002.p/149", "tile/1/000.p/2", "tile/entries/002.p/149"})  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(VOUCHED), st.randoms(use_true_random=False), st.integers(1, 255))
def test_any_byte_of_any_object_that_is_changed_is_found(path: str, dice: random.Random, change: int) -> None:
    """Of a gzip stream, some bits mean nothing (its header's, and the padding at its end): what it unpacks to is vouched for."""
    files, at = FILES.copy(), dice.randrange(len(FILES.objects[path]))
    data = bytearray(files.objects[path])
    data[at] ^= change
    files.objects[path] = bytes(data)
    assume(content(path, bytes(data)) != content(path, FILES.objects[path]))
    assert examined(files, HONEST) != []
