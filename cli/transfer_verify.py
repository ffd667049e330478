"""`zhengzhao transfer verify PATH`: verdict first, then every finding with its place. Exit 0 good, 1 not good, 2 unreadable.

PATH is a folder, a zip or a tar. Trust is the asker's decision: roots and the log's key are named, never believed from the
package, and what was not named is reported as not checked.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.transfers.layout import MANIFEST
from chalicelib.transfers.manifest import Certificate, Manifest
from cli import transfer_files as files
from cli.inputs import Unreadable, read_roots
from cli.transfer_evidence import Anchors, Evidences, read_keys
from cli.transfer_findings import ALWAYS_OPEN, OPEN, SENTENCES, Finding, Kind, Report
from cli.transfer_package import Hostile, opened
from cli.verify import printable

GOOD, NOT_GOOD, UNREADABLE = 0, 1, 2
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao transfer verify",
        description="Is this hand-over package whole, and does what is in it verify? 核验移交包。",
    )
    made.add_argument("path", metavar="PATH", help="the package: a folder, a .zip or a .tar")
    made.add_argument("--roots", metavar="PEM", help="the platform roots that you trust")
    made.add_argument("--key", metavar="VKEY", help="the log's verifier keys that you trust (log.vkey)")
    made.add_argument(
        "--digest", type=_digest, metavar="HEX", help="the package's digest, as the platform's log names it"
    )
    made.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    return made


def _digest(text: str) -> str:
    if not _DIGEST.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError("64 hexadecimal digits")
    return text.lower()


def run(arguments: Sequence[str]) -> int:
    """Verify the package; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as done:  # argparse has said why
        return int(done.code or 0)
    report = Report(options.path)
    try:
        anchors = Anchors(
            read_roots(options.roots) if options.roots else None,
            read_keys(options.key) if options.key else None,
        )
        report.open = (*_not_given(options), *ALWAYS_OPEN)
        _open_and_verify(options, anchors, report)
    except Unreadable as error:
        print(printable(f"unreadable · 无法读取: {error}"), file=sys.stderr)
        return UNREADABLE
    print(json.dumps(_document(report)) if options.json else "\n".join(map(printable, _page(report))))
    return GOOD if report.good else NOT_GOOD


def _not_given(options: argparse.Namespace) -> list[str]:
    return [f"{name}_not_given" for name in ("roots", "key", "digest") if getattr(options, name) is None]


def _open_and_verify(options: argparse.Namespace, anchors: Anchors, report: Report) -> None:
    _stage("解包 opening")
    try:
        with opened(options.path) as folder:
            _verify(folder, options.digest, anchors, report)
    except Hostile as refused:
        report.add([refused.finding])


def _verify(folder: Path, digest: str | None, anchors: Anchors, report: Report) -> None:
    report.digest = files.digest(folder)
    if digest is not None and digest != report.digest:
        report.add([Finding(Kind.DIGEST_DIFFERS, files.TAG_MANIFEST)])
    _stage("校验 BagIt 包 validating the bag")
    report.add(files.bag(folder))
    try:
        manifest = files.manifest(folder)
    except ValueError as error:
        report.add([Finding(Kind.MANIFEST_UNREADABLE, MANIFEST, str(error))])
        return
    _against(folder, manifest, anchors, report)


def _against(folder: Path, manifest: Manifest, anchors: Anchors, report: Report) -> None:
    report.transfer, report.certificates = manifest.scope.id, len(manifest.certificates)
    report.entries = sum(len(one.log) for one in manifest.certificates)
    report.add(files.described(folder, manifest.scope))
    report.add(files.listed_for_people(folder, manifest))
    report.add(files.against_manifest(folder, manifest.files))
    report.add(files.against_files(folder, manifest))
    evidences = Evidences(folder, manifest.scope, anchors)
    report.add(evidences.trust())
    for one in _progress(manifest.certificates):
        report.add(files.complete(one))
        report.add(files.against_manifest(folder, one.files))
        report.add(evidences.certificate(one))
    if evidences.revocation_open:
        report.open = ("revocation_not_checked", *report.open)


def _stage(name: str) -> None:
    """Whoever waits at a terminal is told for what: of a large package each stage takes minutes."""
    if sys.stderr.isatty():
        print(f"{name} …", file=sys.stderr)


def _progress(certificates: Sequence[Certificate]) -> Iterable[Certificate]:
    """A bar on a terminal; nothing anywhere else, nor where `tqdm` (of the `audit` extra) is not installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return certificates
    return tqdm(certificates, unit="", disable=None, leave=False, file=sys.stderr)


def _page(report: Report) -> list[str]:
    headline = (
        "GOOD  移交包完整,核验通过。 Whole, and what is in it verifies."
        if report.good
        else (f"NOT GOOD  移交包核验不通过。 {report.total} finding{'s' if report.total > 1 else ''}.")
    )
    lines = [report.package, f"  {headline}"]
    if report.transfer:
        lines.append(
            f"  transfer · 移交 {report.transfer}: {report.certificates} certificates, {report.entries} log entries"
        )
    if report.digest:
        lines.append(f"  digest · 摘要 {report.digest}")
    for kind, place, seen in report.findings.values():
        sentence = SENTENCES[kind]
        lines.append(f"  ✗ {place or '.'}  {sentence.zh} {sentence.en}  [{kind}]  {seen}".rstrip())
    if report.total > len(report.findings):
        lines.append(f"  ✗ … and {report.total - len(report.findings)} more")
    lines.append("  not checked · 未核:")
    lines += [f"  – {OPEN[name].zh} {OPEN[name].en}  [{name}]" for name in report.open]
    return lines


def _document(report: Report) -> dict[str, Json]:
    found: list[Json] = [
        {"kind": str(kind), "place": place, "seen": seen, "zh": SENTENCES[kind].zh, "en": SENTENCES[kind].en}
        for kind, place, seen in report.findings.values()
    ]
    return {
        "package": report.package,
        "verdict": "good" if report.good else "not_good",
        "transfer": report.transfer,
        "digest": report.digest,
        "certificates": report.certificates,
        "entries": report.entries,
        "findings": found,
        "findings_left_out": report.total - len(found),
        "not_checked": [*report.open],
    }
