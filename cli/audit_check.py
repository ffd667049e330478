"""`zhengzhao audit check ENTRY PROOF --key log.vkey`: is this entry in the log? From two files and a public key, offline.

Exit 0 proven, 1 not, 2 unreadable. The keys are the asker's decision: all that he names must have signed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.audit.findings import SENTENCES, Fault, Finding
from chalicelib.audit.merkle import ProofRejected
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.proof import Proof
from chalicelib.audit.signed_checkpoint import SignedCheckpoint, read_signed
from cli.audit_verify import read_keys
from cli.inputs import Unreadable, read_bytes

PROVEN, NOT_PROVEN, UNREADABLE = 0, 1, 2
ENTRY: Final = "entry.json"
PROOF: Final = "entry.proof.json"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Proven when nothing was found; then `proof` and `signed` are there."""

    finding: Finding | None
    proof: Proof | None = None
    signed: SignedCheckpoint | None = None


def judge(entry: bytes, data: bytes, keys: Sequence[VerifierKey]) -> Judgement:
    """Whether `data` proves that these very bytes are an entry of the log whose keys these are."""
    try:
        proof = Proof.parse(data)
    except ValueError as error:
        return Judgement(Finding(Fault.MALFORMED, PROOF, str(error)))
    found: list[Finding] = []
    signed = read_signed("checkpoint", proof.checkpoint.encode(), keys, found)
    if signed is None:
        return Judgement(found[0])
    try:
        proof.verify(entry)
    except ProofRejected as error:
        return Judgement(Finding(Fault.ALTERED, ENTRY, str(error)))
    return Judgement(None, proof, signed)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao audit check", description="Is this entry in the log? 核验一条记录的证明。"
    )
    made.add_argument("entry", metavar="ENTRY", help="the entry's bytes: entry.json")
    made.add_argument("proof", metavar="PROOF", help="its proof: entry.proof.json")
    made.add_argument(
        "--key", required=True, metavar="VKEY", help="file with the verifier keys that you trust"
    )
    made.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return made


def run(arguments: Sequence[str]) -> int:
    """Judge; the exit code says how it went."""
    given = parser().parse_args(arguments)
    try:
        judgement = judge(read_bytes(given.entry), read_bytes(given.proof), read_keys(given.key))
    except Unreadable as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    return told(judgement, as_json=given.json)


def told(judgement: Judgement, *, as_json: bool) -> int:
    """Print it; the exit code that it means."""
    print(json.dumps(_document(judgement), ensure_ascii=False) if as_json else _sentence(judgement))
    return PROVEN if judgement.finding is None else NOT_PROVEN


def _sentence(judgement: Judgement) -> str:
    finding, said = judgement.finding, _document(judgement)
    if finding is not None:
        zh, en = SENTENCES[finding.fault]
        return f"✗ 未获证明 · not proven: {finding.fault}  {finding.place}  {zh} · {en} ({finding.detail})"
    return f"✓ 记录在日志中 · proven: entry {said['index']} of {said['origin']}, a log of {said['size']}"


def _document(judgement: Judgement) -> dict[str, Any]:
    finding, proof, signed = judgement.finding, judgement.proof, judgement.signed
    return {
        "verdict": "proven" if finding is None else "not_proven",
        "fault": str(finding.fault) if finding else None,
        "place": finding.place if finding else None,
        "detail": finding.detail if finding else None,
        "origin": signed.checkpoint.origin if signed else None,
        "index": proof.index if proof else None,
        "size": proof.size if proof else None,
        "time": signed.time if signed else None,
    }
