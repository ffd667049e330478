"""`zhengzhao verify` as a person or a script meets it: verdict, every check, exit code; never a traceback."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.verification.reasons import REASONS
from cli.inputs import MOST_BYTES, Unreadable, moment
from cli.main import COMMANDS, main
from cli.verify import printable
from tests.fakes.records import TYPE
from tests.tools import REPOSITORY
from tests.unit.verification.forge import (
    INDEX,
    METADATA,
    Forge,
    authority,
    credential,
    raw_credential,
    status_list,
    visible,
)

FORGE = Forge()
UNIT = FORGE.unit()
STATUS = FORGE.status_signer()
AT = "2026-06-01T12:00:00+08:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a stranger holds."""
    files: Mapping[str, bytes] = {
        "certificate.sd-jwt": credential(UNIT).encode() + b"\n",
        "roots.pem": FORGE.root.pem,
        "status-list.jwt": status_list(STATUS).encode() + b"\n",
        "status-list-after.jwt": status_list(STATUS, {INDEX: 1}).encode(),
        "crl.der": FORGE.root.crl(),
        "crl.pem": x509.load_der_x509_crl(FORGE.root.crl()).public_bytes(Encoding.PEM),
        "type-metadata.json": METADATA,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def verify(folder: Path, *options: str, file: str = "certificate.sd-jwt", at: str = AT) -> int:
    return main(["verify", str(folder / file), "--roots", str(folder / "roots.pem"), "--at", at, *options])


def everything(folder: Path, status: str = "status-list.jwt", crl: str = "crl.der") -> list[str]:
    options = {"--status-list": status, "--crl": crl, "--type-metadata": "type-metadata.json"}
    return [part for option, name in options.items() for part in (option, str(folder / name))]


def test_the_verdict_comes_first_and_every_check_after(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, *everything(folder)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("certificate.sd-jwt")
    assert REASONS["verdict_genuine"].zh in lines[1]
    assert REASONS["verdict_genuine"].en in lines[1]
    assert [line.split()[0] for line in lines[2:]] == ["✓"] * 10


def test_what_was_not_brought_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder) == 0
    assert "not checked · 未核: x509_revocation, type, status" in capsys.readouterr().out


def test_a_revoked_one_is_not_genuine(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, *everything(folder, status="status-list-after.jwt")) == 1
    out = capsys.readouterr().out
    assert "REVOKED" in out
    assert "✗ status" in out


def test_a_crl_may_be_pem(folder: Path) -> None:
    assert verify(folder, *everything(folder, crl="crl.pem"), "--json") == 0


def test_a_broken_crl_is_a_fault_not_a_stop(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "crl.pem").write_text("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    assert verify(folder, *everything(folder, crl="crl.pem")) == 1
    assert "crl_invalid" in capsys.readouterr().out


def test_an_altered_one_is_not_genuine(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "certificate.sd-jwt").write_text(credential(UNIT).replace(".", ".e30", 1))
    assert verify(folder) == 1
    assert "MALFORMED" in capsys.readouterr().out


def test_nothing_beside_the_file_is_taken_silently(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "--json") == 0
    assert json.loads(capsys.readouterr().out)["reasons"] == [
        "crl_not_given",
        "type_not_given",
        "status_not_given",
    ]
    assert (
        main(["verify", str(folder / "certificate.sd-jwt")]) == 2
    )  # roots.pem lies beside it, and is to be named


def test_a_folder_is_verified_file_by_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "another.sd-jwt").write_text("x")
    assert verify(folder, "--json", file="") == 1
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(Path(one["file"]).name, one["verdict"]) for one in documents] == [
        ("another.sd-jwt", "malformed"),
        ("certificate.sd-jwt", "genuine"),
    ]


def test_the_moment_asked_about_decides(folder: Path) -> None:
    assert verify(folder, at="2031-06-01T07:59:59+08:00") == 0
    assert verify(folder, at="2031-06-01T08:00:00+08:00") == 1
    assert verify(folder, at="2026-01-01T00:00:00Z") == 1


UNREADABLE: Mapping[str, list[str]] = {
    "no such file": ["verify", "{folder}/none", "--roots", "{folder}/roots.pem"],
    "no such roots": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/none"],
    "roots no PEM": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/crl.der"],
    "roots without an authority": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/leaf.pem"],
    "roots not named": ["verify", "{folder}/certificate.sd-jwt"],
    "no such list": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/roots.pem", "--status-list", "{folder}/none"],
    "roots without any extension": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/bare.pem"],
    "a folder without any": ["verify", "{folder}/empty", "--roots", "{folder}/roots.pem"],
    "too large": ["verify", "{folder}/large", "--roots", "{folder}/roots.pem"],
    "a time without offset": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/roots.pem", "--at", "2026-06-01T12:00:00"],
    "no time": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/roots.pem", "--at", "noon"],
    "two sources": ["verify", "x", "--roots", "{folder}/roots.pem", "--status-list", "x", "--online", "http://127.0.0.1:1"],
    "nobody there": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/roots.pem", "--online", "http://127.0.0.1:1"],
    "no web address": ["verify", "{folder}/certificate.sd-jwt", "--roots", "{folder}/roots.pem", "--online", "file:///etc"],
    "no file": ["verify"],
    "no such command": ["forge"],
    "no command": [],
}  # fmt: skip


@pytest.mark.parametrize("arguments", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_or_was_not_meant_exits_2(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty").mkdir()
    (folder / "large").write_bytes(b"x" * (MOST_BYTES + 1))
    (folder / "bare.pem").write_bytes(authority([]).pem)
    (folder / "leaf.pem").write_bytes(UNIT.certificate.public_bytes(Encoding.PEM))
    assert main([one.format(folder=folder) for one in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"]])
def test_help_is_given(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "verify" in capsys.readouterr().out


def test_a_hostile_file_cannot_speak_to_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b[2J\u202egenuine\x9b\ud800"
    text = raw_credential(
        UNIT, {**visible(), "status": {"status_list": {"idx": 1, "uri": hostile}}, "vct": hostile}
    )
    (folder / "certificate.sd-jwt").write_text(text)
    for options in ((), ("--json",)):
        assert verify(folder, *options) == 1
        assert all(char.isprintable() or char == "\n" for char in capsys.readouterr().out)
    assert printable("照 ✓\x1b\u202e") == "照 ✓\\x1b\\u202e"


# ── online


@pytest.fixture
def platform(folder: Path) -> Iterator[str]:
    """A web server with what the platform publishes."""
    published: Mapping[str, Any] = {
        "v1/status-lists/1-0": status_list(STATUS).encode(),
        "v1/trust/crl": FORGE.root.crl(),
        f"v1/vct/{TYPE}/1": METADATA,
    }
    for path, content in published.items():
        (folder / "web" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "web" / path).write_bytes(content)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the server's own name
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder / "web"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_online_brings_what_was_not_brought(
    folder: Path, platform: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, "--online", platform, "--json") == 0
    assert json.loads(capsys.readouterr().out)["reasons"] == []


def test_online_tells_the_revoked(folder: Path, platform: str) -> None:
    (folder / "web/v1/status-lists/1-0").write_text(status_list(STATUS, {INDEX: 1}))
    assert verify(folder, "--online", platform + "/") == 1


def test_online_does_not_ask_about_what_is_no_credential(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "certificate.sd-jwt").write_text("x")
    assert verify(folder, "--online", "http://127.0.0.1:1") == 1
    assert "MALFORMED" in capsys.readouterr().out


def test_a_document_too_large_is_not_read(folder: Path, platform: str) -> None:
    (folder / "web/v1/trust/crl").write_bytes(b"x" * (MOST_BYTES + 1))
    assert verify(folder, "--online", platform) == 2


# ── as installed


def test_it_runs_as_a_module_in_a_terminal_without_chinese(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "verify", str(folder), "--roots", str(folder / "roots.pem"), "--at", AT],
        capture_output=True, check=False, cwd=REPOSITORY, env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"GENUINE" in done.stdout


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "cli",
        "verify",
        *[str(folder)] * 200,
        "--roots",
        str(folder / "roots.pem"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 2


def test_a_command_loads_nothing_of_aws() -> None:
    script = "import sys; from cli.main import main; main(['verify', '--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, cwd=REPOSITORY
    )
    assert not {"boto3", "chalice", "pydantic", "chalicelib.usecases"}.intersection(done.stdout.split())
    assert set(COMMANDS) >= {"verify"}


def test_a_moment_has_its_offset() -> None:
    assert moment(AT) == datetime(2026, 6, 1, 4, tzinfo=UTC)
    with pytest.raises(ValueError, match="offset"):
        moment("2026-06-01")
    assert issubclass(Unreadable, Exception)
