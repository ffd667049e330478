"""A checkpoint as an examiner meets it: whose signature counts, and when it was made."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.findings import Fault, Finding
from chalicelib.audit.note import ED25519, ML_DSA_65, Note, VerifierKey


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the time that its ML-DSA signature states (POSIX seconds), if such a key was given."""

    path: str
    checkpoint: Checkpoint
    time: int | None


def read_signed(
    path: str, data: bytes, keys: Sequence[VerifierKey], found: list[Finding]
) -> SignedCheckpoint | None:
    """The checkpoint; None, and what is wrong in `found`, when it is none or is not signed as `keys` demand.

    One Ed25519 signature, and where an ML-DSA-65 key is known, one of these too: by any of the keys, retired ones
    included, that the asker trusts.
    """
    try:
        note = Note.parse(data)
        checkpoint = Checkpoint.parse(note.text)
    except ValueError as error:
        found.append(Finding(Fault.MALFORMED, path, str(error)))
        return None
    times = {kind: _time(note, [key for key in keys if key.kind == kind]) for kind in (ED25519, ML_DSA_65)}
    quantum_safe = any(key.kind == ML_DSA_65 for key in keys)
    if times[ED25519] is None or (quantum_safe and times[ML_DSA_65] is None):
        which = "Ed25519" if times[ED25519] is None else "ML-DSA-65"
        found.append(Finding(Fault.BAD_SIGNATURE, path, which))
        return None
    if checkpoint.origin not in {key.name for key in keys}:
        found.append(Finding(Fault.FORK, path, f"of another log: {checkpoint.origin}"))
        return None
    return SignedCheckpoint(path, checkpoint, times[ML_DSA_65])


def _time(note: Note, keys: Sequence[VerifierKey]) -> int | None:
    times = [key.verified_time(note) for key in keys]
    return next((time for time in times if time is not None), None)
