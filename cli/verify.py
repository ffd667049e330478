"""`zhengzhao verify FILE…`: verdict first, then every check with what it saw. Exit 0 genuine, 1 not, 2 unreadable.

Trust anchors are the asker's decision: they are named with --roots and never taken from beside the file. Nor is anything
else: what was not brought is reported as not checked.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.verification.reasons import REASONS
from chalicelib.verification.status_list import SERVED_AT
from chalicelib.verification.verdict import Check, Outcome, Result, Verdict
from chalicelib.verification.verifier import Evidence, Verifier
from cli.inputs import (
    PublicDocuments,
    Unreadable,
    as_der,
    credentials,
    moment,
    read_bytes,
    read_roots,
    read_text,
)

GENUINE, NOT_GENUINE, UNREADABLE = 0, 1, 2
CRL_PATH: Final = "/v1/trust/crl"
LONGEST_SEEN: Final = 300
_MARKS: Final = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_CHECKED: "–"}


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao verify", description="Is this certificate genuine? 核验电子证照真伪。"
    )
    made.add_argument("files", nargs="+", metavar="FILE", help="a credential (*.sd-jwt), or a folder of them")
    made.add_argument("--roots", required=True, metavar="PEM", help="the platform roots that you trust")
    made.add_argument(
        "--at", type=moment, metavar="TIME", help="judge at this time, 2026-06-01T12:00:00+08:00 (now)"
    )
    source = made.add_mutually_exclusive_group()
    source.add_argument(
        "--status-list", metavar="JWT", help="the status list token that the credential names"
    )
    source.add_argument(
        "--online", metavar="URL", help="fetch status list, CRL and type metadata from this platform"
    )
    made.add_argument("--crl", metavar="FILE", help="the root's revocation list, DER or PEM")
    made.add_argument("--type-metadata", metavar="JSON", help="the type metadata that the credential names")
    made.add_argument("--json", action="store_true", help="one JSON object a line instead of sentences")
    return made


def run(arguments: Sequence[str]) -> int:
    """Verify each file; the exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as done:  # argparse has said why
        return int(done.code or 0)
    try:
        verifier = Verifier(read_roots(options.roots))
        evidence = _evidence(options)
        platform = PublicDocuments(options.online) if options.online else None
        files = list(credentials(options.files))
    except Unreadable as error:
        return _unreadable(str(error))
    return max([_verify(one, verifier, evidence, platform, as_json=options.json) for one in files])


def _evidence(options: argparse.Namespace) -> Evidence:
    return Evidence(
        options.at or datetime.now(UTC),
        read_text(options.status_list).strip() if options.status_list else None,
        as_der(read_bytes(options.crl)) if options.crl else None,
        read_bytes(options.type_metadata) if options.type_metadata else None,
    )


def _verify(
    path: str, verifier: Verifier, evidence: Evidence, platform: PublicDocuments | None, *, as_json: bool
) -> int:
    try:
        text = read_text(path)
        verdict = verifier.verify(
            text, _fetched(text, verifier, evidence, platform) if platform else evidence
        )
    except Unreadable as error:
        return _unreadable(str(error))
    print(_line(path, verdict) if as_json else _page(path, verdict))
    return GENUINE if verdict.result is Result.GENUINE else NOT_GENUINE


def _unreadable(why: str) -> int:
    print(printable(f"unreadable · 无法读取: {why}"), file=sys.stderr)
    return UNREADABLE


def _fetched(text: str, verifier: Verifier, evidence: Evidence, platform: PublicDocuments) -> Evidence:
    """The evidence with what the platform publishes about this credential; what was brought as a file stands."""
    reading = verifier.read(text, evidence)[1]
    if reading is None or reading.status_list is None:
        return evidence
    vct = reading.claims.get("vct")
    name = reading.status_list.rpartition(SERVED_AT)[2]
    listed = platform.get(SERVED_AT + name).decode("ascii", "replace").strip()
    crl = evidence.crl or as_der(platform.get(CRL_PATH))
    metadata = evidence.type_metadata or platform.get(vct if isinstance(vct, str) else "")
    return Evidence(evidence.at, listed, crl, metadata)


def _line(path: str, verdict: Verdict) -> str:
    document: dict[str, Json] = {"file": path, **verdict.document()}
    return json.dumps(document)


def _page(path: str, verdict: Verdict) -> str:
    headline = REASONS[f"verdict_{verdict.result}"]
    lines = [path, f"  {verdict.result.upper()}  {headline.zh} {headline.en}"]
    open_ones = ", ".join(check.name for check in verdict.checks if check.outcome is Outcome.NOT_CHECKED)
    if open_ones:
        lines.append(f"  not checked · 未核: {open_ones}")
    lines += map(_check, verdict.checks)
    return "\n".join(map(printable, lines))


def _check(check: Check) -> str:
    seen = (
        "" if check.evidence is None else "  " + json.dumps(check.evidence, ensure_ascii=False)[:LONGEST_SEEN]
    )
    return (
        f"  {_MARKS[check.outcome]} {check.name:15} {check.reason.zh} {check.reason.en}  [{check.code}]{seen}"
    )


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might obey rather than show: the file may be hostile."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )
