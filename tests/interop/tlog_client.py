"""A client of tiled transparency logs, written from the specifications alone; it shares no line with the product.

signed-note, tlog-checkpoint and tlog-tiles (https://c2sp.org), and RFC 6962 §2.1, whose recursive definitions the functions
here are. It is slow and plain on purpose: what it is for is to be right without the help of those whom it checks.
"""

import base64
import binascii
import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH: Final = 256
HASH: Final = 32
# Reads one resource under the log's prefix; Refused when it is not there.
Fetch = Callable[[str], bytes]


class Refused(Exception):
    """The log is not what its checkpoint says; the text says where."""


def folder(path: Path) -> Fetch:
    """The log in a folder."""

    def fetch(name: str) -> bytes:
        try:
            return (path / name).read_bytes()
        except OSError as error:
            raise Refused(f"{name} is not there") from error

    return fetch


def website(prefix: str) -> Fetch:
    """The log at a URL prefix."""

    def fetch(name: str) -> bytes:
        try:
            with urllib.request.urlopen(f"{prefix.rstrip('/')}/{name}", timeout=10) as answer:  # noqa: S310  # http(s), the caller's
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            raise Refused(f"{name} is not there") from error

    return fetch


# -- signed-note, tlog-checkpoint


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes


def open_note(note: bytes, vkey: str) -> str:
    """The text of a note that the Ed25519 key has signed. Lines of other keys are ignored, as the format demands."""
    try:
        text, gap, lines = note.decode("utf-8").rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise Refused("the note is not UTF-8") from error
    if not gap or not lines.endswith("\n") or any(char < " " and char != "\n" for char in text + lines):
        raise Refused("not a signed note")
    name, identifier, key = _vkey(vkey)
    mine = [_after(identifier, line, name) for line in lines[:-1].split("\n")]
    signatures = [one for one in mine if one is not None]
    if not signatures:
        raise Refused("the key did not sign this note")
    for signature in signatures:
        try:
            key.verify(signature, (text + "\n").encode())
        except InvalidSignature as error:
            raise Refused("the signature does not verify") from error
    return text + "\n"


def _vkey(vkey: str) -> tuple[str, bytes, Ed25519PublicKey]:
    name, hexadecimal, encoded = vkey.split("+", 2)
    material = base64.b64decode(encoded, validate=True)
    identifier = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if material[:1] != b"\x01" or len(material) != 1 + HASH or identifier.hex() != hexadecimal:
        raise Refused("not an Ed25519 verifier key")
    return name, identifier, Ed25519PublicKey.from_public_bytes(material[1:])


def _after(identifier: bytes, line: str, name: str) -> bytes | None:
    """The signature of a signature line, if it claims to be by this key."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise Refused("a signature line is malformed")
    if parts[1] != name:
        return None
    try:
        data = base64.b64decode(parts[2], validate=True)
    except binascii.Error as error:
        raise Refused("a signature line is malformed") from error
    if base64.b64encode(data).decode() != parts[2]:
        raise Refused("a signature is not in its only spelling")
    return data[4:] if data[:4] == identifier else None


def read_checkpoint(note: bytes, vkey: str) -> TreeHead:
    """The tree head of a checkpoint signed by the key; the origin is the key's name."""
    lines = open_note(note, vkey).split("\n")[:-1]
    if len(lines) < 3 or "" in lines or not re.fullmatch("0|[1-9][0-9]*", lines[1]):
        raise Refused("not a checkpoint")
    root = base64.b64decode(lines[2])
    if len(root) != HASH or lines[0] != vkey.split("+", maxsplit=1)[0]:
        raise Refused("not a checkpoint of this log")
    return TreeHead(lines[0], int(lines[1]), root)


# -- RFC 6962 §2.1


def hash_leaf(data: bytes) -> bytes:
    """SHA-256(0x00 || d)."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def largest_power_below(count: int) -> int:
    """k, the largest power of two smaller than n."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(hashes: Sequence[bytes]) -> bytes:
    """MTH over the hashes of leaves, or of subtrees of one height."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = largest_power_below(len(hashes))
    return hash_children(mth(hashes[:k]), mth(hashes[k:]))


def audit_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(hashes) == 1:
        return []
    k = largest_power_below(len(hashes))
    if index < k:
        return [*audit_path(index, hashes[:k]), mth(hashes[k:])]
    return [*audit_path(index - k, hashes[k:]), mth(hashes[:k])]


def root_of_path(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to: PATH read backwards."""
    if size == 1 and not path:
        return leaf
    if size <= 1 or not path:
        raise Refused("the path has another length than the tree is high")
    k = largest_power_below(size)
    if index < k:
        return hash_children(root_of_path(index, k, leaf, path[:-1]), path[-1])
    return hash_children(path[-1], root_of_path(index - k, size - k, leaf, path[:-1]))


def proof_between(first: int, hashes: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """PROOF(m, D[n]): SUBPROOF with b = true."""
    if first == len(hashes):
        return [] if whole else [mth(hashes)]
    k = largest_power_below(len(hashes))
    if first <= k:
        return [*proof_between(first, hashes[:k], whole=whole), mth(hashes[k:])]
    return [*proof_between(first - k, hashes[k:], whole=False), mth(hashes[:k])]


# -- tlog-tiles


def resource(level: int | str, index: int, width: int) -> str:
    """The path of a tile; `level` is "entries" for a bundle."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{path}" + ("" if width == WIDTH else f".p/{width}")


def shape(count: int) -> Iterator[tuple[int, int]]:
    """Index and width of each tile of a level that has so many hashes."""
    for index in range(count // WIDTH):
        yield index, WIDTH
    if count % WIDTH:
        yield count // WIDTH, count % WIDTH


class Log:
    """A log behind `fetch`, as far as its newest checkpoint goes."""

    def __init__(self, fetch: Fetch, vkey: str) -> None:
        self._fetch = fetch
        self.head = read_checkpoint(fetch("checkpoint"), vkey)

    def level(self, level: int) -> list[bytes]:
        """All hashes that the tiles of a level hold."""
        found: list[bytes] = []
        for index, width in shape(self.head.size // WIDTH**level):
            data = self._fetch(resource(level, index, width))
            if len(data) != width * HASH:
                raise Refused(f"{resource(level, index, width)} has another width")
            found += [data[at : at + HASH] for at in range(0, len(data), HASH)]
        return found

    @cached_property
    def leaves(self) -> list[bytes]:
        """The leaf hashes."""
        return self.level(0)

    def check_tiles(self) -> None:
        """The tiles lead to the root, and each hash of a higher level is that of the full tile below it."""
        if mth(self.leaves) != self.head.root:
            raise Refused("the tiles do not lead to the root")
        level, below = 1, self.leaves
        while len(below) >= WIDTH:
            full = [mth(below[at : at + WIDTH]) for at in range(0, len(below) // WIDTH * WIDTH, WIDTH)]
            if self.level(level) != full:
                raise Refused(f"the tiles of level {level} are not the hashes of those below")
            level, below = level + 1, full

    def entries(self) -> list[bytes]:
        """All entries, each checked against its leaf hash."""
        found: list[bytes] = []
        for index, width in shape(self.head.size):
            path = resource("entries", index, width)
            bundle = list(_bundled(self._fetch(path)))
            if [hash_leaf(entry) for entry in bundle] != self.leaves[index * WIDTH : index * WIDTH + width]:
                raise Refused(f"{path} does not hash to its tile")
            found += bundle
        return found

    def check_inclusion(self, index: int, entry: bytes) -> list[bytes]:
        """The audit path of an entry, made from the tiles and checked against the signed root."""
        path = audit_path(index, self.leaves)
        if root_of_path(index, self.head.size, hash_leaf(entry), path) != self.head.root:
            raise Refused(f"entry {index} is another")
        return path


def _bundled(data: bytes) -> Iterator[bytes]:
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        if len(data) < end:
            raise Refused("a bundle ends in the middle of an entry")
        yield data[2:end]
        data = data[end:]


def verify_log(fetch: Fetch, vkey: str) -> Log:
    """Everything: signature, every tile, every bundle. Refused unless the log is whole."""
    log = Log(fetch, vkey)
    log.check_tiles()
    log.entries()
    return log
