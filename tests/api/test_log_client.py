"""Our log over HTTP, read by a client written from the specifications alone: signature, tiles, bundles, root, inclusion."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.audit import run as audit
from tests.api.conftest import Office
from tests.fakes.log import LocalLogSigner
from tests.interop import tlog_client
from tests.interop.tlog_client import Refused


@pytest.fixture(scope="module")
def base(market: Office) -> str:
    """The log's prefix, with a certificate's whole story sealed in it."""
    market.issued()
    market.stage.drain()
    return f"{market.base}/v1/log"


@pytest.fixture(scope="module")
def vkey(base: str) -> str:
    """The Ed25519 key: the first of those published."""
    return tlog_client.website(base)("keys").decode().splitlines()[0]


def test_the_log_is_whole_over_http(base: str, vkey: str) -> None:
    log = tlog_client.verify_log(tlog_client.website(base), vkey)
    entries = log.entries()
    assert log.head.size == len(entries) > 60
    for index in (0, 1, len(entries) // 2, len(entries) - 1):
        log.check_inclusion(index, entries[index])
        with pytest.raises(Refused):
            log.check_inclusion(index, entries[index] + b"x")


@pytest.mark.parametrize("what", ["checkpoint", "tile/0/", "tile/entries/"])
def test_a_byte_changed_on_the_way_is_refused(base: str, vkey: str, what: str) -> None:
    fetch = tlog_client.website(base)

    def meddling(name: str) -> bytes:
        data = fetch(name)
        return data[:30] + bytes([data[30] ^ 1]) + data[31:] if name.startswith(what) else data

    with pytest.raises((Refused, ValueError)):
        tlog_client.verify_log(meddling, vkey)


def test_audit_verify_reads_the_address(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "log.vkey"
    keys.write_bytes(tlog_client.website(base)("keys"))
    assert audit(["verify", base, "--key", str(keys), "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "whole"
    (tmp_path / "other.vkey").write_text(f"{LocalLogSigner().verifier_keys()[0]}\n")
    assert audit(["verify", base, "--key", str(tmp_path / "other.vkey"), "--json", "--quiet"]) == 1


def test_another_key_is_refused(base: str) -> None:
    stranger = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    with pytest.raises(Refused):
        tlog_client.Log(tlog_client.website(base), stranger)


@pytest.mark.parametrize("index", [0, 5, 40])
def test_an_auditors_proof_holds_by_the_specifications_alone(market: Office, vkey: str, index: int) -> None:
    said: dict[str, Any] = market.person("audit.auditor").get(f"/v1/audit/entries/{index}/proof").json()
    head = tlog_client.read_checkpoint(said["checkpoint"].encode(), vkey)
    assert root_by(said, lambda text: text) == head.root
    assert root_by(said, lambda text: text.replace("done", "gone")) != head.root


def root_by(said: dict[str, Any], change: Callable[[str], str]) -> bytes:
    """docs/log.md, step by step; JSON sorted and without spaces is canonical for what our entries hold."""
    text = json.dumps(said["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    salt = base64.urlsafe_b64decode(said["salt"] + "=")
    leaf = tlog_client.hash_leaf(hashlib.sha256(salt + change(text).encode()).digest())
    hashes = [base64.b64decode(one) for one in said["hashes"]]
    return tlog_client.root_of_path(said["index"], said["size"], leaf, hashes)
