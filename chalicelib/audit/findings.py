"""What an examination of the log can find wrong, each with its place. Values, not errors: a log may have many."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol


class Fault(StrEnum):
    """The kinds of fault."""

    MISSING = "missing"
    ALTERED = "altered"
    SEGMENT_DIFFERS = "segment_differs"
    REORDERED = "reordered"
    DUPLICATE = "duplicate"
    FORK = "fork"
    ROLLED_BACK = "rolled_back"
    BAD_SIGNATURE = "bad_signature"
    BACK_DATED = "back_dated"
    POST_DATED = "post_dated"
    LOCK_TOO_SHORT = "lock_too_short"
    UNEXPECTED = "unexpected"
    MALFORMED = "malformed"


SENTENCES: Final[dict[Fault, tuple[str, str]]] = {
    Fault.MISSING: ("缺失", "something that was sealed is not there"),
    Fault.ALTERED: ("被改动", "it is not what the signed root vouches for"),
    Fault.SEGMENT_DIFFERS: ("记录与树不符", "the entry is not the one whose leaf is in the tree"),
    Fault.REORDERED: ("次序错乱", "it stands in another place than where it was sealed"),
    Fault.DUPLICATE: ("重复", "the same entry, or the same place, twice"),
    Fault.FORK: ("分叉", "a signed checkpoint belongs to another history than this"),
    Fault.ROLLED_BACK: ("回退", "the newest checkpoint is older than one signed before"),
    Fault.BAD_SIGNATURE: ("签名不符", "not signed by the keys that you trust"),
    Fault.BACK_DATED: ("倒填日期", "dated before a checkpoint that was signed without it"),
    Fault.POST_DATED: ("日期超前", "dated after the checkpoint that seals it"),
    Fault.LOCK_TOO_SHORT: ("锁定期不足", "kept for less time than it must be"),
    Fault.UNEXPECTED: ("多余对象", "nobody sealed this"),
    Fault.MALFORMED: ("格式错误", "it cannot be read"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where (a path, with `#index` for an entry), and what was seen."""

    fault: Fault
    place: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """An object's lock as its store tells it; `until` None means that it has none."""

    until: datetime | None
    hold: bool
    mode: str


class LogFiles(Protocol):
    """A log to be examined: a folder, a bucket, or an address. Reading only."""

    def get(self, path: str) -> bytes | None:
        """An object's bytes, or None when there is none."""
        ...

    def list(self, prefix: str) -> Iterator[str]:
        """The paths under a prefix, in the order of their bytes."""
        ...

    def lock(self, path: str) -> Lock | None:
        """The object's lock, or None when this kind of place knows no locks."""
        ...
