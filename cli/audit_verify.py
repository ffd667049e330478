"""`zhengzhao audit verify WHERE --key log.vkey`: verdict first, then each fault with its kind and place.

Exit 0 whole, 1 faulty, 2 unreadable. WHERE is a folder, `s3://<bucket>` with `--edge <bucket>`, or an address, of which only
the public tree can be had. The keys are the asker's decision: they are never taken from beside the log.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.examination import Examination, Standing
from chalicelib.audit.findings import SENTENCES, Finding
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.signed_checkpoint import read_signed
from chalicelib.audit.tree_examination import TreeExamination
from chalicelib.kernel.errors import DomainError
from cli.audit_sources import HttpFiles, log_files
from cli.audit_state import load, save
from cli.inputs import Unreadable, moment, read_bytes, read_text

WHOLE, FAULTY, UNREADABLE = 0, 1, 2
MOST_SHOWN: Final = 100
SAVED_EVERY: Final = 50  # segments


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao audit verify", description="Is the log whole? 核验日志完整性。"
    )
    made.add_argument("where", metavar="WHERE", help="a folder, s3://<bucket>, or the address of /v1/log")
    made.add_argument(
        "--key", required=True, metavar="VKEY", help="file with the verifier keys that you trust"
    )
    made.add_argument("--edge", metavar="BUCKET", help="the unlocked bucket, for s3://")
    made.add_argument(
        "--seen", action="append", default=[], metavar="FILE", help="a checkpoint that you kept"
    )
    made.add_argument("--resume", type=Path, metavar="FILE", help="go on from this state, and keep it there")
    made.add_argument("--tree", action="store_true", help="the public tree alone, as an address always is")
    made.add_argument("--now", type=moment, metavar="TIME", help="judge as of this time (now)")
    made.add_argument("--json", action="store_true", help="one JSON object instead of text")
    made.add_argument("--quiet", action="store_true", help="no progress bar")
    return made


def run(arguments: Sequence[str]) -> int:
    """Examine; the exit code says how it went."""
    given = parser().parse_args(arguments)
    try:
        examined = _examined(given)
        for _ in _followed(examined, given):
            pass
    except (Unreadable, DomainError) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    _show(examined, as_json=given.json)
    return FAULTY if examined.findings else WHOLE


def _examined(given: argparse.Namespace) -> Examination | TreeExamination:
    files, keys = log_files(given.where, given.edge), read_keys(given.key)
    seen = [read_checkpoint(path, keys) for path in given.seen]
    if given.tree or isinstance(files, HttpFiles):
        return TreeExamination(files, keys, seen)
    standing = load(given.resume) if given.resume else Standing()
    return Examination(files, keys, given.now or datetime.now(UTC), seen, standing)


def read_keys(path: str) -> list[VerifierKey]:
    """The verifier keys in a file, one a line."""
    lines = [line for line in read_text(path).splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = [VerifierKey.parse(line) for line in lines]
    except ValueError as error:
        raise Unreadable(f"{path}: {error}") from error
    if not keys:
        raise Unreadable(f"{path}: no verifier key in it")
    return keys


def read_checkpoint(path: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """A checkpoint that somebody kept: signed, or it would accuse a log of what somebody else wrote."""
    wrong: list[Finding] = []
    signed = read_signed(path, read_bytes(path), keys, wrong)
    if signed is None:
        raise Unreadable(f"{path}: {_line(wrong[0])}")
    return signed.checkpoint


def _followed(examined: Examination | TreeExamination, given: argparse.Namespace) -> Iterator[int]:
    """Run it, with a bar on a terminal, keeping the state now and then."""
    with _bar(examined.size, shown=not given.quiet and sys.stderr.isatty()) as bar:
        for steps, size in enumerate(examined.run(), 1):
            bar.update(size - bar.n)
            if steps % SAVED_EVERY == 0:
                _keep(examined, given.resume)
            yield size
    _keep(examined, given.resume)


def _keep(examined: Examination | TreeExamination, path: Path | None) -> None:
    """Only what was found whole is a place to go on from: the next run must find the faults again."""
    if path is not None and isinstance(examined, Examination) and not examined.findings:
        save(path, examined.standing)


def _bar(total: int, *, shown: bool) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return NoBar()
    return tqdm(total=total, unit=" entries", unit_scale=True, disable=not shown, leave=False)


class NoBar:
    """In the place of a bar, where the library for it is not installed."""

    n = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def update(self, step: int) -> None:
        """Count."""
        self.n += step


def _show(examined: Examination | TreeExamination, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_document(examined), ensure_ascii=False))
        return
    count = len(examined.findings)
    if not count:
        what = "entries, tree and checkpoints" if isinstance(examined, Examination) else "the public tree"
        print(f"✓ 日志完整 · whole: {examined.size} entries ({what})")
    else:
        print(f"✗ 日志有 {count} 处问题 · {count} faults in {examined.size} entries")
    for one in examined.findings[:MOST_SHOWN]:
        print(f"  ✗ {_line(one)}")
    if count > MOST_SHOWN:
        print(f"  … {count - MOST_SHOWN} more: --json shows all")


def _line(finding: Finding) -> str:
    zh, en = SENTENCES[finding.fault]
    return f"{finding.fault}  {finding.place}  {zh} · {en}" + (
        f" ({finding.detail})" if finding.detail else ""
    )


def _document(examined: Examination | TreeExamination) -> dict[str, Any]:
    newest = examined.newest
    return {
        "verdict": "faulty" if examined.findings else "whole",
        "size": examined.size,
        "origin": newest.checkpoint.origin if newest else None,
        "time": newest.time if newest else None,
        "findings": [
            {"fault": str(one.fault), "place": one.place, "detail": one.detail} for one in examined.findings
        ],
    }
