"""The entries of a sealed segment, for the use cases that read the log."""

from collections.abc import Iterator

from chalicelib.audit.sealing import LogDamaged, SegmentRef
from chalicelib.audit.segment import BadSegment, Line, read
from chalicelib.usecases.platform import LogPorts


def sealed_lines(log: LogPorts, segment: SegmentRef) -> Iterator[Line]:
    """The segment's lines in the order of the tree. LogDamaged when it is gone, or cannot be read."""
    data = log.store.fetch(segment.path)
    if data is None:
        raise LogDamaged(segment.path)
    try:
        yield from read(data)[1]
    except BadSegment as error:
        raise LogDamaged(segment.path) from error
