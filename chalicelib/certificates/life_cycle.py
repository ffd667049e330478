"""The life cycle as one state table (art. 7, art. 10): what is not in it cannot happen.

collected ──approve──▶ reviewed ──issue──▶ valid ◀─reinstate── suspended
 │  ▲ │                   │                │ │  ──suspend───▶     │ │
 │  │ └─reject▶ rejected  │                │ └──revoke──▶ revoked ◀┘ │
 │  └─correct─┐           │                └────supersede──▶ superseded ◀┘
 └─return▶ returned ◀─return               (time: valid, suspended ──▶ expired)
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.certificates.model import CertificateRecord, State
from chalicelib.kernel.clock import end_of
from chalicelib.kernel.errors import Conflict, Refused
from chalicelib.status.model import Status


class Step(StrEnum):
    """What moves a certificate from state to state."""

    CORRECT = "correct"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    ISSUE = "issue"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"


TABLE: Final[dict[tuple[State, Step], State]] = {
    (State.COLLECTED, Step.APPROVE): State.REVIEWED,
    (State.COLLECTED, Step.RETURN): State.RETURNED,
    (State.COLLECTED, Step.REJECT): State.REJECTED,
    (State.RETURNED, Step.CORRECT): State.COLLECTED,
    (State.RETURNED, Step.REJECT): State.REJECTED,
    (State.REVIEWED, Step.ISSUE): State.VALID,
    (State.REVIEWED, Step.RETURN): State.RETURNED,
    (State.REVIEWED, Step.REJECT): State.REJECTED,
    (State.VALID, Step.SUSPEND): State.SUSPENDED,
    (State.VALID, Step.REVOKE): State.REVOKED,
    (State.VALID, Step.SUPERSEDE): State.SUPERSEDED,
    (State.SUSPENDED, Step.REINSTATE): State.VALID,
    (State.SUSPENDED, Step.REVOKE): State.REVOKED,
    (State.SUSPENDED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.EXPIRED, Step.REVOKE): State.REVOKED,
    (State.EXPIRED, Step.SUPERSEDE): State.SUPERSEDED,
}

# What the status list says in each state that has a slot and a signature.
LISTED: Final[dict[State, Status]] = {
    State.VALID: Status.VALID,
    State.SUSPENDED: Status.SUSPENDED,
    State.SUPERSEDED: Status.REVOKED,
    State.REVOKED: Status.REVOKED,
}

ISSUED: Final = frozenset({State.VALID, State.SUSPENDED, State.SUPERSEDED, State.REVOKED, State.EXPIRED})


def state_at(record: CertificateRecord, now: datetime) -> State:
    """The state at that moment: valid through the whole last day, Shenzhen time."""
    running = record.state in (State.VALID, State.SUSPENDED)
    if running and record.valid_until is not None and now >= end_of(record.valid_until):
        return State.EXPIRED
    return record.state


def step(record: CertificateRecord, taken: Step, now: datetime) -> State:
    """The state after the step, or Conflict("wrong_state") naming the state it is in."""
    current = state_at(record, now)
    following = TABLE.get((current, taken))
    if following is None:
        raise Conflict("wrong_state", None, (str(current), str(taken)))
    return following


def four_eyes(record: CertificateRecord, reviewer: str) -> None:
    """Collector and reviewer are two people (art. 7, art. 11)."""
    if record.collected_by == reviewer:
        raise Refused("collector_may_not_review")
