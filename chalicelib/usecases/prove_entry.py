"""One entry with the proof that it is in the log, for an auditor to take away (art. 21).

The proof leads to the newest checkpoint; whoever has the log's key checks it without us (docs/log.md).
"""

from typing import Final

from chalicelib.audit.proof import Proof, prove
from chalicelib.audit.sealing import LogDamaged
from chalicelib.audit.segment import Line
from chalicelib.kernel.encoding import Json, parse_object
from chalicelib.kernel.errors import NotFound
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.platform import LogPorts, Platform
from chalicelib.usecases.read_audit_entries import LOG
from chalicelib.usecases.sealed_lines import sealed_lines

KIND: Final = "audit_entry_proven"


def prove_entry(platform: Platform, act: Act, index: int) -> dict[str, Json]:
    """Entry and proof. NotFound("no_such_entry") when it is not sealed (yet), LogDamaged when it cannot be proven."""
    line = _line(platform.log, index)
    proof = _proof(platform.log, line)
    platform.journal.commit([], [entry(platform, act, KIND, LOG, {"index": index})])
    return {"entry": parse_object(line.entry), **proof.document()}


def _line(log: LogPorts, index: int) -> Line:
    segment = log.outbox.segment_of(index)
    if segment is None:
        raise NotFound("no_such_entry")
    for line in sealed_lines(log, segment):
        if line.index == index:
            return line
    raise LogDamaged(segment.path)


def _proof(log: LogPorts, line: Line) -> Proof:
    checkpoint = log.store.fetch("checkpoint") or b""
    try:
        return prove(line, checkpoint.decode("utf-8"), log.store.fetch)
    except ValueError as error:  # no checkpoint that covers it, a tile gone, or they do not lead to the root
        raise LogDamaged(f"proof of {line.index}") from error
