"""`zhengzhao transfer verify` as an archivist meets it: verdict first, every fault at its place; never a traceback."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from chalicelib.certificates.model import State
from chalicelib.kernel.encoding import Json
from chalicelib.transfers import layout
from cli.transfer import run
from cli.transfer_findings import ALWAYS_OPEN, MOST_KEPT, OPEN, SENTENCES, Finding, Kind, Report
from tests.tools import REPOSITORY
from tests.unit.transfers.spoiling import CREDENTIAL, FACE, SPOILT, the_signing_certificate_is_revoked
from tests.unit.transfers.workshop import (
    FIRST,
    SCOPE,
    SECOND,
    Files,
    Workshop,
    packed,
    relisted,
)


@dataclass
class Desk:
    """Where a package is looked at, with the anchors at hand."""

    folder: Path
    workshop: Workshop
    capsys: pytest.CaptureFixture[str]

    def verify(
        self, files: Files, *options: str, out: str = "out.zip", anchors: bool = True
    ) -> dict[str, Json]:
        """The JSON report on a package of these files."""
        packed(files, self.folder / out)
        return self.report(self.folder / out, *options, anchors=anchors)

    def report(self, path: Path, *options: str, anchors: bool = True) -> dict[str, Json]:
        chosen = self.workshop.anchors(self.folder) if anchors else []
        code = run(["verify", str(path), "--json", *chosen, *options])
        said: dict[str, Json] = json.loads(self.capsys.readouterr().out)
        assert code == {"good": 0, "not_good": 1}[str(said["verdict"])]
        return said

    def found(self, files: Files, *options: str, anchors: bool = True) -> set[tuple[str, str]]:
        return findings(self.verify(files, *options, anchors=anchors))


def findings(report: dict[str, Json]) -> set[tuple[str, str]]:
    """(kind, place) of each."""
    told = report["findings"]
    assert isinstance(told, list)
    return {(str(one["kind"]), str(one["place"])) for one in told if isinstance(one, dict)}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, Workshop(), capsys)


@pytest.mark.parametrize("out", ["out.zip", "out.tar"])
def test_a_whole_package_is_good(desk: Desk, out: str) -> None:
    report = desk.verify(desk.workshop.files(), out=out)
    assert report["findings"] == []
    assert (report["transfer"], report["certificates"], report["entries"]) == (SCOPE.id, 2, 6)
    assert report["not_checked"] == ["digest_not_given", *ALWAYS_OPEN]


def test_the_verdict_comes_first_and_what_is_open_last(desk: Desk) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip")
    assert run(["verify", str(desk.folder / "out.zip")]) == 0
    lines = desk.capsys.readouterr().out.splitlines()
    assert "GOOD" in lines[1]
    assert [line.split("[")[-1].rstrip("]") for line in lines[-6:]] == [
        "roots_not_given", "key_not_given", "digest_not_given", *ALWAYS_OPEN,
    ]  # fmt: skip


def test_a_finding_is_told_with_its_place(desk: Desk) -> None:
    packed({**desk.workshop.files(), FACE: b"x"}, desk.folder / "out.tar")
    assert run(["verify", str(desk.folder / "out.tar")]) == 1
    lines = desk.capsys.readouterr().out.splitlines()
    assert "NOT GOOD" in lines[1]
    assert f"✗ {FACE}" in next(line for line in lines if "✗" in line)


def test_an_empty_period_is_handed_over_too(desk: Desk) -> None:
    desk.workshop.items()
    assert desk.verify(desk.workshop.files([]))["certificates"] == 0


@pytest.mark.parametrize("inner", [SCOPE.id, ""])
def test_a_folder_is_read_where_it_is(desk: Desk, inner: str) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip")
    shutil.unpack_archive(desk.folder / "out.zip", desk.folder / "opened")
    assert desk.report(desk.folder / "opened" / inner)["verdict"] == "good"
    (desk.folder / "opened" / SCOPE.id / FACE).write_bytes(b"x")
    assert (Kind.ALTERED, FACE) in findings(desk.report(desk.folder / "opened" / inner))


def test_the_digest_names_the_package_whatever_it_is_packed_in(desk: Desk) -> None:
    files = desk.workshop.files()
    digest = packed(files, desk.folder / "out.tar").digest
    report = desk.verify(files, "--digest", digest.upper())
    assert (report["digest"], report["verdict"]) == (digest, "good")
    other = "0" * 64
    assert desk.found(files, "--digest", other) == {(Kind.DIGEST_DIFFERS, "tagmanifest-sha256.txt")}


# ── every kind of fault


@pytest.mark.parametrize("name", SPOILT)
def test_what_was_spoilt_is_found_and_nothing_else(name: str, desk: Desk) -> None:
    expected, spoil = SPOILT[name]
    files = desk.workshop.files()
    assert desk.found(files) == set()
    assert desk.found(spoil(desk.workshop, files)) == {(str(kind), place) for kind, place in expected}


def test_what_bag_info_says_is_held_against_the_manifest(desk: Desk) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip", {"Period-Of-Issue": "2026-01-01/2026-12-31"})
    assert findings(desk.report(desk.folder / "out.zip")) == {(Kind.INFO_DIFFERS, "bag-info.txt")}


def test_a_bag_of_another_version_is_none(desk: Desk) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip")
    shutil.unpack_archive(desk.folder / "out.zip", desk.folder / "opened")
    declaration = desk.folder / "opened" / SCOPE.id / "bagit.txt"
    declaration.write_text(declaration.read_text().replace("1.0", "0.97"))
    assert findings(desk.report(desk.folder / "opened")) == {(Kind.BAG_INVALID, "bagit.txt")}


def test_some_other_folder_is_no_package(desk: Desk) -> None:
    (desk.folder / "other").mkdir()
    found = findings(desk.report(desk.folder / "other"))
    assert (Kind.MISSING, "bagit.txt") in found
    assert (Kind.MANIFEST_UNREADABLE, layout.MANIFEST) in found


# ── as of the hand-over


def test_an_expired_one_is_archived_as_expired(desk: Desk) -> None:
    past = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
    make = partial(desk.workshop.credential, exp=past)
    items = [replace(one, credential=make(one.identifier), log=one.log[:1]) for one in desk.workshop.items()]
    ended = [replace(one, state=State.EXPIRED) for one in items]
    assert desk.found(desk.workshop.files(ended)) == set()
    places = {(str(Kind.STATE_WRONG), layout.folder(one) + layout.CREDENTIAL) for one in (FIRST, SECOND)}
    assert desk.found(desk.workshop.files(items)) == places


def test_one_that_begins_later_is_archived_and_one_issued_later_is_not(desk: Desk) -> None:
    later = int((SCOPE.at + timedelta(days=3)).timestamp())
    first, second = (replace(one, log=one.log[:1]) for one in desk.workshop.items())
    begins = replace(first, credential=desk.workshop.credential(nbf=later))
    assert desk.found(desk.workshop.files([begins, second])) == set()
    issued = replace(first, credential=desk.workshop.credential(iat=later))
    assert desk.found(desk.workshop.files([issued, second])) == {(Kind.STATE_WRONG, CREDENTIAL)}


def test_a_revoked_one_may_be_signed_with_a_key_since_compromised(desk: Desk) -> None:
    files = the_signing_certificate_is_revoked(desk.workshop, desk.workshop.files())
    assert desk.found(relisted(files, state=State.REVOKED)) == {
        (Kind.CREDENTIAL_REJECTED, layout.folder(SECOND) + layout.CREDENTIAL)
    }


def test_a_crl_that_was_stale_at_the_hand_over_is_told(desk: Desk) -> None:
    files = desk.workshop.files()
    stale = desk.workshop.forge.root.crl(start=SCOPE.at - timedelta(days=9), end=SCOPE.at - timedelta(days=2))
    report = desk.verify(relisted({**files, layout.CRL: stale}))
    assert report["verdict"] == "good"
    assert "revocation_not_checked" in str(report["not_checked"])
    assert "revocation_not_checked" not in str(desk.verify(files)["not_checked"])


# ── trust is the asker's


def test_without_anchors_a_forger_s_own_package_agrees_with_itself_and_that_is_said(desk: Desk) -> None:
    forged = Workshop().files()
    report = desk.verify(forged, anchors=False)
    assert report["verdict"] == "good"
    assert report["not_checked"] == ["roots_not_given", "key_not_given", "digest_not_given", *ALWAYS_OPEN]
    found = {kind for kind, _ in desk.found(forged)}
    assert {Kind.TRUST_DIFFERS, Kind.CREDENTIAL_REJECTED, Kind.CHECKPOINT_UNSIGNED} <= found


def test_an_unreadable_root_of_its_own_vouches_for_nothing(desk: Desk) -> None:
    files = relisted({**desk.workshop.files(), layout.ROOTS: b"x", layout.LOG_KEY: b"x"})
    found = desk.found(files, anchors=False)
    assert {(Kind.TRUST_UNREADABLE, layout.ROOTS), (Kind.CREDENTIAL_REJECTED, CREDENTIAL)} <= found
    assert (Kind.CHECKPOINT_UNSIGNED, layout.CHECKPOINT) in found


# ── as a command


UNREADABLE: Mapping[str, list[str]] = {
    "no such file": ["verify", "{folder}/none"],
    "no archive": ["verify", "{folder}/noise"],
    "no such roots": ["verify", "{folder}/out.zip", "--roots", "{folder}/none"],
    "no such key": ["verify", "{folder}/out.zip", "--key", "{folder}/none"],
    "an empty key": ["verify", "{folder}/out.zip", "--key", "{folder}/empty"],
    "no digest": ["verify", "{folder}/out.zip", "--digest", "00"],
    "no path": ["verify"],
    "no such command": ["forge"],
    "no command": [],
}


@pytest.mark.parametrize("arguments", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_or_was_not_meant_exits_2(arguments: list[str], desk: Desk) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip")
    (desk.folder / "noise").write_bytes(b"x" * 1000)
    (desk.folder / "empty").write_bytes(b"\n")
    assert run([one.format(folder=desk.folder) for one in arguments]) == 2
    said = desk.capsys.readouterr()
    assert said.out == ""
    assert said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"]])
def test_help_is_given(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    assert "verify" in capsys.readouterr().out


def test_a_ruined_package_is_told_in_bounded_length() -> None:
    report = Report("x")
    report.add(Finding(Kind.MISSING, f"data/{number}") for number in range(MOST_KEPT + 5))
    report.add([Finding(Kind.MISSING, "data/0")])
    assert (len(report.findings), report.total, report.good) == (MOST_KEPT, MOST_KEPT + 5, False)


def test_every_kind_and_every_open_question_has_its_sentences() -> None:
    assert set(SENTENCES) == set(Kind)
    assert set(ALWAYS_OPEN) < set(OPEN)


@pytest.mark.parametrize("without", ["import sys; sys.modules['tqdm'] = None", "import tqdm"])
def test_it_runs_without_aws_and_without_a_progress_bar(desk: Desk, without: str) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip")
    script = f"{without}\nimport sys\nfrom cli.transfer import run\ncode = run(['verify', {str(desk.folder / 'out.zip')!r}])\nprint(code, *sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY)  # fmt: skip
    *_, modules = done.stdout.splitlines()
    assert modules.startswith("0 ")
    assert not {"boto3", "chalice", "pydantic", "chalicelib.usecases"}.intersection(modules.split())
    assert done.stderr == ""


def test_whoever_waits_at_a_terminal_sees_how_far_it_is(desk: Desk) -> None:
    packed(desk.workshop.files(), desk.folder / "out.zip")
    script = f"import sys; from cli.transfer import run; sys.exit(run(['verify', {str(desk.folder / 'out.zip')!r}]))"
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 80))
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=end, cwd=REPOSITORY, check=True)  # fmt: skip
    os.close(end)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that nobody writes to the terminal any more
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    for stage in (b"opening", b"validating", b"0/2"):
        assert stage in shown
        assert stage not in done.stdout
