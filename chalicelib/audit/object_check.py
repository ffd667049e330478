"""The log's other objects against the tree that the entries made: tiles, bundles, what acts wrote, locks."""

from collections.abc import Iterator, Sequence

from chalicelib.audit.compact_tree import CompactTree
from chalicelib.audit.findings import Fault, Finding, LogFiles
from chalicelib.audit.merkle import HASH_SIZE, leaf_hash
from chalicelib.audit.note import Note, VerifierKey
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment import BadSegment, Header, unpack
from chalicelib.audit.tiles import WIDTH, Tile, TileMissing, tile_path, unbundle
from chalicelib.kernel.clock import timestamp
from chalicelib.kernel.encoding import sha256

KEYS = "keys/"


def check_tile(files: LogFiles, tile: Tile, hashes: Sequence[bytes]) -> Iterator[Finding]:
    """The tile's bytes are these hashes."""
    data = _fetched(files, tile, HASH_SIZE)
    if data is None:
        yield Finding(Fault.MISSING, tile.path)
    elif data != b"".join(hashes):
        places = [at for at, one in enumerate(hashes) if data[at * HASH_SIZE : (at + 1) * HASH_SIZE] != one]
        yield Finding(Fault.ALTERED, f"{tile.path}#{places[0] if places else len(hashes)}")


def check_bundle(
    files: LogFiles, tile: Tile, commitments: Sequence[bytes], hashes: Sequence[bytes]
) -> Iterator[Finding]:
    """The bundle holds what the leaf hashes are of; `commitments`, where they are right, say so at a glance."""
    entry = 2 + HASH_SIZE
    data = _fetched(files, tile, entry)
    if data is None:
        yield Finding(Fault.MISSING, tile.path)
    elif data != b"".join(b"\x00\x20" + one for one in commitments):
        try:
            leaves = [leaf_hash(one) for one in unbundle(data)]
        except ValueError as error:
            yield Finding(Fault.MALFORMED, tile.path, str(error))
            return
        places = [at for at, one in enumerate(hashes) if leaves[at : at + 1] != [one]]
        if places or len(leaves) != len(hashes):
            yield Finding(Fault.ALTERED, f"{tile.path}#{places[0] if places else len(hashes)}")


def bundled(files: LogFiles, size: int, index: int) -> list[bytes]:
    """The leaf hashes of what a bundle holds in a tree of this size. ValueError when it is missing or cut."""
    tile = Tile(None, index, min(WIDTH, size - index * WIDTH))
    leaves = [leaf_hash(one) for one in unbundle(_fetched(files, tile, 2 + HASH_SIZE) or b"")]
    if len(leaves) != tile.width:
        raise TileMissing(tile.path)
    return leaves


def _fetched(files: LogFiles, tile: Tile, size: int) -> bytes | None:
    """A tile's object; for a partial tile that is gone, the beginning of the whole one."""
    data = files.get(tile.path)
    if data is None and tile.width < WIDTH:
        whole = files.get(tile_path(tile.level, tile.index))
        data = None if whole is None else whole[: tile.width * size]
    return data


def check_edge(files: LogFiles, tree: CompactTree, commitments: Sequence[bytes]) -> Iterator[Finding]:
    """The partial tiles, and the partial bundle, of the newest size."""
    for tile, hashes in tree.partial():
        yield from check_tile(files, tile, hashes)
        if tile.level == 0:
            yield from check_bundle(files, Tile(None, tile.index, tile.width), commitments, hashes)


def check_changes(files: LogFiles, header: Header, digests: Sequence[bytes]) -> Iterator[Finding]:
    """What the acts of a segment wrote is what their entries say by hash, in their order."""
    path = header.path("changes")
    data = files.get(path)
    if data is None:
        if digests:
            yield Finding(Fault.MISSING, path)
        return
    try:
        lines = unpack(data)
    except BadSegment as error:
        yield Finding(Fault.MALFORMED, path, str(error))
        return
    found = [sha256(line).hex().encode() for line in lines]
    if found != list(digests):
        places = [at for at, (one, other) in enumerate(zip(found, digests, strict=False)) if one != other]
        yield Finding(Fault.ALTERED, f"{path}#{places[0] if places else min(len(found), len(digests))}")


def check_keys(files: LogFiles, keys: Sequence[VerifierKey], newest: str) -> Iterator[Finding]:
    """The archive has each key that signed the newest checkpoint, and each object there is the key that its name says."""
    note = Note.parse(files.get(newest) or b"")
    for path in (key_path(key) for key in keys if key.verifies(note)):
        if files.get(path) is None:
            yield Finding(Fault.MISSING, path)
    for path in files.list(KEYS):
        try:
            key = VerifierKey.parse((files.get(path) or b"").decode("ascii"))
        except ValueError:
            yield Finding(Fault.MALFORMED, path)
            continue
        if key_path(key) != path or files.get(path) != f"{key}\n".encode():
            yield Finding(Fault.ALTERED, path)


def key_path(key: VerifierKey) -> str:
    """Where a key that signed is archived."""
    return f"{KEYS}{key.id.hex()}.vkey"


def check_lock(files: LogFiles, path: str, needed: Retention) -> Iterator[Finding]:
    """The object stays as long as what it holds, or proves, is to be kept."""
    lock = files.lock(path)
    if lock is None:
        return
    if lock.until is None:
        yield Finding(Fault.LOCK_TOO_SHORT, path, "no lock")
    elif lock.until < needed.until:
        yield Finding(Fault.LOCK_TOO_SHORT, path, f"{timestamp(lock.until)}, not {timestamp(needed.until)}")
    elif needed.hold and not lock.hold:
        yield Finding(Fault.LOCK_TOO_SHORT, path, "no hold")
