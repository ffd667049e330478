"""A day's last checkpoint is shown to a time-stamping authority (RFC 3161): it existed then, whoever holds our keys.

Optional. Nothing of the records changes, so it has no entry: the timestamp lies in the archive, and verifies by itself.
"""

from datetime import date

from chalicelib.audit.sealing import LogDamaged, SegmentRef
from chalicelib.audit.segment import parse_path
from chalicelib.kernel.encoding import sha256
from chalicelib.usecases.platform import LogPorts, Platform


def timestamp_log(platform: Platform, day: date) -> str | None:
    """Lock the timestamp of the last checkpoint sealed on that (Shenzhen) day; its path.

    None when no authority is configured, or nothing was sealed that day. Harmless to repeat: the first timestamp stays.
    AnchorFailed when the authority gave none that verifies: it may be asked again. LogDamaged when the checkpoint is gone.
    """
    log = platform.log
    if log.timestamps is None:
        return None
    path = f"timestamps/date={day.isoformat()}.tsr"
    if log.store.fetch(path) is not None:
        return path
    head, last = log.outbox.head(), _last(log, day)
    if head is None or last is None:
        return None
    named = f"checkpoints/{last.first + last.count:012d}"
    checkpoint = log.store.fetch(named)
    if checkpoint is None:
        raise LogDamaged(named)
    # A crash after this leaves a timestamp that nobody holds; the rerun gets another.
    token = log.timestamps.timestamp(sha256(checkpoint))
    log.store.lock_first(path, token, head.retention)
    return path


def _last(log: LogPorts, day: date) -> SegmentRef | None:
    """The last segment of the day among the settled ones, from the newest back: shortly after midnight that is near."""
    head = log.outbox.head()
    if head is None:
        return None
    found = log.outbox.segment_of((head.first if head.pending else head.size) - 1)
    while found is not None and _day(found) > day:
        found = log.outbox.segment_of(found.first - 1)
    return found if found is not None and _day(found) == day else None


def _day(segment: SegmentRef) -> date:
    return date.fromisoformat(parse_path(segment.path)[1])
