"""The state table, tried from every state with every step, and by random walks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.certificates.life_cycle import ISSUED, LISTED, TABLE, Step, four_eyes, state_at, step
from chalicelib.certificates.model import State
from chalicelib.kernel.clock import end_of
from chalicelib.kernel.errors import Conflict, Refused
from chalicelib.status.model import Status
from tests.fakes.ambient import NOON
from tests.fakes.records import record

# Written again, independently, as the regulation and the design tell it: from → {step → to}.
EXPECTED = {
    "collected": {"approve": "reviewed", "return": "returned", "reject": "rejected"},
    "returned": {"correct": "collected", "reject": "rejected"},
    "rejected": {},
    "reviewed": {"issue": "valid", "return": "returned", "reject": "rejected"},
    "valid": {"suspend": "suspended", "revoke": "revoked", "supersede": "superseded"},
    "suspended": {"reinstate": "valid", "revoke": "revoked", "supersede": "superseded"},
    "superseded": {},
    "revoked": {},
    "expired": {"revoke": "revoked", "supersede": "superseded"},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("taken", Step)
def test_each_state_takes_exactly_the_steps_of_the_table(state: State, taken: Step) -> None:
    expired = state is State.EXPIRED
    held = record(State.VALID if expired else state)
    now = end_of(held.valid_until) if expired and held.valid_until else NOON
    wanted = EXPECTED[state].get(taken)
    if wanted is None:
        with pytest.raises(Conflict, match=f"wrong_state {state} {taken}"):
            step(held, taken, now)
    else:
        assert step(held, taken, now) == wanted


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_no_walk_reaches_valid_without_review_and_issue(walk: list[Step]) -> None:
    state, trail = State.COLLECTED, list[Step]()
    for taken in walk:
        state, trail = (TABLE[state, taken], [*trail, taken]) if (state, taken) in TABLE else (state, trail)
        if state in ISSUED:
            first = trail.index(Step.ISSUE)
            assert Step.APPROVE in trail[:first]
            assert trail[first - 1] is Step.APPROVE


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_rejected_superseded_and_revoked_are_final(walk: list[Step]) -> None:
    for final in (State.REJECTED, State.SUPERSEDED, State.REVOKED):
        assert not any((final, taken) in TABLE for taken in walk)


def test_valid_through_the_last_second_of_the_last_day_in_shenzhen() -> None:
    held = record(State.VALID, valid_until=date(2026, 12, 31))
    last = end_of(date(2026, 12, 31))
    assert state_at(held, last - timedelta(microseconds=1)) is State.VALID
    assert state_at(held, last) is State.EXPIRED


def test_without_an_end_it_never_expires() -> None:
    assert state_at(record(State.VALID, valid_until=None), NOON + timedelta(days=40_000)) is State.VALID


@pytest.mark.parametrize("state", [State.COLLECTED, State.REVIEWED, State.REVOKED, State.SUPERSEDED])
def test_only_valid_and_suspended_expire(state: State) -> None:
    assert state_at(record(state), NOON + timedelta(days=40_000)) is state


def test_collector_and_reviewer_are_two_people() -> None:
    four_eyes(record(), "market.reviewer")
    with pytest.raises(Refused, match="collector_may_not_review"):
        four_eyes(record(), "market.collector")


def test_what_a_status_list_says_in_each_state() -> None:
    assert LISTED == {
        State.VALID: Status.VALID,
        State.SUSPENDED: Status.SUSPENDED,
        State.SUPERSEDED: Status.REVOKED,
        State.REVOKED: Status.REVOKED,
    }
