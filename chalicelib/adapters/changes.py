"""What an act wrote, as one line of canonical JSON: the log commits to it by hash, and a rebuild repeats it.

    {"id": "<first entry's id>", "writes": [{"table": "units", "verb": "Put", "item": {…}, "condition": …, …}, …]}

Items are in DynamoDB's own form, bytes as base64; tables by their logical names, so that they fit any stage. What was
only checked, not written, is left out.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chalicelib.adapters.dynamo_items import Tables, Write
from chalicelib.kernel.encoding import Json, canonical_json, parse_object

CHECK = "ConditionCheck"


def written(tables: Tables, entry_id: str, writes: Sequence[Write]) -> str | None:
    """The line for these writes, or None when nothing is written."""
    logical = {physical: name for name, physical in asdict(tables).items()}
    documents: list[Json] = [_document(logical, write) for write in writes if write.verb != CHECK]
    return canonical_json({"id": entry_id, "writes": documents}).decode() if documents else None


def _document(logical: dict[str, str], write: Write) -> dict[str, Json]:
    document: dict[str, Json] = {
        "table": logical[write.table],
        "verb": write.verb,
        "item": _texts(write.item),
        "condition": write.condition,
        "values": _texts(write.values),
        "names": dict(write.names),
    }
    return {name: value for name, value in document.items() if value != {}}


def _texts(attributes: dict[str, Any]) -> dict[str, Json]:
    return {
        name: {"B": base64.b64encode(value["B"]).decode("ascii")} if "B" in value else value
        for name, value in attributes.items()
    }


def repeated(tables: Tables, line: bytes) -> tuple[str, list[Write]]:
    """(entry id, writes) of a line, for the tables of this stage. ValueError or Invalid when it is no such line."""
    document: Any = parse_object(line)
    physical = asdict(tables)
    try:
        writes = [
            Write(
                verb=one["verb"],
                table=physical[one["table"]],
                item=_bytes(one["item"]),
                condition=one["condition"],
                values=_bytes(one.get("values", {})),
                names=one.get("names", {}),
            )
            for one in document["writes"]
        ]
        return str(document["id"]), writes
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not what an act wrote") from error


def _bytes(attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": base64.b64decode(value["B"], validate=True)} if "B" in value else value
        for name, value in attributes.items()
    }
