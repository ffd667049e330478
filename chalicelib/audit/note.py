"""Signed notes (https://c2sp.org/signed-note): a text, and signature lines of which only known keys count.

    — <key name> <base64 of: key id, 4 bytes; signature>

Two signature types are ours: 0x01, Ed25519 over the text, which every note tool reads; and 0xff with the identifier
below, a timestamped ML-DSA-65 signature over tlog-cosignature's `cosigned_message`, for the twenty years.
0x04, witnesses' timestamped Ed25519, is read too.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.kernel.encoding import sha256

ED25519: Final = b"\x01"
COSIGNATURE: Final = b"\x04"
ML_DSA_65: Final = b"\xffzhengzhao/ML-DSA-65/subtree-v1"
# The longest first: what follows a type is the key, whose length the type fixes.
_KEY_SIZES: Final = {ML_DSA_65: 1952, COSIGNATURE: 32, ED25519: 32}
LARGEST_NOTE: Final = 1_000_000
MOST_SIGNATURES: Final = 64
ID_SIZE: Final = 4
_TIME: Final = 8
_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\n")


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The 4 bytes that stand before a signature."""
    return sha256(name.encode() + b"\n" + kind + public)[:ID_SIZE]


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose, and the bytes behind the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """As it stands in the note, with its newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, and its signatures."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def render(self) -> bytes:
        """The note's bytes."""
        return (self.text + "\n" + "".join(one.line() for one in self.signatures)).encode()

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Text and signatures, not yet believed. ValueError when it is no signed note."""
        text = data if isinstance(data, str) else data.decode("utf-8")
        if len(text) > LARGEST_NOTE or any(ord(one) < 0x20 and one != "\n" for one in text):  # noqa: PLR2004  # control characters
            raise ValueError("not a signed note")
        body, gap, rest = text.rpartition("\n\n")
        if not gap:
            raise ValueError("a signed note has a blank line before its signatures")
        return cls(body + "\n", _signatures(rest))


def _signatures(text: str) -> tuple[NoteSignature, ...]:
    found, at = [], 0
    for match in _LINE.finditer(text):
        if match.start() != at:
            break
        found.append(_signature(match[1], match[2]))
        at = match.end()
    if at != len(text) or not 0 < len(found) <= MOST_SIGNATURES:
        raise ValueError("a signature line is malformed")
    return tuple(found)


def _signature(name: str, encoded: str) -> NoteSignature:
    data = _unbase64(encoded)
    if len(data) <= ID_SIZE:
        raise ValueError("a signature is too short")
    return NoteSignature(name, data[:ID_SIZE], data[ID_SIZE:])


def _unbase64(text: str) -> bytes:
    """Standard base64 in its only spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("not base64 in its only spelling")
    return data


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Whoever's signature counts: `<name>+<8 hex digits>+<base64 of type and key>`."""

    name: str
    kind: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        """The key id that its signatures carry."""
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        encoded = base64.b64encode(self.kind + self.public).decode("ascii")
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`. ValueError for another form, an unknown type, or an id that is not the key's."""
        name, id_hex, encoded = (*text.strip().split("+", 2), "", "")[:3]
        data = _unbase64(encoded)
        for kind, size in _KEY_SIZES.items():
            if data.startswith(kind) and len(data) == len(kind) + size:
                found = cls(name, kind, data[len(kind) :])
                if name and not re.search(r"\s", name) and found.id.hex() == id_hex:
                    return found
        raise ValueError("not a verifier key of a known type")

    def sign_input(self, text: str, time: int) -> bytes:
        """What a signature of this key's type covers."""
        if self.kind == ED25519:
            return text.encode()
        if self.kind == COSIGNATURE:
            return f"cosignature/v1\ntime {time}\n{text}".encode()
        return cosigned_message(self.name, time, Checkpoint.parse(text))

    def verifies(self, note: Note) -> bool:
        """Whether the note carries this key's signature; False, too, when one of this key's lines does not verify."""
        return self.verified_time(note) is not None

    def verified_time(self, note: Note) -> int | None:
        """The time signed (0 for a type without one), or None when this key did not sign, or not well."""
        mine = [one for one in note.signatures if (one.name, one.key_id) == (self.name, self.id)]
        times = [self._time(note.text, one.signature) for one in mine]
        return None if not times or None in times else times[0]

    def _time(self, text: str, signature: bytes) -> int | None:
        timed = self.kind != ED25519
        time = int.from_bytes(signature[:_TIME], "big") if timed else 0
        try:
            self._check(signature[_TIME:] if timed else signature, self.sign_input(text, time))
        except (InvalidSignature, ValueError):
            return None
        return time

    def _check(self, signature: bytes, message: bytes) -> None:
        if self.kind == ML_DSA_65:
            MLDSA65PublicKey.from_public_bytes(self.public).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)


def timestamped(time: int, signature: bytes) -> bytes:
    """tlog-cosignature's `timestamped_signature`."""
    return time.to_bytes(_TIME, "big") + signature


def cosigned_message(name: str, time: int, checkpoint: Checkpoint) -> bytes:
    """tlog-cosignature's `cosigned_message` over a whole tree: it names signer, time, log, size and root."""
    return b"".join(
        (
            b"subtree/v1\n\x00",
            _opaque(name),
            time.to_bytes(_TIME, "big"),
            _opaque(checkpoint.origin),
            (0).to_bytes(_TIME, "big"),
            checkpoint.size.to_bytes(_TIME, "big"),
            checkpoint.root,
        )
    )


def _opaque(text: str) -> bytes:
    """RFC 8446 §3.4: a vector of up to 255 bytes behind its length. ValueError when it is longer or empty."""
    data = text.encode()
    if not 0 < len(data) < 256:  # noqa: PLR2004  # its length is one byte
        raise ValueError("a name is too long")
    return bytes([len(data)]) + data
