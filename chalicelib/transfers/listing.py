"""`data/manifest.csv`, the 移交清单: the manifest's certificates for people, as Excel opens it.

It says nothing that `manifest.json` does not: whoever has that one can make these very bytes.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from chalicelib.transfers.manifest import Certificate, Manifest
from chalicelib.transfers.model import STATES

BOM: Final = "\ufeff"  # without it Excel reads Chinese as something else
HEADINGS: Final = (
    "序号",
    "电子证照标识",
    "证照类型代码",
    "证照类型名称",
    "证照颁发日期",
    "移交时状态",
    "文件数",
    "字节数",
    "电子证照文件SHA-256",
    "日志序号",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What csv.writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def listing(manifest: Manifest) -> bytes:
    """UTF-8 with a byte order mark, RFC 4180."""
    rows: Iterable[tuple[str, ...]] = [HEADINGS, *_rows(manifest)]
    writer = csv.writer(_Line())
    return (BOM + "".join(str(writer.writerow(map(_inert, row))) for row in rows)).encode()


def _rows(manifest: Manifest) -> Iterator[tuple[str, ...]]:
    for number, one in enumerate(manifest.certificates, 1):
        yield (
            str(number),
            one.identifier,
            one.type_code,
            manifest.scope.type_name,
            one.issue_date.isoformat(),
            STATES[one.state],
            str(len(one.files)),
            str(sum(file.size for file in one.files)),
            _credential(one),
            "、".join(map(str, one.log)),
        )


def _credential(certificate: Certificate) -> str:
    return next((one.sha256 for one in certificate.files if one.path.endswith("/credential.sd-jwt")), "")


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
