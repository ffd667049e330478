"""A witness (https://c2sp.org/tlog-witness) over HTTP on this machine, with Ed25519 timestamped cosignatures, type 0x04."""

import base64
import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib.adapters.http_witness import WitnessConfig
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.merkle import EMPTY_ROOT, ProofRejected, verify_consistency
from chalicelib.audit.note import COSIGNATURE, Note, NoteSignature, VerifierKey, timestamped
from tests.fakes.answering import answering

NAME = "witness.example/w1"
PLAIN = "text/plain; charset=utf-8"
Answer: TypeAlias = tuple[int, str, bytes]


class Rejected(Exception):
    """The status, and the body if there is one to it."""

    def __init__(self, status: int, body: bytes = b"", kind: str = PLAIN) -> None:
        super().__init__(status)
        self.answer: Answer = (status, kind, body)


def now() -> int:
    return int(time.time())


@dataclass
class LocalWitness:
    """Remembers, for each log it knows (origin → keys), the last checkpoint that it cosigned. Its key is drawn from name and seed."""

    logs: Mapping[str, Sequence[VerifierKey]]
    name: str = NAME
    seed: str = ""
    clock: Callable[[], int] = now
    latest: dict[str, Checkpoint] = field(default_factory=dict)
    notes: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(f"{self.seed} {self.name}".encode()).digest()
        )

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, COSIGNATURE, self.secret.public_key().public_bytes_raw())

    def signature(self, text: str, moment: int | None = None) -> NoteSignature:
        """Its cosignature over any text at all: what a liar would sign."""
        at = self.clock() if moment is None else moment
        signed = self.secret.sign(self.key.sign_input(text, at))
        return NoteSignature(self.name, self.key.id, timestamped(at, signed))

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        with self.lock:  # comparing the old size and keeping the new one are one step
            found = self._answer(method, path, body)
            self.statuses.append(found[0])
            return found

    def _answer(self, method: str, path: str, body: bytes) -> Answer:
        if method == "GET":
            note = self.notes.get(path)
            return (200, PLAIN, note) if note is not None else (404, PLAIN, b"")
        if path != "/add-checkpoint":
            return 404, PLAIN, b""
        try:
            return 200, PLAIN, self.add_checkpoint(body)
        except Rejected as rejected:
            return rejected.answer

    def add_checkpoint(self, body: bytes) -> bytes:
        old, proof, note, checkpoint = _parsed(body)
        self._check_signed(note, checkpoint)
        if old > checkpoint.size:
            raise Rejected(400)
        known = self.latest.get(checkpoint.origin, Checkpoint(checkpoint.origin, 0, EMPTY_ROOT))
        if old != known.size:
            raise Rejected(409, b"%d\n" % known.size, "text/x.tlog.size")
        _check_consistent(known, checkpoint, proof)
        self.latest[checkpoint.origin] = checkpoint
        signature = self.signature(note.text)
        place = f"/{hashlib.sha256(checkpoint.origin.encode()).hexdigest()}/checkpoint"
        self.notes[place] = Note(note.text, (*note.signatures, signature)).render()
        return signature.line().encode()

    def _check_signed(self, note: Note, checkpoint: Checkpoint) -> None:
        keys = self.logs.get(checkpoint.origin)
        if keys is None:
            raise Rejected(404)
        signers = {(one.name, one.key_id) for one in note.signatures}
        signed = [key.verifies(note) for key in keys if (key.name, key.id) in signers]
        if not signed or not all(signed):
            raise Rejected(403)

    @contextlib.contextmanager
    def serving(self) -> Iterator[WitnessConfig]:
        """Over HTTP, as one would configure it."""
        with answering(self.answer) as url:
            yield WitnessConfig(self.key, url)


def _parsed(body: bytes) -> tuple[int, list[bytes], Note, Checkpoint]:
    head, _, rest = body.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    word, _, size = first.partition(" ")
    if word != "old" or not size.isdecimal() or str(int(size)) != size or len(lines) > 63:
        raise Rejected(400)
    try:
        note = Note.parse(rest)
        checkpoint = Checkpoint.parse(note.text)
        return int(size), [base64.b64decode(one, validate=True) for one in lines], note, checkpoint
    except ValueError as error:
        raise Rejected(400) from error


def _check_consistent(known: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise Rejected(422)
    if known.size == new.size and known.root != new.root:
        raise Rejected(422)
    if known.size == 0:  # anything continues an empty log, and there is nothing to prove
        if proof:
            raise Rejected(422)
        return
    try:
        verify_consistency(known.size, new.size, proof, known.root, new.root)
    except ProofRejected as error:
        raise Rejected(422) from error
