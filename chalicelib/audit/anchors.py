"""Outside anchors of a checkpoint, each optional: witnesses that cosign it, and an authority that states its time.

AnchorFailed(DomainError)     the checkpoint stays as it is: no anchor ever stops or spoils sealing
├── AnchorUnavailable         slow, down, or an answer that is none; the next checkpoint asks again
├── AnchorUntrue              an answer whose signature does not verify for this checkpoint
├── WitnessRefused            403, 404, 422: it does not know this log, or it has seen another history. Look into it
└── WitnessConflict           it knows another size, and says which
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.cosignature import cosigns, read_signatures
from chalicelib.audit.note import COSIGNATURE, Note, NoteSignature, VerifierKey
from chalicelib.kernel.errors import DomainError

# From an older size to the proof that the tree of the checkpoint at hand begins with the tree of that size.
Prove: TypeAlias = Callable[[int], Sequence[bytes]]


class AnchorFailed(DomainError):
    """An anchor gave nothing that counts. `facts` are its name and what was wrong."""

    __slots__ = ()


class AnchorUnavailable(AnchorFailed):
    """No answer in time, or one that makes no sense."""

    __slots__ = ()

    def __init__(self, anchor: str, why: str) -> None:
        super().__init__("anchor_unavailable", None, (anchor, why))


class AnchorUntrue(AnchorFailed):
    """It answered well-formed, and what it answered is not true of what it was asked."""

    __slots__ = ()

    def __init__(self, anchor: str, why: str) -> None:
        super().__init__("anchor_untrue", None, (anchor, why))


class WitnessRefused(AnchorFailed):
    """The witness will not cosign; `facts` end with the status."""

    __slots__ = ()

    def __init__(self, witness: str, status: int) -> None:
        super().__init__("witness_refused", None, (witness, str(status)))


class WitnessConflict(AnchorFailed):
    """The size that we thought the witness knows is not the one it knows: `size`."""

    __slots__ = ("size",)

    def __init__(self, witness: str, size: int) -> None:
        super().__init__("witness_conflict", None, (witness, str(size)))
        self.size = size


class Witness(Protocol):
    """One witness: it remembers the last checkpoint of ours that it cosigned, and cosigns only what continues it."""

    @property
    def name(self) -> str:
        """The name in its signature lines."""
        ...

    def cosign(self, old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
        """Its signature line or lines over the checkpoint (a signed note), each verified. AnchorFailed otherwise.

        Durable at the witness before it answers; asking again for the same checkpoint is harmless.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The note with the cosignatures it got, and why it did not get the others."""

    note: bytes
    failures: tuple[AnchorFailed, ...] = ()


class Witnesses(Protocol):
    """All configured witnesses together."""

    def cosigned(self, note: bytes, since: int, prove: Prove) -> Cosigned:
        """The log's own note with what the witnesses add within bounded time; `since` is the size that they should know.

        Never raises for what a witness does or leaves undone; only what `prove` raises comes through.
        """
        ...


class TimestampAuthority(Protocol):
    """An RFC 3161 time-stamping authority."""

    def timestamp(self, digest: bytes) -> bytes:
        """A DER TimeStampResp over a SHA-256 digest, verified, its certificates within. AnchorFailed otherwise."""
        ...


def ask(witness: Witness, note: bytes, since: int, prove: Prove) -> bytes:
    """One witness's lines. Where it knows another size, it is asked once more, from there. AnchorFailed otherwise."""
    try:
        return witness.cosign(since, prove(since), note)
    except WitnessConflict as conflict:
        # Larger than ours: another sealer was faster, or somebody showed it what we never sealed. No proof leads back.
        if conflict.size > Checkpoint.parse(Note.parse(note).text).size:
            raise
        return witness.cosign(conflict.size, prove(conflict.size), note)


def merged(note: bytes, lines: Sequence[bytes], trusted: Sequence[VerifierKey]) -> bytes:
    """The note with one cosignature of each trusted witness that has given one, in the order of `trusted`.

    The log's own lines stay as they are. Lines that cannot be read, are of nobody trusted, or do not verify for this
    very text are left out. Merging the same again changes nothing. ValueError when `note` is no signed note.
    """
    ours = Note.parse(note)
    keys = [key for key in dict.fromkeys(trusted) if key.kind == COSIGNATURE]
    known = {(key.name, key.id) for key in keys}
    offered = [*ours.signatures, *(one for line in lines for one in _legible(line))]
    first = (next((one for one in offered if cosigns(key, ours.text, one)), None) for key in keys)
    own = [one for one in ours.signatures if (one.name, one.key_id) not in known]
    return Note(ours.text, (*own, *(one for one in first if one is not None))).render()


def _legible(line: bytes) -> tuple[NoteSignature, ...]:
    try:
        return read_signatures(line)
    except ValueError:
        return ()
