"""What a root administrator does to the files of a sealed log → what is found, and where."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.findings import Fault
from chalicelib.audit.retention import Retention
from tests.fakes.log import ORIGIN, LocalLogSigner
from tests.unit.audit.archive import Archive, MemoryFiles, told
from tests.unit.audit.forger import (
    Act,
    Lines,
    bomb,
    change,
    copy,
    drop,
    exchange,
    flip,
    keep_lines,
    put,
    relines,
    resign,
    reword,
    several,
    swap,
    truncate,
)

HONEST = told(Archive())
FILES = HONEST.files()
FIRST, SECOND, THIRD, FOURTH, LAST = FILES.under("segments/")
AT_300, AT_661 = "checkpoints/000000000300", "checkpoints/000000000661"
THIEF = LocalLogSigner()
ACT, WROTE_SECOND, WROTE_THIRD, WROTE_LAST = FILES.under("changes/")
KEY = FILES.under("keys/")[0]
LOCK = Retention(HONEST.now + timedelta(days=30))

M, A, D, R = Fault.MISSING, Fault.ALTERED, Fault.SEGMENT_DIFFERS, Fault.REORDERED


def duplicated(lines: Lines) -> None:
    lines.insert(10, lines[9])


def repeated(lines: Lines) -> None:
    lines[10] = lines[9].replace(b'"index":208', b'"index":209')


def inserted(lines: Lines) -> None:
    lines.insert(10, lines[9].replace(b'"certificate_read"', b'"forged"'))


def renumbered(lines: Lines) -> None:
    """An entry taken out, and those behind it moved up."""
    del lines[10]
    lines[10:] = [
        line.replace(b'"index":%d' % (at + 1), b'"index":%d' % at) for at, line in enumerate(lines[10:], 610)
    ]


def unlock(path: str) -> Act:
    def act(files: MemoryFiles) -> None:
        del files.locks[path]

    return act


def lock(path: str, kept: Retention) -> Act:
    def act(files: MemoryFiles) -> None:
        assert files.locks[path] != kept
        files.locks[path] = kept

    return act


def no_hold(path: str) -> Act:
    return lock(path, Retention(FILES.locks[path].until))


def replaced(at: int, how: Callable[[bytes], bytes]) -> Callable[[Lines], None]:
    def change(lines: Lines) -> None:
        lines[at] = how(lines[at])

    return change


def another_salt(line: bytes) -> bytes:
    return line[:-12] + (b"B" if line[-12:-11] == b"A" else b"A") + line[-11:]


def another_spelling(line: bytes) -> bytes:
    """The last character of 43 has two bits that mean nothing."""
    return line[:-3] + bytes([line[-3] + 1]) + line[-2:]


# One act a line: the table is read as a table.
# fmt: off
ATTACKS: dict[str, tuple[Act, list[tuple[Fault, str]]]] = {
    # entries
    "a word of an entry": (reword(THIRD, 5, b'"certificate_read"', b'"certificate_rear"'), [(D, f"{THIRD}#304")]),
    "a byte of a packed segment": (flip(SECOND, 40), [(Fault.MALFORMED, SECOND)]),
    "a character of a salt": (relines(FIRST, replaced(3, another_salt)), [(D, f"{FIRST}#2")]),
    "a salt in another spelling": (relines(FIRST, replaced(3, another_spelling)), [(Fault.MALFORMED, f"{FIRST}#2")]),
    "an entry that is no entry": (relines(FIRST, replaced(3, lambda _: b"{}")), [(Fault.MALFORMED, f"{FIRST}#2")]),
    "an entry dropped": (relines(THIRD, lambda lines: lines.pop(10)), [(M, f"{THIRD}#309")]),
    "an entry dropped and the rest moved up": (relines(LAST, renumbered), [(M, f"{LAST}#660"), *((D, f"{LAST}#{at}") for at in range(610, 660))]),
    "an entry twice": (relines(SECOND, duplicated), [(Fault.DUPLICATE, f"{SECOND}#208")]),
    "an entry in the place of another": (relines(SECOND, repeated), [(Fault.DUPLICATE, f"{SECOND}#209"), (D, f"{SECOND}#209")]),
    "an entry inserted": (relines(SECOND, inserted), [(Fault.DUPLICATE, f"{SECOND}#208")]),
    "a line that is no entry inserted": (relines(SECOND, lambda lines: lines.insert(10, b"{}")), [(Fault.UNEXPECTED, SECOND)]),
    "a retention that says nothing": (reword(FIRST, 4, b'"until":"20', b'"until":"xx'), [(D, f"{FIRST}#3")]),
    "two entries swapped": (relines(THIRD, exchange(4, 20)), [(R, f"{THIRD}#303"), (R, f"{THIRD}#319"), (D, f"{THIRD}#303"), (D, f"{THIRD}#319")]),
    "a wrong index": (reword(SECOND, 4, b'"index":203', b'"index":999'), [(R, f"{SECOND}#203")]),
    "a wrong count": (reword(SECOND, 0, b'"count":100', b'"count":101'), [(Fault.MALFORMED, SECOND)]),
    "a wrong count and size": (several(reword(SECOND, 0, b'"count":100', b'"count":99'), reword(SECOND, 0, b'"size":300', b'"size":299')), [(R, SECOND)]),
    "a shorter retention stated": (reword(FIRST, 0, b'"retain_until":"2056', b'"retain_until":"2046'), [(Fault.LOCK_TOO_SHORT, FIRST)]),
    "a hold left out of the header": (reword(THIRD, 0, b'"hold":true', b'"hold":false'), [(Fault.LOCK_TOO_SHORT, THIRD)]),
    "a header with another time": (reword(LAST, 0, b'sealed_at":"2026-06-02T04:00:00.', b'sealed_at":"2026-06-02T03:59:59.'), [(A, LAST)]),
    # segments
    "a segment dropped": (drop(SECOND), [(M, "segments/"), (Fault.UNEXPECTED, WROTE_SECOND)]),
    "a segment and its tiles dropped": (drop(THIRD, WROTE_THIRD, "tile/0/001"), [(M, "segments/"), (M, "tile/0/001")]),
    "a segment, its tile and its bundle dropped": (drop(THIRD, WROTE_THIRD, "tile/0/001", "tile/entries/001"), [(M, "segments/"), (M, "tile/0/001"), (M, "tile/entries/001")]),
    "the newest segment dropped": (drop(LAST, WROTE_LAST), [(M, "segments/")]),
    "two segments swapped": (swap(FIRST, SECOND), [(R, FIRST), (R, SECOND)]),
    "a segment twice": (copy(FIRST, FIRST.replace("06-01", "06-02")), [(Fault.DUPLICATE, FIRST.replace("06-01", "06-02"))]),
    "a segment of the same entries in two": (copy(LAST, LAST.replace("601-60", "602-59")), [(Fault.DUPLICATE, LAST.replace("601-60", "602-59"))]),
    "a bomb": (put(SECOND, bomb(50_000_000)), [(Fault.MALFORMED, SECOND)]),
    "a segment cut": (change(SECOND, lambda data: data[:-1]), [(Fault.MALFORMED, SECOND)]),
    "a segment with more behind it": (change(SECOND, lambda data: data + b"\0"), [(Fault.MALFORMED, SECOND)]),
    "garbage for a segment": (put(SECOND, b"garbage"), [(Fault.MALFORMED, SECOND)]),
    "the last segment is garbage": (put(LAST, b"garbage"), [(Fault.MALFORMED, LAST)]),
    "an empty segment": (relines(SECOND, lambda lines: lines.clear()), [(Fault.MALFORMED, SECOND)]),
    "something among the segments": (put("segments/readme.txt", b""), [(Fault.UNEXPECTED, "segments/readme.txt")]),
    "a segment that nobody vouches for": (copy(LAST, LAST.replace("601-60", "661-60")), [(R, LAST.replace("601-60", "661-60"))]),
    "garbage behind the last segment": (put(LAST.replace("601-60", "661-60"), b""), [(Fault.MALFORMED, LAST.replace("601-60", "661-60"))]),
    "a segment far beyond": (copy(LAST, "segments/date=2026-06-03/999999999999-1.jsonl.gz"), [(Fault.UNEXPECTED, "segments/date=2026-06-03/999999999999-1.jsonl.gz")]),
    # checkpoints
    "an entry and the checkpoint over it": (several(reword(SECOND, 5, b'"certificate_read"', b'"certificate_rear"'), drop(AT_300)), [(D, f"{SECOND}#204"), (M, AT_300)]),
    "an entry and the last archived checkpoint": (several(reword(LAST, 5, b'"certificate_read"', b'"certificate_rear"'), drop(AT_661)), [(D, f"{LAST}#605"), (M, AT_661)]),
    "a checkpoint dropped": (drop(AT_300), [(M, AT_300)]),
    "the newest checkpoint dropped": (drop("checkpoint"), [(M, "checkpoint")]),
    "the newest checkpoint and its copy dropped": (drop("checkpoint", AT_661), [(M, "checkpoint"), (Fault.UNEXPECTED, LAST)]),
    "an older newest checkpoint": (copy(AT_300, "checkpoint"), [(Fault.ROLLED_BACK, "checkpoint")]),
    "an older newest checkpoint and the later ones dropped": (truncate(300, []), [(Fault.UNEXPECTED, THIRD), (Fault.UNEXPECTED, FOURTH), (Fault.UNEXPECTED, LAST)]),
    "signed by another key": (resign(AT_300, THIEF), [(Fault.BAD_SIGNATURE, AT_300)]),
    "the newest signed by another key": (resign("checkpoint", THIEF), [(Fault.BAD_SIGNATURE, "checkpoint")]),
    "another root, by the real keys": (resign(AT_300, HONEST.signer, bytes(32)), [(Fault.FORK, AT_300)]),
    "another newest root, by the real keys": (resign("checkpoint", HONEST.signer, bytes(32)), [(Fault.FORK, "checkpoint")]),
    "without ML-DSA": (change(AT_300, keep_lines(0)), [(Fault.BAD_SIGNATURE, AT_300)]),
    "without Ed25519": (change(AT_300, keep_lines(1)), [(Fault.BAD_SIGNATURE, AT_300)]),
    "two checkpoints swapped": (swap(AT_300, AT_661), [(R, AT_300), (R, AT_661)]),
    "garbage for a checkpoint": (put(AT_300, b"garbage"), [(Fault.MALFORMED, AT_300)]),
    "a checkpoint signed at another time": (resign(AT_661, HONEST.signer, later=timedelta(hours=1)), [(A, LAST)]),
    "a checkpoint between": (copy(AT_300, "checkpoints/000000000250"), [(R, "checkpoints/000000000250")]),
    "a checkpoint where no segment ends, by the real keys": (put("checkpoints/000000000250", HONEST.signer.sign(Checkpoint(ORIGIN, 250, bytes(32)), HONEST.now)), [(Fault.FORK, "checkpoints/000000000250")]),
    "garbage far beyond": (put("checkpoints/999999999999", b"garbage"), [(Fault.MALFORMED, "checkpoints/999999999999")]),
    "something among the checkpoints": (put("checkpoints/300", b""), [(Fault.UNEXPECTED, "checkpoints/300")]),
    # tiles
    "the newest tile dropped": (drop("tile/0/002.p/149"), [(M, "tile/0/002.p/149")]),
    "a full tile dropped": (drop("tile/0/001"), [(M, "tile/0/001")]),
    "a high tile dropped": (drop("tile/1/000.p/2"), [(M, "tile/1/000.p/2")]),
    "a bundle dropped": (drop("tile/entries/001"), [(M, "tile/entries/001")]),
    "the newest bundle dropped": (drop("tile/entries/002.p/149"), [(M, "tile/entries/002.p/149")]),
    "a hash of a full tile": (flip("tile/0/001", 32 * 7 + 5), [(A, "tile/0/001#7")]),
    "a hash of a partial tile": (flip("tile/0/002.p/149", 32 * 9), [(A, "tile/0/002.p/149#9")]),
    "a hash of a high tile": (flip("tile/1/000.p/2", 33), [(A, "tile/1/000.p/2#1")]),
    "a tile cut": (change("tile/0/001", lambda data: data[:-1]), [(A, "tile/0/001#255")]),
    "a tile with more behind it": (change("tile/0/001", lambda data: data + b"\0"), [(A, "tile/0/001#256")]),
    "two tiles swapped": (swap("tile/0/000", "tile/0/001"), [(A, "tile/0/000#0"), (A, "tile/0/001#0")]),
    "an entry of a bundle": (flip("tile/entries/001", 34 * 3 + 2), [(A, "tile/entries/001#3")]),
    "an entry of a partial bundle": (flip("tile/entries/002.p/149", -1), [(A, "tile/entries/002.p/149#148")]),
    "a length in a bundle": (flip("tile/entries/001", -33), [(Fault.MALFORMED, "tile/entries/001")]),
    "a bundle with one more": (change("tile/entries/001", lambda data: data + data[:34]), [(A, "tile/entries/001#256")]),
    "an entry and its tile alike": (several(reword(FIRST, 5, b'"certificate_read"', b'"certificate_rear"'), flip("tile/0/000", 32 * 4)), [(D, f"{FIRST}#4"), (A, "tile/0/000#4")]),
    "a segment garbage and its tile dropped": (several(put(FIRST, b"garbage"), drop("tile/0/000")), [(Fault.MALFORMED, FIRST), (M, "tile/0/000")]),
    # what acts wrote, keys
    "what acts wrote dropped": (drop(ACT), [(M, ACT)]),
    "a word of what an act wrote": (reword(ACT, 1, b'"put"', b'"pup"'), [(A, f"{ACT}#1")]),
    "two acts' writings swapped": (relines(ACT, exchange(0, 1)), [(A, f"{ACT}#0")]),
    "an act's writing dropped": (relines(ACT, lambda lines: lines.pop()), [(A, f"{ACT}#3")]),
    "an act's writing invented": (relines(ACT, lambda lines: lines.append(b"{}")), [(A, f"{ACT}#4")]),
    "garbage for what acts wrote": (put(ACT, b"garbage"), [(Fault.MALFORMED, ACT)]),
    "writings of no segment": (copy(ACT, "changes/date=2026-06-01/000000000100-1.jsonl.gz"), [(Fault.UNEXPECTED, "changes/date=2026-06-01/000000000100-1.jsonl.gz")]),
    "something among the writings": (put("changes/x", b""), [(Fault.UNEXPECTED, "changes/x")]),
    "a key dropped": (drop(KEY), [(M, KEY)]),
    "another key in its place": (put(KEY, f"{THIEF.verifier_keys()[0]}\n".encode()), [(A, KEY)]),
    "garbage for a key": (put(KEY, b"garbage"), [(Fault.MALFORMED, KEY)]),
    # locks
    "a segment locked too shortly": (lock(FIRST, LOCK), [(Fault.LOCK_TOO_SHORT, FIRST)]),
    "a segment not locked": (unlock(SECOND), [(Fault.LOCK_TOO_SHORT, SECOND)]),
    "a hold lifted": (no_hold(THIRD), [(Fault.LOCK_TOO_SHORT, THIRD)]),
    "a tile locked too shortly": (lock("tile/0/001", LOCK), [(Fault.LOCK_TOO_SHORT, "tile/0/001")]),
    "a bundle without its hold": (no_hold("tile/entries/001"), [(Fault.LOCK_TOO_SHORT, "tile/entries/001")]),
    "a checkpoint locked too shortly": (lock(AT_661, LOCK), [(Fault.LOCK_TOO_SHORT, AT_661)]),
    "what acts wrote locked too shortly": (lock(ACT, LOCK), [(Fault.LOCK_TOO_SHORT, ACT)]),
}
# fmt: on
