"""The log that `make demo` leaves, in the hands of a client that shares no line with the product."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from tests.interop.tlog_client import Refused, folder, hash_leaf, read_checkpoint, root_of_path, verify_log


def vkey(demo: Path) -> str:
    return (demo / "log.vkey").read_text().strip()


def test_the_log_is_whole_for_an_independent_client(demo: Path) -> None:
    log = verify_log(folder(demo / "log"), vkey(demo))
    assert log.head.size >= 60
    assert all(len(entry) == 32 for entry in log.entries())


@pytest.mark.parametrize("pattern", ["checkpoint", "tile/0/**/*", "tile/entries/**/*"])
def test_a_changed_byte_of_it_is_refused(demo: Path, tmp_path: Path, pattern: str) -> None:
    found = max(path for path in (demo / "log").glob(pattern) if path.is_file())
    size = read_checkpoint((demo / "log/checkpoint").read_bytes(), vkey(demo)).size
    newest = found if pattern == "checkpoint" else found.with_name(str(size))
    for path in (one for one in (demo / "log").rglob("*") if one.is_file()):
        target = tmp_path / path.relative_to(demo / "log")
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        target.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:] if path == newest else data)
    with pytest.raises((Refused, ValueError)):
        verify_log(folder(tmp_path), vkey(demo))


def test_the_entry_is_in_the_log_by_its_proof_and_the_specifications_alone(demo: Path) -> None:
    entry, proof = (demo / "entry.json").read_bytes(), json.loads((demo / "entry.proof.json").read_text())
    assert root_by(entry, proof) == read_checkpoint(proof["checkpoint"].encode(), vkey(demo)).root
    assert json.loads(entry)["kind"] == "certificate_issued"
    assert root_by(entry + b" ", proof) != read_checkpoint(proof["checkpoint"].encode(), vkey(demo)).root


def root_by(entry: bytes, proof: dict[str, object]) -> bytes:
    """docs/handing-over.md, step by step."""
    salt = base64.urlsafe_b64decode(str(proof["salt"]) + "=")
    leaf = hash_leaf(hashlib.sha256(salt + entry).digest())
    hashes = proof["hashes"]
    assert isinstance(hashes, list)
    index, size = int(str(proof["index"])), int(str(proof["size"]))
    return root_of_path(index, size, leaf, [base64.b64decode(one) for one in hashes])


def test_the_segments_are_an_auditors_and_not_in_the_public_tree(demo: Path) -> None:
    assert {path.name for path in (demo / "log").iterdir()} == {"checkpoint", "tile"}
    assert {"segments", "checkpoints", "keys"} <= {path.name for path in (demo / "audit-log").iterdir()}
