"""What a root administrator can do to a log's files: each act changes a copy of them in place."""

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import Note
from chalicelib.audit.segment import pack, unpack
from tests.fakes.log import LocalLogSigner
from tests.unit.audit.archive import MemoryFiles

Act = Callable[[MemoryFiles], None]
Lines = list[bytes]


def drop(*paths: str) -> Act:
    def act(files: MemoryFiles) -> None:
        for path in paths:
            del files.objects[path]

    return act


def flip(path: str, at: int) -> Act:
    """One bit of an object's byte; from its end when negative."""

    def act(files: MemoryFiles) -> None:
        data = bytearray(files.objects[path])
        data[at] ^= 1
        files.objects[path] = bytes(data)

    return act


def put(path: str, data: bytes) -> Act:
    def act(files: MemoryFiles) -> None:
        files.objects[path] = data
        files.locks[path] = max(files.locks.values(), key=lambda one: (one.hold, one.until))

    return act


def change(path: str, how: Callable[[bytes], bytes]) -> Act:
    def act(files: MemoryFiles) -> None:
        after = how(files.objects[path])
        assert after != files.objects[path]
        files.objects[path] = after

    return act


def move(source: str, target: str) -> Act:
    def act(files: MemoryFiles) -> None:
        put(target, files.objects.pop(source))(files)

    return act


def copy(source: str, target: str) -> Act:
    def act(files: MemoryFiles) -> None:
        put(target, files.objects[source])(files)

    return act


def swap(one: str, other: str) -> Act:
    def act(files: MemoryFiles) -> None:
        objects = files.objects
        objects[one], objects[other] = objects[other], objects[one]

    return act


def relines(path: str, how: Callable[[Lines], object]) -> Act:
    """Unpack, change the lines (the header is the first), pack again."""

    def act(files: MemoryFiles) -> None:
        lines = unpack(files.objects[path])
        before = list(lines)
        how(lines)
        assert lines != before
        files.objects[path] = pack(lines)

    return act


def reword(path: str, line: int, old: bytes, new: bytes) -> Act:
    """One line of a part, with other words."""

    def how(lines: Lines) -> None:
        assert old in lines[line]
        lines[line] = lines[line].replace(old, new, 1)

    return relines(path, how)


def exchange(one: int, other: int) -> Callable[[Lines], None]:
    def how(lines: Lines) -> None:
        lines[one], lines[other] = lines[other], lines[one]

    return how


def several(*acts: Act) -> Act:
    def act(files: MemoryFiles) -> None:
        for one in acts:
            one(files)

    return act


def resign(
    path: str, signer: LocalLogSigner, root: bytes | None = None, later: timedelta = timedelta()
) -> Act:
    """The checkpoint's text, or another root, signed by whoever has these keys."""

    def how(data: bytes) -> bytes:
        note = Note.parse(data)
        said = Checkpoint.parse(note.text)
        time = datetime.fromtimestamp(int.from_bytes(note.signatures[1].signature[:8], "big"), UTC)
        return signer.sign(Checkpoint(said.origin, said.size, root or said.root), time + later)

    return change(path, how)


def keep_lines(*which: int) -> Callable[[bytes], bytes]:
    """Only these of a note's signatures."""

    def how(data: bytes) -> bytes:
        note = Note.parse(data)
        return Note(note.text, tuple(note.signatures[one] for one in which)).render()

    return how


def bomb(size: int) -> bytes:
    return gzip.compress(bytes(size))


def truncate(size: int, segments: Sequence[str]) -> Act:
    """Everything after this size gone, and the newest checkpoint put back: as from a backup."""

    def act(files: MemoryFiles) -> None:
        gone = [path for path in files.under("checkpoints/") if int(path[-12:]) > size]
        gone += [part + path for path in segments for part in ("segments/", "changes/")]
        drop(*(path for path in gone if path in files.objects))(files)
        copy(f"checkpoints/{size:012d}", "checkpoint")(files)

    return act
