"""`zhengzhao audit verify` as an auditor meets it: a folder or an address, a verdict, each fault with its place, an exit code."""

import contextlib
import functools
import http.server
import io
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audit.findings import Fault
from chalicelib.audit.note import ED25519
from cli.audit import run as audit
from cli.audit_sources import FolderFiles, HttpFiles
from cli.audit_verify import FAULTY, MOST_SHOWN, SAVED_EVERY, UNREADABLE, WHOLE, NoBar, run
from cli.inputs import Unreadable
from cli.main import main
from tests.fakes.log import LocalLogSigner
from tests.unit.audit.archive import Archive, MemoryFiles
from tests.unit.audit.attacks import FILES, HONEST, SECOND, THIRD
from tests.unit.audit.forger import flip

NOW = ["--now", HONEST.now.isoformat(), "--quiet"]


def written(files: MemoryFiles, folder: Path) -> Path:
    """The log as a copy in a folder."""
    for path, data in files.objects.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return written(FILES, tmp_path / "log")


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / "log.vkey"
    path.write_text("# ours\n\n" + "".join(f"{one}\n" for one in HONEST.keys))
    return str(path)


@pytest.fixture
def address(log: Path) -> Iterator[str]:
    """The public part, served as files."""
    for folder in ("segments", "changes", "checkpoints", "keys"):
        shutil.rmtree(log / folder)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Not here."""

    handler = functools.partial(Quiet, directory=str(log))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def spoil(log: Path, path: str, at: int = 40) -> None:
    spoilt = MemoryFiles({path: (log / path).read_bytes()}, {})
    flip(path, at)(spoilt)
    (log / path).write_bytes(spoilt.objects[path])


def answer(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = run([*arguments, *NOW, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_whole_log_is_said_to_be_whole(log: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(log), "--key", key, *NOW]) == WHOLE
    assert capsys.readouterr().out == "✓ 日志完整 · whole: 661 entries (entries, tree and checkpoints)\n"
    code, said = answer(str(log), "--key", key, capsys=capsys)
    time = said.pop("time")
    assert (code, said) == (
        WHOLE,
        {"verdict": "whole", "size": 661, "origin": "zz.example.cn/log", "findings": []},
    )
    assert 0 < HONEST.now.timestamp() - time <= 6 * 3600 + 1


def test_each_fault_is_said_with_its_kind_and_place(
    log: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(log, SECOND)
    (log / THIRD).unlink()
    assert run([str(log), "--key", key, *NOW]) == FAULTY
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "✗ 日志有 3 处问题 · 3 faults in 661 entries"
    assert said[1].startswith(f"  ✗ malformed  {SECOND}  格式错误 · it cannot be read (")
    code, found = answer(str(log), "--key", key, capsys=capsys)
    assert (code, found["verdict"]) == (FAULTY, "faulty")
    assert {(one["fault"], one["place"]) for one in found["findings"]} == {
        ("malformed", SECOND),
        ("missing", "segments/"),
        ("unexpected", THIRD.replace("segments", "changes")),
    }


def test_of_very_many_faults_the_first_are_shown(
    log: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(MOST_SHOWN + 1):
        (log / f"segments/{number}").write_bytes(b"")
    assert run([str(log), "--key", key, *NOW]) == FAULTY
    assert capsys.readouterr().out.splitlines()[-1] == "  … 1 more: --json shows all"


def test_a_log_without_a_checkpoint_has_no_origin(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = answer(str(tmp_path), "--key", key, capsys=capsys)
    assert (code, said["origin"], said["time"], said["size"]) == (FAULTY, None, None, 0)
    assert said["findings"] == [{"fault": Fault.MISSING, "place": "checkpoint", "detail": ""}]


# -- what cannot be gone on with


@pytest.mark.parametrize("text", ["", "# nothing\n", "not a key\n"])
def test_a_file_without_a_readable_key_is_unreadable(
    log: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.vkey").write_text(text)
    assert run([str(log), "--key", str(tmp_path / "bad.vkey"), *NOW]) == UNREADABLE
    assert "bad.vkey" in capsys.readouterr().err


def test_a_key_that_is_not_there_and_a_log_that_is_not_there_are_unreadable(
    log: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(log), "--key", str(tmp_path / "none"), *NOW]) == UNREADABLE
    assert run([str(tmp_path / "none"), "--key", key, *NOW]) == UNREADABLE
    assert run(["s3://bucket", "--key", key, *NOW]) == UNREADABLE
    assert "--edge" in capsys.readouterr().err


def test_without_a_key_there_is_no_verdict(log: Path) -> None:
    with pytest.raises(SystemExit) as error:
        run([str(log)])
    assert error.value.code == UNREADABLE


def test_what_the_system_will_not_read_is_unreadable(log: Path, key: str) -> None:
    folder = FolderFiles(log)
    assert folder.get("segments") is None
    assert folder.get("checkpoint/x") is None
    with pytest.raises(Unreadable):
        folder.get("x" * 5000)
    with pytest.raises(Unreadable):
        list(folder.list("x" * 5000))
    assert list(folder.list("nothing/")) == []


# -- what the auditor kept


def test_a_checkpoint_kept_from_before_is_held_against_the_log(
    log: Path, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(FILES.objects["checkpoints/000000000300"])
    seen = ["--key", key, "--seen", str(kept)]
    assert answer(str(log), *seen, capsys=capsys)[0] == WHOLE
    later = replace(HONEST.checkpoint(), size=700)
    kept.write_bytes(HONEST.signer.sign(later, HONEST.now))
    code, said = answer(str(log), *seen, capsys=capsys)
    assert (code, [one["fault"] for one in said["findings"]]) == (FAULTY, [Fault.ROLLED_BACK])


@pytest.mark.parametrize("unsigned", [True, False])
def test_a_checkpoint_that_this_log_did_not_sign_accuses_nobody(
    log: Path, tmp_path: Path, key: str, unsigned: bool
) -> None:
    signed = LocalLogSigner().sign(HONEST.checkpoint(), HONEST.now)
    (tmp_path / "kept").write_bytes(b"no note" if unsigned else signed)
    assert run([str(log), "--key", key, "--seen", str(tmp_path / "kept"), *NOW]) == UNREADABLE


# -- going on another day


def test_it_goes_on_from_its_state_and_finds_what_is_new(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive(HONEST.signer)
    for _ in range(SAVED_EVERY + 3):
        archive.log()
        archive.seal(hours=1)
    log, state = written(archive.files(), tmp_path / "growing"), tmp_path / "state.json"
    asked = [str(log), "--key", key, "--resume", str(state), "--now", archive.now.isoformat(), "--quiet"]
    assert run(asked) == WHOLE
    before = state.read_bytes()
    assert json.loads(before)["size"] == SAVED_EVERY + 3
    assert json.loads(before)["kept"] is not None
    for _ in range(300):
        archive.log("certificate_collected")
    archive.seal()
    newest = written(archive.files(), log) / archive.files().under("segments/")[-1]
    data = newest.read_bytes()
    newest.write_bytes(data[:-1])
    for _ in range(2):  # a state is kept only of what was whole, so the fault is found each time
        assert run(asked) == FAULTY
        assert state.read_bytes() == before
    newest.write_bytes(data)
    assert run(asked) == WHOLE
    assert json.loads(state.read_bytes())["size"] == SAVED_EVERY + 303
    assert [one.name for one in tmp_path.glob("state*")] == ["state.json"]
    capsys.readouterr()
    assert run([*asked, "--json"]) == WHOLE
    assert json.loads(capsys.readouterr().out)["size"] == SAVED_EVERY + 303


def test_an_empty_logs_state_is_where_everything_begins(tmp_path: Path, log: Path, key: str) -> None:
    state = tmp_path / "state.json"
    assert run([str(log), "--key", key, "--resume", str(state), *NOW]) == WHOLE
    said = json.loads(state.read_bytes())
    state.write_text(
        json.dumps({**said, "size": 0, "levels": [[]], "edge": [], "since": "", "recent": [], "kept": None, "path": ""})
    )  # fmt: skip
    assert run([str(log), "--key", key, "--resume", str(state), *NOW]) == WHOLE
    assert json.loads(state.read_bytes()) == said


@pytest.mark.parametrize("text", ["", "{}", '{"v": 2}', "[]", '{"v": 1, "levels": 5}'])
def test_a_state_that_is_none_is_unreadable(log: Path, tmp_path: Path, key: str, text: str) -> None:
    (tmp_path / "state").write_text(text)
    assert run([str(log), "--key", key, "--resume", str(tmp_path / "state"), *NOW]) == UNREADABLE


# -- the public tree


def test_the_public_tree_is_examined_at_an_address(
    address: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([address, "--key", key, "--quiet"]) == WHOLE
    assert capsys.readouterr().out == "✓ 日志完整 · whole: 661 entries (the public tree)\n"
    assert list(HttpFiles(address).list("segments/")) == []
    assert HttpFiles(address).lock("checkpoint") is None


def test_the_public_tree_is_examined_in_a_folder_when_asked(
    log: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(log / "segments")
    assert run([str(log), "--key", key, *NOW]) == FAULTY
    assert run([str(log), "--key", key, "--tree", *NOW]) == WHOLE


def test_a_fault_at_an_address_is_found(
    address: str, log: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(log, "tile/0/001", 32 * 7)
    code, said = answer(address, "--key", key, capsys=capsys)
    assert code == FAULTY
    assert [(one["fault"], one["place"]) for one in said["findings"]] == [("altered", "tile/0/001#7")]


def test_an_address_that_does_not_answer_is_unreadable(key: str) -> None:
    assert run(["http://127.0.0.1:1", "--key", key, "--quiet"]) == UNREADABLE


# -- around it


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_seen_on_a_terminal_and_nowhere_else(log: Path, key: str) -> None:
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        with contextlib.redirect_stderr(stream):
            assert run([str(log), "--key", key, *NOW[:2]]) == WHOLE
        assert ("entries" in stream.getvalue()) == shown


def test_where_the_library_for_the_bar_is_not_installed_the_steps_are_counted() -> None:
    with NoBar() as bar:
        bar.update(3)
        bar.update(4)
        assert bar.n == 7


def test_the_ed25519_key_alone_is_enough(log: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.vkey"
    alone.write_text("".join(str(one) for one in HONEST.keys if one.kind == ED25519))
    assert run([str(log), "--key", str(alone), *NOW]) == WHOLE


@pytest.mark.parametrize(("asked", "code"), [(["--help"], 0), ([], 2), (["burn"], 2)])
def test_the_commands_of_audit_are_listed(
    asked: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(asked) == code
    said = capsys.readouterr()
    assert "核验日志完整性" in (said.err if code else said.out)
