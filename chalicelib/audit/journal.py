"""The journal: every change to the records goes through `commit`, together with its log entries.

    changes + entries + reply ──commit──▶ one DynamoDB transaction: all of it, or nothing

A change states its own condition (what must hold for it to be right), so every write is conditional.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.audit.entry import Entry
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Conflict


class Change:
    """Marker for the changes that the rule packages define; the adapter knows how each is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request with an Idempotency-Key, kept so that a retry gets it again.

    `request` names caller, route and key (hashed: keys are the caller's secret); `fingerprint` is the SHA-256 of the
    body; `body` is free of personal data, as every answer to an act is.
    """

    request: str
    fingerprint: str
    status: int
    body: dict[str, Json]
    expires_at: datetime


class ChangeRefused(Conflict):
    """A change's condition did not hold: nothing of the transaction was written. `change` says which."""

    __slots__ = ("change",)

    def __init__(self, change: Change | Reply) -> None:
        super().__init__("concurrent_change")
        self.change = change


class Journal(Protocol):
    """The log and the records behind it."""

    def commit(self, changes: Sequence[Change], entries: Sequence[Entry], reply: Reply | None = None) -> None:
        """Durable when it returns; all or nothing. At least one entry, at most 90 changes.

        Raises ChangeRefused naming the first change (or the reply) whose condition failed: the reply's failing means
        that another call with the same Idempotency-Key has committed. A call whose answer was lost may be repeated
        with the same entries: the second one is refused on its first entry, never written twice.
        """
        ...

    def reply_to(self, request: str) -> Reply | None:
        """What was answered to this request before, read consistently."""
        ...

    def history(self, obj: str) -> Sequence[Entry]:
        """Every entry about the object, oldest first."""
        ...
