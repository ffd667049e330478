"""What follows the lock: a decided segment is published, in an order in which every step may be repeated.

    tiles ─▶ bundles ─▶ segment ─▶ changes ─▶ keys ─▶ signatures ─▶ witnesses ─▶ checkpoint ─▶ marks ─▶ newest ─▶ settled

The bytes come from the staged file whose hash the head holds, so whoever repeats this writes the same. What is locked
is never replaced; found different, it is `LogDamaged`.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.audit.anchors import AnchorUnavailable
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.entry import read_entry
from chalicelib.audit.growth import Growth
from chalicelib.audit.merkle import consistency_proof, leaf_hash
from chalicelib.audit.sealing import EntryKey, Head, LogDamaged, SegmentRef, Staged
from chalicelib.audit.segment import Line, commitment, read
from chalicelib.audit.tiles import (
    WIDTH,
    Tile,
    TileMissing,
    TileReader,
    bundle,
    bundles_between,
    tiles_between,
    unbundle,
)
from chalicelib.kernel.encoding import parse_object, sha256
from chalicelib.usecases.platform import LogPorts


def finish(log: LogPorts, head: Head) -> Head:
    """Publish what the pending head decided; the settled head. LogDamaged when what is stored does not fit it."""
    segment, changes = _parts(log, head.staged)
    header, lines = read(segment)
    entries = list(lines)
    commitments = [commitment(one.salt, one.entry) for one in entries]
    reader = TileReader(head.first, log.store.fetch)
    growth = _growth(head, reader, commitments)
    # A crash among the tiles leaves some of them, each final: no tree of this size can have others.
    for tile in tiles_between(head.first, head.size):
        _publish(log, head, tile, growth.tile(tile))
    for tile in bundles_between(head.first, head.size):
        _publish(log, head, tile, _bundle(log, reader, head, tile, commitments))
    # A crash here leaves tiles that no checkpoint names yet.
    log.store.lock(header.path(), segment, header.retention)
    if changes:
        log.store.lock(header.path("changes"), changes, header.retention)
    # A crash here leaves entries in the archive, readable, not yet vouched for.
    note = _signed(log, head)
    # A crash here leaves the checkpoint locked and the entries unmarked; they are marked before anything is sealed on top.
    log.outbox.mark(head.first, [_key(one) for one in entries])
    log.store.newest(note, head.size)
    # A crash here leaves the head pending although all is done: the next sealer repeats it without effect.
    settled = replace(head, staged=None, keys=_key_ids(log, head))
    log.outbox.settle(head, settled, SegmentRef(header.first, header.count, header.path()))
    return settled


def _key_ids(log: LogPorts, head: Head) -> tuple[str, ...]:
    """The keys that sign now, then the retired ones, whose checkpoints are still read."""
    return tuple(dict.fromkeys((*(key.id.hex() for key in log.signer.verifier_keys()), *head.keys)))


def _parts(log: LogPorts, staged: Staged | None) -> tuple[bytes, bytes]:
    if staged is None:
        raise TypeError("only a pending head is finished")
    data = log.store.fetch(staged.path)
    if data is None or sha256(data).hex() != staged.sha256:
        raise LogDamaged(staged.path)
    return data[: staged.changes_at], data[staged.changes_at :]


def _growth(head: Head, reader: TileReader, commitments: Sequence[bytes]) -> Growth:
    try:
        growth = Growth(head.first, reader, commitments)
    except TileMissing as missing:
        raise LogDamaged(missing.path) from missing
    if (growth.size, growth.root()) != (head.size, head.root):
        raise LogDamaged(f"tiles of size {head.first}")
    return growth


def _publish(log: LogPorts, head: Head, tile: Tile, body: bytes) -> None:
    if tile.width == WIDTH:
        log.store.lock(tile.path, body, head.retention)
    else:
        log.store.keep(tile.path, body)


def _bundle(log: LogPorts, reader: TileReader, head: Head, tile: Tile, commitments: Sequence[bytes]) -> bytes:
    """A bundle's bytes: what the old partial one had, and the new entries."""
    begin = tile.index * WIDTH
    before = _old_bundle(log, reader, tile.index, head.first - begin) if begin < head.first else []
    new = commitments[max(0, begin - head.first) : begin + tile.width - head.first]
    return bundle([*before, *new])


def _old_bundle(log: LogPorts, reader: TileReader, index: int, width: int) -> list[bytes]:
    """The entries of the partial bundle before, checked against the leaf hashes that the root has vouched for."""
    tile = Tile(None, index, width)
    data = log.store.fetch(tile.path)
    entries = unbundle(data or b"")
    if [leaf_hash(one) for one in entries] != reader.tile(0, index):
        raise LogDamaged(tile.path)
    return entries


def _signed(log: LogPorts, head: Head) -> bytes:
    """The checkpoint as locked: ours with what witnesses add, or that of whoever signed the same root first."""
    for key in (one for one in log.signer.verifier_keys() if one.id.hex() not in head.keys):
        log.store.lock_first(f"keys/{key.id.hex()}.vkey", f"{key}\n".encode(), head.retention)
    checkpoint = Checkpoint(log.origin, head.size, head.root)
    # Only what has won the lock is ever signed: no fork of ours carries our signature.
    note = log.signer.sign(checkpoint, head.sealed_at)
    # A crash here leaves witnesses that know this size, and say so to the next sealer, who asks them again.
    cosigned = log.witnesses.cosigned(note, head.first, lambda old: _proof(log, head, old))
    return log.store.lock_first(f"checkpoints/{head.size:012d}", cosigned.note, head.retention)


def _proof(log: LogPorts, head: Head, old: int) -> Sequence[bytes]:
    """That the tree of size `old` is the beginning of this one. A tile amiss costs the cosignature, not the sealing."""
    try:
        return consistency_proof(old, head.size, TileReader(head.size, log.store.fetch).subtree)
    except TileMissing as missing:
        raise AnchorUnavailable("proof", missing.path) from missing


def _key(line: Line) -> EntryKey:
    entry = read_entry(parse_object(line.entry))
    return EntryKey(entry.object, entry.id)
