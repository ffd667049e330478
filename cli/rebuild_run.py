"""`zhengzhao rebuild run WHERE --key log.vkey --prefix zhengzhao-<stage>`: fill a stage's empty tables from its log.

Exit 0 rebuilt whole, 1 faulty or not whole, 2 unreadable or refused. Started again after a crash it goes on. The tables are
those of the environment's own credentials and endpoint; docs/runbooks/rebuild.md is the procedure around it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from chalicelib.adapters.dynamo_rebuild import UNAVAILABLE, restoration
from chalicelib.audit.rebuilding import TablesNotEmpty
from chalicelib.usecases.rebuild_tables import RebuildPorts, Rebuilt, Tell, rebuild_tables
from cli.audit_sources import HttpFiles, log_files
from cli.audit_verify import read_keys
from cli.inputs import Unreadable

WHOLE, FAULTY, UNREADABLE = 0, 1, 2
MOST_SHOWN: Final = 100
_PHASES: Final = {"examined": "核验日志 · examining", "rebuilt": "重建数据 · rebuilding"}


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao rebuild run", description="Every table from the log. 从日志重建全部数据表。"
    )
    made.add_argument("where", metavar="WHERE", help="a folder, or s3://<locked bucket>")
    made.add_argument(
        "--key", required=True, metavar="VKEY", help="file with the verifier keys that you trust"
    )
    made.add_argument("--edge", metavar="BUCKET", help="the unlocked bucket, for s3://")
    made.add_argument(
        "--prefix", required=True, metavar="NAME", help="of the empty tables: zhengzhao-<stage>"
    )
    made.add_argument(
        "--despite-findings", action="store_true", help="rebuild what can be read of a faulty log"
    )
    made.add_argument("--json", action="store_true", help="one JSON object instead of text")
    made.add_argument("--quiet", action="store_true", help="no progress")
    return made


def run(arguments: Sequence[str]) -> int:
    """Rebuild; the exit code says how it went."""
    given = parser().parse_args(arguments)
    try:
        result = _rebuilt(given)
    except TablesNotEmpty as error:
        print(f"✗ 数据表非空 · not empty, nothing was written: {error.facts[0]}", file=sys.stderr)
        return UNREADABLE
    except (Unreadable, *UNAVAILABLE) as error:
        print(f"✗ {error}", file=sys.stderr)
        return UNREADABLE
    return show(result, as_json=given.json)


def _rebuilt(given: argparse.Namespace) -> Rebuilt:
    files, keys = log_files(given.where, given.edge), read_keys(given.key)
    if isinstance(files, HttpFiles):
        raise Unreadable(f"{given.where}: the public tree has no entries to rebuild from")
    tell: Tell = _silence if given.quiet or not sys.stderr.isatty() else progress
    ports = RebuildPorts(files, restoration(given.prefix))
    return rebuild_tables(ports, keys, tell, despite_findings=given.despite_findings)


def _silence(phase: str, size: int, total: int) -> None:
    del phase, size, total


def progress(phase: str, size: int, total: int) -> None:
    """One line that grows, on a terminal."""
    end = "\n" if size == total else "\r"
    print(f"  {_PHASES[phase]} {size}/{total}", end=end, file=sys.stderr, flush=True)


def show(result: Rebuilt, *, as_json: bool) -> int:
    """Tell the result; the exit code."""
    if as_json:
        print(json.dumps(_document(result), ensure_ascii=False))
    elif result.begun:
        _tell_rebuilt(result)
    else:
        count = len(result.findings)
        print(f"✗ 日志有 {count} 处问题，未重建 · {count} faults in the log, nothing rebuilt")
        print("  zhengzhao audit verify shows them; --despite-findings rebuilds what can be read")
    return WHOLE if result.whole else FAULTY


def _tell_rebuilt(result: Rebuilt) -> None:
    mark, verdict = (
        ("✓", "重建完整 · rebuilt whole") if result.whole else ("✗", "重建不完整 · not rebuilt whole")
    )
    print(f"{mark} {verdict}: {result.entries} entries, {result.acts} acts")
    if result.head is not None and result.head.staged is not None:
        print(
            f"  ! 末段待签 · the last segment is to be signed yet: {result.head.staged.path} must be in the edge bucket"
        )
    for title, places in _troubles(result):
        print(f"  ✗ {title}: {len(places)}")
        for place in places[:MOST_SHOWN]:
            print(f"      {place}")


def _troubles(result: Rebuilt) -> list[tuple[str, Sequence[str]]]:
    found: list[tuple[str, Sequence[str]]] = [
        ("日志问题 · faults in the log", [f"{one.fault} {one.place}" for one in result.findings]),
        ("未能重放 · acts that found no place", result.left),
        ("无法读取 · lines that cannot be read", result.unreadable),
        ("未经签署 · segments that no checkpoint vouches for", result.unsealed),
    ]
    return [(title, places) for title, places in found if places]


def _document(result: Rebuilt) -> dict[str, Any]:
    staged = result.head.staged if result.head else None
    return {
        "verdict": "whole" if result.whole else "incomplete" if result.begun else "refused",
        "size": result.head.size if result.head else 0,
        "entries": result.entries,
        "acts": result.acts,
        "pending": staged.path if staged else None,
        "findings": [{"fault": str(one.fault), "place": one.place} for one in result.findings],
        "left": result.left,
        "unreadable": result.unreadable,
        "unsealed": result.unsealed,
    }
