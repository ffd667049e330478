"""The proof that a log entry is in the log: `entry.proof.json`, verifiable on its own.

commitment = SHA-256(salt ‖ entry) ─▶ leaf hash ─▶ inclusion proof ─▶ root in the checkpoint ─▶ its signatures
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.merkle import HASH_SIZE, ProofRejected, inclusion_proof, leaf_hash, verify_inclusion
from chalicelib.audit.note import Note, VerifierKey
from chalicelib.audit.segment import SALT_SIZE, Line, commitment
from chalicelib.audit.tiles import Fetch, TileReader
from chalicelib.kernel.encoding import Json, b64url, canonical_json, parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.reading import array, count, text

_MEMBERS: Final = {"index", "size", "leaf_hash", "salt", "hashes", "checkpoint"}


@dataclass(frozen=True, slots=True)
class Logged:
    """A sealed entry of the log: its canonical bytes, salt, and inclusion proof to a checkpoint."""

    index: int
    entry: bytes
    salt: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """An inclusion proof with the signed note that it leads to."""

    index: int
    size: int
    leaf_hash: bytes
    salt: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str

    @classmethod
    def of(cls, logged: Logged, checkpoint: str) -> Self:
        """The proof of this entry. ValueError when the checkpoint is none."""
        size = Checkpoint.parse(Note.parse(checkpoint).text).size
        leaf = leaf_hash(commitment(logged.salt, logged.entry))
        return cls(logged.index, size, leaf, logged.salt, logged.hashes, checkpoint)

    def document(self) -> dict[str, Json]:
        """The proof as JSON values."""
        return {
            "index": self.index,
            "size": self.size,
            "leaf_hash": _base64(self.leaf_hash),
            "salt": b64url(self.salt),
            "hashes": [_base64(one) for one in self.hashes],
            "checkpoint": self.checkpoint,
        }

    def canonical(self) -> bytes:
        """The file's bytes."""
        return canonical_json(self.document())

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The inverse. ValueError for anything but the canonical bytes of a proof."""
        try:
            said = parse_object(data)
            found = cls(
                count(said["index"]),
                count(said["size"]),
                _hash(said["leaf_hash"]),
                unb64url(text(said["salt"])),
                tuple(_hash(one) for one in array(said["hashes"])),
                text(said["checkpoint"]),
            )
        except (Invalid, KeyError, TypeError, binascii.Error) as error:
            raise ValueError("not a proof") from error
        if set(said) != _MEMBERS or len(found.salt) != SALT_SIZE or found.canonical() != data:
            raise ValueError("not a proof in its only spelling")
        return found

    def verify(self, entry: bytes) -> None:
        """ProofRejected unless it leads from these bytes to the root in its checkpoint; signatures are not looked at."""
        try:
            head = Checkpoint.parse(Note.parse(self.checkpoint).text)
        except ValueError as error:
            raise ProofRejected("no checkpoint") from error
        if head.size != self.size:
            raise ProofRejected("the checkpoint is of another size")
        if leaf_hash(commitment(self.salt, entry)) != self.leaf_hash:
            raise ProofRejected("the leaf is of another entry")
        verify_inclusion(self.index, self.size, self.leaf_hash, self.hashes, head.root)


def prove(line: Line, checkpoint: str, fetch: Fetch) -> Proof:
    """The proof of a segment's line in the tree of this checkpoint, made from its tiles and held against its root.

    ProofRejected when they do not lead there, TileMissing when one is not there, ValueError when the checkpoint is none
    or its tree does not have the line yet.
    """
    size = Checkpoint.parse(Note.parse(checkpoint).text).size
    hashes = inclusion_proof(line.index, size, TileReader(size, fetch).subtree)
    proof = Proof.of(Logged(line.index, line.entry, line.salt, tuple(hashes)), checkpoint)
    proof.verify(line.entry)
    return proof


def signed_by_log(note: str | bytes, keys: Sequence[VerifierKey]) -> bool:
    """Whether one of the log's keys signed this checkpoint, and none of them badly."""
    try:
        read = Note.parse(note)
        origin = Checkpoint.parse(read.text).origin
    except ValueError:
        return False
    there = {(one.name, one.key_id) for one in read.signatures}
    mine = [key for key in keys if key.name == origin and (key.name, key.id) in there]
    return bool(mine) and all(key.verifies(read) for key in mine)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _hash(value: Json) -> bytes:
    data = base64.b64decode(text(value), validate=True)
    if len(data) != HASH_SIZE:
        raise ValueError("not a SHA-256 hash")
    return data
