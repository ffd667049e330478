"""Where an examination stopped, in a file: the next one goes on from there."""

import json
import os
from collections import deque
from pathlib import Path
from typing import Any, Final

from chalicelib.audit.compact_tree import CompactTree
from chalicelib.audit.examination import Standing
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment_check import Window
from chalicelib.kernel.clock import parse_timestamp, timestamp
from cli.inputs import Unreadable

VERSION: Final = 1


def save(path: Path, standing: Standing) -> None:
    """Whole or not at all: an interrupted write leaves the state before."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(json.dumps(_document(standing)), encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105  # atomic on one file system, as Path.replace is


def load(path: Path) -> Standing:
    """The state saved, or a fresh one when there is none. Unreadable when the file is something else."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return _standing(said)
    except FileNotFoundError:
        return Standing()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path}: not the state of an examination") from error


def _document(standing: Standing) -> dict[str, Any]:
    kept = standing.kept
    return {
        "v": VERSION,
        "size": standing.tree.size,
        "levels": [[one.hex() for one in level] for level in standing.tree.levels],
        "edge": [one.hex() for one in standing.edge],
        "since": standing.window.since,
        "recent": list(standing.window.recent),
        "kept": [timestamp(kept.until), kept.hold] if kept else None,
        "path": standing.path,
    }


def _standing(said: dict[str, Any]) -> Standing:
    if said["v"] != VERSION:
        raise ValueError("a state of another version")
    levels = [[bytes.fromhex(one) for one in level] for level in said["levels"]]
    recent = deque((str(at), str(name)) for at, name in said["recent"])
    kept = said["kept"]
    return Standing(
        CompactTree(int(said["size"]), levels),
        [bytes.fromhex(one) for one in said["edge"]],
        Window(str(said["since"]), recent, {name for _, name in recent}),
        Retention(parse_timestamp(kept[0]), bool(kept[1])) if kept else None,
        str(said["path"]),
    )
