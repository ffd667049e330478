"""Sealing (art. 21): entries committed with their acts become leaves, tiles, a segment and a signed checkpoint, once each.

    finish what is pending ─▶ choose and order ─▶ stage ─▶ advance (the one lock) ─▶ finish
                                                  (crash: a staged file that expires)
                                                                     (crash: pending; the next sealer finishes it)

Exactly once: an entry is chosen only when it carries no index *after* the head was read and everything up to that head
was marked, and the head moves only from what was read. Two sealers: the second's advance is refused.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chalicelib.audit.entry import read_entry
from chalicelib.audit.growth import Growth
from chalicelib.audit.merkle import EMPTY_ROOT
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import EntryKey, Head, HeadMoved, LogDamaged, Staged
from chalicelib.audit.segment import Header, Unsealed, changes_part, segment_part
from chalicelib.audit.tiles import TileMissing, TileReader
from chalicelib.kernel.encoding import parse_object, sha256
from chalicelib.usecases.platform import LogPorts, Platform
from chalicelib.usecases.sealed_segment import finish

LARGEST: Final = 10_000  # entries in one segment: what a function's memory and minutes bear with ease
ATTEMPTS: Final = 5


def seal_log(platform: Platform, keys: Sequence[EntryKey]) -> int:
    """Seal those of the entries that are not sealed yet; how many this call sealed.

    With no keys, only what an earlier sealer left is finished. HeadMoved when others were faster five times in a row,
    LogDamaged when what is stored is not what was sealed: nothing is lost, the entries wait.
    """
    wanted = sorted(set(keys), key=lambda one: one.id)
    parts = [wanted[at : at + LARGEST] for at in range(0, len(wanted), LARGEST)] or [[]]
    return sum(_seal(platform, part) for part in parts)


def _seal(platform: Platform, keys: Sequence[EntryKey]) -> int:
    log = platform.log
    for attempt in range(1, ATTEMPTS + 1):
        head = _settled(log)
        entries = sorted(log.outbox.unsealed(keys), key=lambda one: one.id) if keys else []
        if not entries:
            return 0
        after = _staged(log, head, entries, platform.clock.now())
        # A crash here leaves a staged file that nobody looks for; it expires.
        try:
            log.outbox.advance(head, after)
        except HeadMoved:
            if attempt == ATTEMPTS:
                raise
        else:
            # A crash here leaves the head pending: decided, signed by nobody. The next sealer goes on from here.
            finish(log, after)
            return len(entries)
    raise AssertionError("the last attempt returns or raises")


def _settled(log: LogPorts) -> Head | None:
    """The head, with everything that it decided published and marked."""
    head = log.outbox.head()
    return finish(log, head) if head is not None and head.pending else head


def _staged(log: LogPorts, head: Head | None, entries: Sequence[Unsealed], now: datetime) -> Head:
    """The next head, its segment staged in the unlocked bucket under its own hash."""
    first = head.size if head else 0
    root = _grown(log, head, entries).root()
    own = [read_entry(parse_object(one.entry)).retain for one in entries]
    at = (
        max(now, head.sealed_at) if head else now
    )  # a sealer whose clock lags must not date a checkpoint back
    needed = Retention.least(at).covering(own)
    header = Header(first, len(entries), at, needed)
    segment, changes = segment_part(header, entries), changes_part(entries)
    digest = sha256(segment + changes).hex()
    staged = Staged(f"staging/{first:012d}-{digest}", digest, len(segment))
    log.store.keep(staged.path, segment + changes)
    kept = needed.covering([head.retention] if head else [])
    return Head(header.size, root, first, at, kept, head.keys if head else (), staged)


def _grown(log: LogPorts, head: Head | None, entries: Sequence[Unsealed]) -> Growth:
    """The tree with these entries, on top of tiles that are the head's own. LogDamaged when they are not."""
    size, root = (head.size, head.root) if head else (0, EMPTY_ROOT)
    reader = TileReader(size, log.store.fetch)
    try:
        if reader.root() != root:
            raise LogDamaged(f"tiles of size {size}")
        return Growth(size, reader, [one.commitment for one in entries])
    except TileMissing as missing:
        raise LogDamaged(missing.path) from missing
