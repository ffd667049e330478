"""Rebuilding over fakes: a log written by the sealer, tables that die, acts that come too early or never fit."""

import gzip
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from chalicelib.adapters.http_witness import HttpWitnesses
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.findings import Fault
from chalicelib.audit.rebuilding import TablesNotEmpty
from chalicelib.audit.sealing import EntryKey
from chalicelib.audit.segment import Unsealed
from chalicelib.kernel.entropy import entry_id
from chalicelib.usecases.platform import LogPorts
from chalicelib.usecases.rebuild_tables import RebuildPorts, Rebuilt, rebuild_tables
from chalicelib.usecases.seal_log import seal_log
from tests.fakes.city import City, found_city
from tests.fakes.log import ORIGIN, InMemoryLogStore, InMemoryOutbox, LocalLogSigner
from tests.fakes.mortal import Killed, Life, Mortal
from tests.fakes.restoration import InMemoryRestoration, StoredFiles, act_line

ACTOR = Actor("11440300MB2F01027X", "system", system="market-licensing")
KIND = "status_generation_opened"
EFFECTS = ("begin", "entries", "apply", "advance", "finish")
Step = tuple[str, int | None, int | None]


@dataclass
class ActingOutbox(InMemoryOutbox):
    """Its entries have what their acts wrote."""

    lines: dict[str, str] = field(default_factory=dict)

    def unsealed(self, keys: Sequence[EntryKey]) -> Sequence[Unsealed]:
        return [replace(one, changes=self.lines.get(one.id)) for one in super().unsealed(keys)]


@dataclass
class Stage:
    """A log that grows by acts, and the tables that it is rebuilt into."""

    city: City
    outbox: ActingOutbox
    store: InMemoryLogStore
    signer: LocalLogSigner
    tables: InMemoryRestoration = field(default_factory=InMemoryRestoration)

    def sealed(self, *steps: Step | None) -> None:
        """One segment: an entry for each step; None is an act that writes nothing."""
        seal_log(self.city.platform, [self.acted(step) for step in steps])

    def acted(self, step: Step | None) -> EntryKey:
        now = self.city.clock.now()
        name = entry_id(self.city.platform.entropy, now)
        line = act_line(name, *step) if step else None
        changes = hashlib.sha256(line.encode()).hexdigest() if line else None
        self.city.store.commit([], [Entry(name, now, KIND, f"x/{name}", ACTOR, "r-1", changes=changes)])
        if line:
            self.outbox.lines[name] = line
        return EntryKey(f"x/{name}", name)

    def rebuilt(self, tables: object = None, *, despite: bool = False) -> Rebuilt:
        ports = RebuildPorts(StoredFiles(self.store), tables or self.tables)  # type: ignore[arg-type]  # or a mortal one
        return rebuild_tables(ports, self.signer.verifier_keys(), self.told, despite_findings=despite)

    def told(self, phase: str, size: int, total: int) -> None:
        assert phase in ("examined", "rebuilt")
        assert size <= total

    def paths(self, prefix: str) -> list[str]:
        return sorted(one for one in self.store.locked if one.startswith(prefix))


@pytest.fixture
def stage() -> Stage:
    city = found_city()
    outbox, store, signer = ActingOutbox(city.store), InMemoryLogStore(), LocalLogSigner()
    city.platform = replace(city.platform, log=LogPorts(ORIGIN, outbox, store, signer, HttpWitnesses(())))
    return Stage(city, outbox, store, signer)


def test_entries_acts_head_and_segments_come_back(stage: Stage) -> None:
    stage.sealed(("a", None, 1), None, ("b", None, 2))
    stage.sealed(("a", 1, 3), ("b", 2, None))
    stage.sealed(None)
    result = stage.rebuilt()
    assert (result.whole, result.entries, result.acts) == (True, 6, 4)
    assert stage.tables.rows == {"a": 3}
    assert {
        EntryKey(one.object, one.id): one.index for one in stage.tables.log.values()
    } == stage.outbox.indices
    assert stage.tables.head == stage.outbox.standing == result.head
    assert stage.tables.segments == stage.outbox.segments
    assert (stage.tables.marks, stage.tables.claim) == (set(), None)


def test_an_empty_log_makes_nothing(stage: Stage) -> None:
    result = stage.rebuilt(despite=True)
    assert (result.head, stage.tables.head, result.entries) == (None, None, 0)


def test_an_act_that_was_sealed_before_its_ground_is_applied_after_it(stage: Stage) -> None:
    stage.sealed(("a", 1, 2), ("b", None, 5))
    stage.sealed(("c", None, 7))
    stage.sealed(("a", None, 1))
    assert stage.rebuilt().whole
    assert stage.tables.rows == {"a": 2, "b": 5, "c": 7}


def test_an_act_that_never_fits_is_left_and_told_and_not_forced(stage: Stage) -> None:
    stage.sealed(("a", None, 1), ("b", 8, 9))
    result = stage.rebuilt()
    assert (result.whole, result.acts) == (False, 1)
    assert result.left == [f"{stage.paths('changes/')[0]}:2"]
    assert stage.tables.rows == {"a": 1}
    assert stage.tables.claim is not None  # the next run tries again


def test_killed_at_any_step_it_goes_on(stage: Stage) -> None:
    stage.sealed(("a", None, 1), ("b", 2, 3))
    stage.sealed(("b", None, 2), ("a", 1, 4))
    stage.sealed(("a", 4, 5))
    ends, chance = 0, random.Random(3)
    for first in range(1, 31):
        stage.tables, result, life = InMemoryRestoration(), None, first
        while result is None:
            try:
                result = stage.rebuilt(Mortal(stage.tables, EFFECTS, Life(life)))
            except Killed:
                ends, life = ends + 1, chance.randrange(1, 40)
            except TablesNotEmpty:  # it had died after its very last step
                assert stage.tables.claim is None
                break
        assert stage.tables.rows == {"a": 5, "b": 3}
        assert len(stage.tables.applied) == 5
    assert ends > 10


def test_full_tables_are_refused(stage: Stage) -> None:
    stage.sealed(("a", None, 1))
    assert stage.rebuilt().whole
    with pytest.raises(TablesNotEmpty, match="log"):
        stage.rebuilt()


def test_a_touched_log_is_refused_unless_it_is_wanted_so(stage: Stage) -> None:
    stage.sealed(("a", None, 1))
    stage.sealed(("b", None, 2))
    path = stage.paths("changes/")[1]
    stage.store.locked[path] = gzip.compress(b"?\n")
    result = stage.rebuilt()
    assert (result.begun, result.whole, stage.tables.head) == (False, False, None)
    result = stage.rebuilt(despite=True)
    assert (result.begun, result.whole, result.left) == (True, False, [f"{path}:1"])
    assert stage.tables.rows == {"a": 1}


def test_what_cannot_be_read_is_told_by_its_place(stage: Stage) -> None:
    for step in (("a", None, 1), ("b", None, 2), ("c", None, 3)):
        stage.sealed(step)
    first, second, third = stage.paths("segments/")
    lines = gzip.decompress(stage.store.locked[first]).splitlines()
    stage.store.locked[first] = gzip.compress(lines[0] + b"\n{}\n")
    stage.store.locked[second] = b"?"
    stage.store.locked[stage.paths("changes/")[2]] = b"?"
    stage.store.locked["segments/readme"] = b""
    result = stage.rebuilt(despite=True)
    assert set(result.unreadable) == {f"{first}:2", second, third.replace("segments", "changes")}
    assert {one.fault for one in result.findings} >= {Fault.MALFORMED, Fault.UNEXPECTED}
    assert stage.tables.rows == {"a": 1}


def unsigned(stage: Stage) -> None:
    """A sealer that died when its segment was locked and nothing was signed yet."""
    stage.sealed(("a", None, 1))
    key, log = stage.acted(("a", 1, 2)), stage.city.platform.log
    dying = replace(log, signer=Mortal(log.signer, ("sign",), Life(1)))  # type: ignore[arg-type]  # passes everything on
    with pytest.raises(Killed):
        seal_log(replace(stage.city.platform, log=dying), [key])


def test_a_sealer_that_had_not_signed_yet_is_finished_by_the_next(stage: Stage) -> None:
    unsigned(stage)
    pending = stage.outbox.standing
    result = stage.rebuilt()
    assert result.whole
    assert stage.tables.rows == {"a": 2}
    assert result.head == pending
    stage.outbox.indices = {EntryKey(one.object, one.id): one.index for one in stage.tables.log.values()}
    stage.sealed(("a", 2, 3))
    stage.tables = InMemoryRestoration()
    assert stage.rebuilt().whole
    assert stage.tables.rows == {"a": 3}


def test_the_first_segment_of_all_may_be_unsigned_too(stage: Stage) -> None:
    key, log = stage.acted(("a", None, 2)), stage.city.platform.log
    dying = replace(log, signer=Mortal(log.signer, ("sign",), Life(1)))  # type: ignore[arg-type]  # passes everything on
    with pytest.raises(Killed):
        seal_log(replace(stage.city.platform, log=dying), [key])
    result = stage.rebuilt(despite=True)  # there is no checkpoint at all
    assert (result.head, stage.tables.rows) == (stage.outbox.standing, {"a": 2})


def test_a_segment_whose_acts_are_missing_is_told_and_left_alone(stage: Stage) -> None:
    unsigned(stage)
    del stage.store.locked[stage.paths("changes/")[1]]
    result = stage.rebuilt()
    assert result.unsealed == [stage.paths("segments/")[1]]
    assert (result.whole, result.entries, stage.tables.rows) == (False, 1, {"a": 1})


def test_a_segment_that_nobody_can_read_is_told_and_left_out(stage: Stage) -> None:
    unsigned(stage)
    path = stage.paths("segments/")[1]
    stage.store.locked[path] = b"?"
    result = stage.rebuilt(despite=True)
    assert (result.unsealed, result.entries, stage.tables.rows) == ([path], 1, {"a": 1})


def test_where_no_segment_can_be_read_nothing_is_made(stage: Stage) -> None:
    stage.sealed(("a", None, 1))
    stage.store.locked[stage.paths("segments/")[0]] = b"?"
    result = stage.rebuilt(despite=True)
    assert (result.head, result.whole, stage.tables.claim) == (None, False, None)


def test_a_checkpoint_that_is_no_note_names_no_keys(stage: Stage) -> None:
    stage.sealed(("a", None, 1))
    stage.store.locked[stage.paths("checkpoints/")[0]] = b"?"
    result = stage.rebuilt(despite=True)
    assert result.head is not None
    assert result.head.keys == ()
