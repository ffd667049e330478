"""The demo's chapter on the log: sealed, examined, forged in vain, proven entry by entry, and asked with SQL."""

import contextlib
import gzip
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

from chalicelib.audit.merkle import ProofRejected
from chalicelib.audit.note import ED25519, VerifierKey
from chalicelib.audit.proof import Proof, prove
from chalicelib.audit.segment import Line, read
from cli.main import main as zhengzhao
from local_aws.log_copy import copy_log
from local_aws.story import Story

PUBLIC: Final = ("tile/", "checkpoint")


def tell_log(story: Story, base_url: str, keys: list[VerifierKey], identifier: str) -> None:
    """What a stranger and an auditor make of the log; `identifier` is the certificate that the story is about."""
    environment, folder = dict(os.environ), story.folder
    copy_log(environment, folder / "log", PUBLIC)
    copy_log(environment, folder / "audit-log")
    shutil.rmtree(folder / "log/checkpoints", ignore_errors=True)  # an auditor's, not the public tree's
    # The first is what every note tool reads; the second stands behind it for the twenty years.
    for key in keys:
        story.keep("log.vkey" if key.kind == ED25519 else "log-ml-dsa.vkey", f"{key}\n")
    trusted = story.keep("log.vkeys", "".join(f"{key}\n" for key in keys))
    _look(story, base_url, trusted)
    _examine(story, trusted)
    _forge(story, trusted)
    _prove(story, identifier)
    _ask(story, identifier)


def _said(*arguments: str) -> tuple[int, Any]:
    """The command's exit code, and its answer."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = zhengzhao(arguments)
    return code, json.loads(out.getvalue() or "null")


def _verified(where: Path | str, trusted: Path) -> tuple[int, Any]:
    return _said("audit", "verify", str(where), "--key", str(trusted), "--json", "--quiet")


def _look(story: Story, base_url: str, trusted: Path) -> None:
    code, found = _verified(f"{base_url}/v1/log", trusted)
    story.step(
        "陌生人从公开地址核验整棵树 · a stranger verifies the public tree by its address",
        code == 0 and found["verdict"] == "whole",
        f"{found['size']} leaves that tell nothing",
    )


def _examine(story: Story, trusted: Path) -> None:
    code, found = _verified(story.folder / "audit-log", trusted)
    story.step(
        "审计:只凭文件与公钥核验整部日志 · audited from files and keys alone: whole",
        code == 0 and found["verdict"] == "whole",
        f"{found['size']} entries, checkpoint of {found['origin']}",
    )


def _forge(story: Story, trusted: Path) -> None:
    """The account's owner himself rewrites one word of one entry, and drops the newest checkpoint."""
    forged = story.folder / "forged-log"
    shutil.copytree(story.folder / "audit-log", forged)
    segment = next(
        path
        for path in sorted(forged.glob("segments/*/*"))
        if b"market.reviewer" in gzip.decompress(path.read_bytes())
    )
    altered = gzip.decompress(segment.read_bytes()).replace(b"market.reviewer", b"market.somebody", 1)
    segment.write_bytes(gzip.compress(altered, mtime=0))
    max(forged.glob("checkpoints/*")).unlink()
    code, found = _verified(forged, trusted)
    faults = {one["fault"] for one in found["findings"]}
    story.step(
        "所有者改一条记录、删一个检查点:被指出在何处 · its owner forges it: found, and where",
        code == 1 and {"segment_differs", "missing"} <= faults,
        "; ".join(f"{one['fault']} {one['place']}" for one in found["findings"][:3]),
    )
    shutil.rmtree(forged)


def _lines(folder: Path) -> list[Line]:
    return [line for path in sorted(folder.glob("segments/*/*")) for line in read(path.read_bytes())[1]]


def _about(line: Line) -> tuple[str, str, str]:
    said = json.loads(line.entry)
    return said["kind"], said["object"], said["outcome"]


def _prove(story: Story, identifier: str) -> None:
    """That the certificate was issued, provable to anybody by one entry and some sixteen hashes at a million entries."""
    log = story.folder / "audit-log"
    wanted = ("certificate_issued", identifier, "done")
    issued = next(line for line in _lines(log) if _about(line) == wanted)

    def fetch(path: str) -> bytes | None:
        place = log / path
        return place.read_bytes() if place.is_file() else None

    proof = prove(issued, (log / "checkpoint").read_text(), fetch)
    entry = story.keep("entry.json", issued.entry).read_bytes()
    read_back = Proof.parse(story.keep("entry.proof.json", proof.canonical()).read_bytes())
    read_back.verify(entry)
    try:
        read_back.verify(entry.replace(b"market.", b"forged."))
        refused = False
    except ProofRejected:
        refused = True
    story.step(
        "一条记录的证明:签发确在日志中,改一字即不成立 · one entry proven to be in the log, and no other",
        refused,
        f"entry {proof.index} of {proof.size}, {len(proof.hashes)} hashes",
    )


def _ask(story: Story, identifier: str) -> None:
    code, rows = _said("audit", "query", str(story.folder / "audit-log"), "--ask", "who-saw", "--object", identifier,
                       "--format", "json", "--no-cache")  # fmt: skip
    people = sorted({str(row["person"] or row["system"]) for row in rows})
    story.step(
        "SQL:谁看过这张证照 · SQL: who saw this certificate",
        code == 0 and "market.reviewer" in people,
        ", ".join(people),
    )
