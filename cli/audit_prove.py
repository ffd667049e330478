"""`zhengzhao audit prove INDEX WHERE --key log.vkey`: one entry with its proof, as two files that stand on their own.

Exit 0 written, 1 the log is faulty there (nothing is written), 2 unreadable or no such entry. WHERE is a folder, or
`s3://<bucket>` with `--edge <bucket>`; at an address the entries are not public.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.merkle import ProofRejected
from chalicelib.audit.note import Note, VerifierKey
from chalicelib.audit.proof import prove
from chalicelib.audit.segment import BadSegment, Line, parse_path, read
from chalicelib.audit.tiles import TileMissing
from cli.audit_check import ENTRY, PROOF, UNREADABLE, Judgement, judge, told
from cli.audit_sources import HttpFiles, log_files
from cli.audit_verify import read_keys
from cli.inputs import Unreadable

CHECKPOINT: Final = "checkpoint"


class Faulty(Exception):
    """The log is not whole where the entry lies."""

    def __init__(self, fault: Fault, place: str, detail: str) -> None:
        super().__init__(place)
        self.finding = Finding(fault, place, detail)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao audit prove", description="One entry with its proof. 导出一条记录及其证明。"
    )
    made.add_argument("index", type=_index, metavar="INDEX", help="the entry's place in the log")
    made.add_argument("where", metavar="WHERE", help="a folder, or s3://<bucket>")
    made.add_argument(
        "--key", required=True, metavar="VKEY", help="file with the verifier keys that you trust"
    )
    made.add_argument("--edge", metavar="BUCKET", help="the unlocked bucket, for s3://")
    made.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write (here)")
    made.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return made


def _index(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("not a place in a log")
    return int(text)


def run(arguments: Sequence[str]) -> int:
    """Prove, and write; the exit code says how it went."""
    given = parser().parse_args(arguments)
    try:
        keys, files = read_keys(given.key), log_files(given.where, given.edge)
        judgement, entry = _judged(files, given.index, keys)
        if judgement.proof is not None:
            _write(given.out, entry, judgement.proof.canonical())
    except Faulty as faulty:
        judgement = Judgement(faulty.finding)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    return told(judgement, as_json=given.json)


def _judged(files: LogFiles, index: int, keys: Sequence[VerifierKey]) -> tuple[Judgement, bytes]:
    """Made from the files, then judged as a stranger would."""
    line = _line(files, index)
    note = files.get(CHECKPOINT)
    if note is None:
        raise Unreadable(f"{CHECKPOINT}: not there")
    try:
        if Checkpoint.parse(Note.parse(note).text).size <= index:
            raise Faulty(Fault.ROLLED_BACK, CHECKPOINT, f"it does not reach entry {index}")
        proof = prove(line, note.decode("utf-8"), files.get)
    except TileMissing as missing:
        raise Faulty(Fault.MISSING, missing.path, "or of another width") from missing
    except ProofRejected as error:
        raise Faulty(Fault.SEGMENT_DIFFERS, f"entry {index}", str(error)) from error
    except ValueError as error:
        raise Faulty(Fault.MALFORMED, CHECKPOINT, str(error)) from error
    return judge(line.entry, proof.canonical(), keys), line.entry


def _line(files: LogFiles, index: int) -> Line:
    if isinstance(files, HttpFiles):
        raise Unreadable("the entries are not public: name a folder, or a bucket")
    path = next((path for path in files.list("segments/") if _holds(path, index)), None)
    if path is None:
        raise Unreadable(f"entry {index}: no segment holds it")
    try:
        for line in read(files.get(path) or b"")[1]:
            if line.index == index:
                return line
    except BadSegment as error:
        raise Faulty(Fault.MALFORMED, path, str(error)) from error
    raise Faulty(Fault.MISSING, f"{path}#{index}", "its segment does not have it")


def _holds(path: str, index: int) -> bool:
    try:
        _, _, first, count = parse_path(path)
    except ValueError:
        return False
    return first <= index < first + count


def _write(folder: Path, entry: bytes, proof: bytes) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ENTRY).write_bytes(entry)
        (folder / PROOF).write_bytes(proof)
    except OSError as error:
        raise Unreadable(f"{folder}: {error.strerror}") from error
