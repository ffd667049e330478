"""The order of a rebuild: whatever order the log has, acts find theirs by their conditions, or are left."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as some

from chalicelib.audit.rebuilding import Act, settle
from tests.fakes.restoration import InMemoryRestoration, act_line

# Histories of a few items: each step gives one item a fresh value, or takes it away.
STEPS = some.lists(some.tuples(some.sampled_from("abc"), some.booleans()), max_size=30)


@dataclass
class History:
    """What was committed, in the order of commits, and what stood at the end."""

    acts: list[Act] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def step(self, key: str, *, gone: bool) -> None:
        number, before = len(self.acts), self.rows.get(key)
        after = None if gone and before is not None else number
        self.acts.append(Act(f"changes:{number}", act_line(f"act-{number}", key, before, after).encode()))
        self.rows[key] = number
        if after is None:
            del self.rows[key]


def history(steps: list[tuple[str, bool]], *, gone: bool = True) -> History:
    made = History()
    for key, wanted in steps:
        made.step(key, gone=wanted and gone)
    return made


@given(STEPS, some.randoms(use_true_random=False))
def test_shuffled_acts_find_their_order(steps: list[tuple[str, bool]], chance: object) -> None:
    made = history(steps, gone=False)
    shuffled = list(made.acts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    tables = InMemoryRestoration()
    assert settle(shuffled, tables.apply) == ()
    assert tables.rows == made.rows
    assert len(tables.applied) == len(made.acts)


@given(STEPS, some.randoms(use_true_random=False))
def test_what_is_deleted_and_made_anew_ends_right_or_is_left(
    steps: list[tuple[str, bool]], chance: object
) -> None:
    """Two acts that both found nothing may change places; where all are applied, the end is the same value or told."""
    made = history(steps)
    shuffled = list(made.acts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    tables = InMemoryRestoration()
    if settle(shuffled, tables.apply) == ():
        assert tables.rows == made.rows


@given(STEPS, some.data())
def test_an_act_that_is_missing_leaves_those_built_on_it(
    steps: list[tuple[str, bool]], data: some.DataObject
) -> None:
    made = history([*steps, ("a", False), ("a", False)], gone=False)
    missing = data.draw(some.integers(0, len(made.acts) - 1))
    tables = InMemoryRestoration()
    left = settle(made.acts[:missing] + made.acts[missing + 1 :], tables.apply)
    key = made.acts[missing].line.split(b'"key": ')[1]
    later = [one for one in made.acts[missing + 1 :] if one.line.split(b'"key": ')[1] == key]
    assert list(left) == later


def test_nothing_to_do_is_done() -> None:
    assert settle([], InMemoryRestoration().apply) == ()


def test_a_line_that_is_no_act_is_left() -> None:
    bad = Act("changes:1", b"?")
    assert settle([bad], InMemoryRestoration().apply) == [bad]
