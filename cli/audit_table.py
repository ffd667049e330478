"""Answers as text: a table that stands straight with Chinese in it, CSV for spreadsheets, JSON for programs."""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final, TextIO

from cli.verify import printable

Rows = Iterator[tuple[Any, ...]]
MEASURED: Final = 1000  # rows that decide how wide the columns are; further ones are shown whole all the same
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def width(text: str) -> int:
    """Columns that a terminal gives the text: two for each Chinese character, none for a combining mark."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def as_table(columns: Sequence[str], rows: Rows, out: TextIO) -> int:
    """Aligned; how many rows."""
    cells = (tuple(printable(_text(value)) for value in row) for row in rows)
    measured = list(islice(cells, MEASURED))
    widths = [max(map(width, column)) for column in zip(columns, *measured, strict=True)]
    _line(columns, widths, out)
    _line(["─" * wide for wide in widths], widths, out)
    count = 0
    for row in chain(measured, cells):
        _line(row, widths, out)
        count += 1
    return count


def _line(cells: Sequence[str], widths: Sequence[int], out: TextIO) -> None:
    padded = (cell + " " * (wide - width(cell)) for cell, wide in zip(cells, widths, strict=True))
    out.write("  ".join(padded).rstrip() + "\n")


def as_csv(columns: Sequence[str], rows: Rows, out: TextIO) -> int:
    """RFC 4180 with a header. A text that a spreadsheet would run as a formula gets an apostrophe: entries hold what others wrote."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # the number of rows is the result
        writer.writerow([_inert(value) for value in row])
    return count


def _inert(value: object) -> str:
    text = _text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def as_json(columns: Sequence[str], rows: Rows, out: TextIO) -> int:
    """An array of objects, a row a line, exact; of columns that share a name the later ones are numbered."""
    names, count = _distinct(columns), 0
    out.write("[")
    for count, row in enumerate(rows, 1):
        document = dict(zip(names, row, strict=True))
        out.write(("," if count > 1 else "") + "\n" + json.dumps(document, ensure_ascii=False, default=str))
    out.write("\n]\n")
    return count


def _distinct(columns: Sequence[str]) -> list[str]:
    names: list[str] = []
    for column in columns:
        same = names.count(column) + sum(one.startswith(f"{column}_") for one in names) * (column in names)
        names.append(f"{column}_{same + 1}" if column in names else column)
    return names


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
    )


FORMATS: Final[Mapping[str, Callable[[Sequence[str], Rows, TextIO], int]]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
}
