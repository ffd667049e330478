"""`zhengzhao rebuild` as an administrator meets it: verdict first, places, exit codes; never a traceback."""

import json
from pathlib import Path

import pytest

from chalicelib.adapters.dynamo_comparison import Difference
from chalicelib.audit.findings import Fault, Finding
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import Head, Staged
from chalicelib.usecases.rebuild_tables import Rebuilt
from cli import rebuild_compare, rebuild_run
from cli.main import main
from tests.fakes.log import LocalLogSigner
from tests.unit.cli.sealed import at

NOW = at("2026-11-24T14:30:00")
HEAD = Head(3, bytes(32), 0, NOW, Retention.least(NOW), staged=Staged("staging/x", "ab", 1))
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / "log.vkey"
    path.write_text("".join(f"{one}\n" for one in LocalLogSigner().verifier_keys()))
    return str(path)


def test_commands_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebuild", "--help"]) == 0
    assert "compare" in capsys.readouterr().out
    assert main(["rebuild"]) == 2
    assert main(["rebuild", "all"]) == 2
    assert "compare" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["nowhere", "s3://bucket", "http://example.cn/v1/log"])
def test_where_there_is_no_log_nothing_is_rebuilt(
    where: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rebuild", "run", where, "--key", key, "--prefix", "zhengzhao-x"]) == 2
    assert capsys.readouterr().err.startswith("✗ ")


def test_a_result_says_what_is_not_whole(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding(Fault.ALTERED, "segments/1")
    assert rebuild_run.show(Rebuilt([], True, HEAD, 3, 2), as_json=False) == 0
    out = capsys.readouterr().out
    assert "✓ 重建完整" in out
    assert "staging/x" in out
    assert (
        rebuild_run.show(Rebuilt([finding], True, HEAD, 3, 2, ["changes/1:7"], ["a"], ["b"]), as_json=False)
        == 1
    )
    out = capsys.readouterr().out
    assert all(one in out for one in ("not rebuilt whole", "altered segments/1", "changes/1:7"))
    assert rebuild_run.show(Rebuilt([finding]), as_json=False) == 1
    assert "nothing rebuilt" in capsys.readouterr().out
    assert rebuild_run.show(Rebuilt([finding]), as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "refused"
    assert rebuild_run.show(Rebuilt([], True, HEAD, left=["changes/1:7"]), as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["pending"], told["left"]) == ("incomplete", "staging/x", ["changes/1:7"])


def test_progress_is_one_line_until_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    rebuild_run.progress("examined", 1, 2)
    rebuild_run.progress("rebuilt", 2, 2)
    assert capsys.readouterr().err == "  核验日志 · examining 1/2\r  重建数据 · rebuilding 2/2\n"


def test_a_comparison_says_which_items_differ(capsys: pytest.CaptureFixture[str]) -> None:
    one = Difference("log", "x", "id-1", "differs", ("body",))
    rebuild_compare.show(5, 0, [one], 2, as_json=False)
    out = capsys.readouterr().out
    assert all(word in out for word in ("2 differences", "id-1 (body)", "1 more"))
    rebuild_compare.show(5, 0, [], 0, as_json=False)
    assert "✓ 完全一致" in capsys.readouterr().out
    rebuild_compare.show(5, 1, [one], 1, as_json=True)
    assert json.loads(capsys.readouterr().out)["differences"][0]["sk"] == "id-1"
