"""A witness's `add-checkpoint` (https://c2sp.org/tlog-witness): what it is sent, what it answers, and which of that counts.

    old <size it knows>                          200  signature lines
    <base64 of each hash of the proof>           409  the size it knows
                                                 403, 404, 422  it will not
    <the checkpoint, a signed note>

What comes back is a stranger's: it is read strictly, and a line counts only when its signature verifies.
"""

import base64
import re
from collections.abc import Sequence
from typing import Final

from chalicelib.audit.note import COSIGNATURE, Note, NoteSignature, VerifierKey

LONGEST_PROOF: Final = 63
LATEST_TIME: Final = 2**63 - 1
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
# A text to stand before signature lines, which have no form of their own.
_TEXT: Final = "-\n"


def submission(old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of a request. ValueError for a proof longer than any tree can need."""
    if len(proof) > LONGEST_PROOF:
        raise ValueError("a consistency proof has at most 63 hashes")
    lines = (base64.b64encode(one) + b"\n" for one in proof)
    return b"".join((b"old %d\n" % old_size, *lines, b"\n", checkpoint))


def read_signatures(body: bytes) -> tuple[NoteSignature, ...]:
    """The signature lines of an answer, at least one, not yet believed. ValueError when it is anything else."""
    note = Note.parse(f"{_TEXT}\n".encode() + body)
    if note.text != _TEXT:
        raise ValueError("not signature lines alone")
    return note.signatures


def read_size(body: bytes) -> int:
    """The size in a conflict's answer. ValueError when it is none."""
    match = _SIZE.fullmatch(body)
    if match is None:
        raise ValueError("not the size of a tree")
    return int(match[1])


def cosigns(key: VerifierKey, text: str, signature: NoteSignature) -> bool:
    """Whether this line is the witness's cosignature, with its time, over this checkpoint: of another root it is none."""
    if key.kind != COSIGNATURE or (signature.name, signature.key_id) != (key.name, key.id):
        return False
    time = key.verified_time(Note(text, (signature,)))
    return (
        time is not None and 0 < time <= LATEST_TIME
    )  # https://c2sp.org/tlog-witness: the time is not omitted
