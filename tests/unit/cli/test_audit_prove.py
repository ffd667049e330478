"""`audit prove` and `audit check`: two files that prove an entry to whoever has the key; with one thing altered, to nobody."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audit.note import VerifierKey
from chalicelib.kernel.encoding import b64url, canonical_json
from chalicelib.usecases.seal_log import seal_log
from cli.audit import run
from tests.fakes.city import found_city
from tests.fakes.log import InMemoryLogStore, LocalLogSigner
from tests.unit.audit.test_sealing import logged

Alter = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def sealed() -> tuple[dict[str, bytes], list[VerifierKey]]:
    """A log of 260 entries in two segments, as files."""
    city = found_city()
    city.store.entries.clear()
    seal_log(city.platform, logged(city, 255))
    seal_log(city.platform, logged(city, 5))
    store = city.platform.log.store
    assert isinstance(store, InMemoryLogStore)
    return {**store.locked, **store.edge}, list(city.platform.log.signer.verifier_keys())


@pytest.fixture
def log(sealed: tuple[dict[str, bytes], list[VerifierKey]], tmp_path: Path) -> Path:
    """The log in `log`, the keys in `log.vkey`."""
    files, keys = sealed
    for path, body in files.items():
        (tmp_path / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / path).write_bytes(body)
    (tmp_path / "log.vkey").write_text("".join(f"{key}\n" for key in keys))
    return tmp_path


def prove(log: Path, index: int | str = 7, *more: str) -> int:
    where = ("prove", str(index), str(log / "log"), "--key", str(log / "log.vkey"))
    return run([*where, "--out", str(log / "out"), *more])


def check(log: Path, *more: str, key: str = "log.vkey") -> int:
    files = (str(log / "out/entry.json"), str(log / "out/entry.proof.json"))
    return run(["check", *files, "--key", str(log / key), *more])


def written(log: Path) -> bool:
    return (log / "out").exists()


@pytest.mark.parametrize("index", [0, 7, 254, 255, 259])
def test_what_is_proven_checks_offline(log: Path, index: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(log, index) == 0
    assert f"proven: entry {index} of zz.example.cn/log, a log of 260" in capsys.readouterr().out
    (log / "log").rename(log / "elsewhere")
    assert check(log) == 0
    assert "proven" in capsys.readouterr().out
    entry = (log / "out/entry.json").read_bytes()
    assert canonical_json(json.loads(entry)) == entry


def test_either_of_the_keys_is_enough_for_who_trusts_no_more(log: Path) -> None:
    assert prove(log) == 0
    classic = (log / "log.vkey").read_text().splitlines()[0]
    (log / "classic.vkey").write_text(f"{classic}\n")
    assert check(log, key="classic.vkey") == 0


def test_the_answer_as_json(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(log, 7, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["index"], said["size"], said["fault"]) == ("proven", 7, 260, None)
    assert said["origin"] == "zz.example.cn/log"
    assert isinstance(said["time"], int)
    assert check(log, "--json") == 0
    assert json.loads(capsys.readouterr().out) == said


# -- a pair with one thing altered


def _hash(text: str) -> str:
    data = base64.b64decode(text)
    return base64.b64encode(bytes([data[0] ^ 1]) + data[1:]).decode()


ALTERED: dict[str, Alter] = {
    "another index": lambda one: one.update(index=one["index"] + 1),
    "another size": lambda one: one.update(size=one["size"] - 1),
    "another leaf": lambda one: one.update(leaf_hash=_hash(one["leaf_hash"])),
    "another salt": lambda one: one.update(salt=b64url(bytes(32))),
    "another hash": lambda one: one["hashes"].append(_hash(one["hashes"].pop())),
    "a hash less": lambda one: one["hashes"].pop(),
    "a hash more": lambda one: one["hashes"].append(one["hashes"][0]),
    "hashes in another order": lambda one: one["hashes"].reverse(),
    "another tree": lambda one: one.update(checkpoint=one["checkpoint"].replace("\n260\n", "\n261\n")),
    "another log": lambda one: one.update(checkpoint=one["checkpoint"].replace("zz.example", "zx.example")),
    "no signature": lambda one: one.update(checkpoint=one["checkpoint"].partition("\n— ")[0]),
    "no quantum-safe one": lambda one: one.update(checkpoint=one["checkpoint"].rpartition("— ")[0]),
    "no checkpoint": lambda one: one.update(checkpoint=""),
    "a member more": lambda one: one.update(more=1),
    "a member less": lambda one: one.pop("salt"),
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_proof_proves_nothing(log: Path, alter: Alter, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(log) == 0
    path = log / "out/entry.proof.json"
    said = json.loads(path.read_bytes())
    alter(said)
    path.write_bytes(canonical_json(said))
    assert check(log) == 1
    assert "not proven" in capsys.readouterr().out
    assert check(log, "--json") == 1
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (document["verdict"], document["index"]) == ("not_proven", None)
    assert document["fault"] in ("malformed", "altered", "bad_signature")


def test_an_entry_altered_anywhere_is_not_the_one_proven(log: Path) -> None:
    assert prove(log) == 0
    path = log / "out/entry.json"
    entry = path.read_bytes()
    for at in range(0, len(entry), 7):
        path.write_bytes(entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :])
        assert check(log) == 1
    path.write_bytes(entry + b"\n")
    assert check(log) == 1


def test_another_entrys_proof_proves_nothing(log: Path) -> None:
    assert prove(log, 8) == 0
    entry = (log / "out/entry.json").read_bytes()
    assert prove(log, 7) == 0
    (log / "out/entry.json").write_bytes(entry)
    assert check(log) == 1


def test_the_keys_of_another_log_prove_nothing(log: Path) -> None:
    assert prove(log) == 0
    (log / "other.vkey").write_text(f"{LocalLogSigner().verifier_keys()[0]}\n")
    assert check(log, key="other.vkey") == 1


# -- a log that is faulty where the entry lies: nothing is written


def only(log: Path, pattern: str) -> Path:
    return min((log / "log").glob(pattern))


def test_a_log_that_others_signed_is_faulty(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (log / "log.vkey").write_text("".join(f"{key}\n" for key in LocalLogSigner().verifier_keys()))
    assert (prove(log), written(log)) == (1, False)
    assert "bad_signature" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pattern", "body", "fault"),
    [
        ("segments/*/*", b"not gzip", "malformed"),
        ("tile/0/001.p/4", None, "missing"),
        ("tile/0/000", None, "missing"),
        ("tile/0/000", bytes(8192), "segment_differs"),
        ("checkpoint", b"no note", "malformed"),
    ],
)
def test_a_faulty_log_proves_nothing(
    log: Path, pattern: str, body: bytes | None, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = only(log, pattern)
    path.unlink() if body is None else path.write_bytes(body)
    assert (prove(log), written(log)) == (1, False)
    assert fault in capsys.readouterr().out


def test_an_older_checkpoint_does_not_reach_the_entry(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = (log / "log/checkpoints/000000000255").read_bytes()
    (log / "log/checkpoint").write_bytes(old)
    assert (prove(log, 255), written(log)) == (1, False)
    assert "rolled_back" in capsys.readouterr().out
    assert prove(log, 254) == 0


def test_a_segment_under_anothers_name_is_missing(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = sorted((log / "log").glob("segments/*/*"))
    first.write_bytes(second.read_bytes())
    assert (prove(log), written(log)) == (1, False)
    assert "missing" in capsys.readouterr().out


# -- what cannot be read


@pytest.mark.parametrize("index", [260, 10**12])
def test_no_such_entry(log: Path, index: int, capsys: pytest.CaptureFixture[str]) -> None:
    only(log, "segments/*").joinpath("notes.txt").write_text("not a segment")
    assert (prove(log, index), written(log)) == (2, False)
    assert "no segment holds it" in capsys.readouterr().err


@pytest.mark.parametrize("index", ["-1", "x", "1.5", "１"])
def test_an_index_is_a_number(log: Path, index: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        prove(log, index)


def test_a_log_without_a_checkpoint(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (log / "log/checkpoint").unlink()
    assert prove(log) == 2
    assert "checkpoint: not there" in capsys.readouterr().err


def test_at_an_address_the_entries_are_not_public(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", "7", "http://127.0.0.1:9/v1/log", "--key", str(log / "log.vkey")]) == 2
    assert "not public" in capsys.readouterr().err


def test_where_nothing_can_be_written(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (log / "out").write_text("a file stands here")
    assert prove(log) == 2
    assert str(log / "out") in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["out/entry.json", "out/entry.proof.json", "log.vkey"])
def test_a_file_that_is_not_there(log: Path, gone: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(log) == 0
    (log / gone).unlink()
    assert check(log) == 2
    assert gone in capsys.readouterr().err
