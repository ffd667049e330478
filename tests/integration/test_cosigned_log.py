"""Sealing with witnesses over HTTP: their lines are in what is locked and published, and nothing that they do stops it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.http_witness import HttpWitnesses, WitnessConfig
from chalicelib.audit.anchors import AnchorFailed, AnchorUnavailable, WitnessRefused
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.cosignature import cosigns
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.examination import Examination
from chalicelib.audit.note import Note
from chalicelib.audit.sealing import EntryKey
from chalicelib.kernel.entropy import entry_id
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.seal_log import seal_log
from cli.audit_sources import FolderFiles
from tests.fakes.city import City, found_city
from tests.fakes.log import ORIGIN, InMemoryLogStore
from tests.fakes.mortal import Killed, Life, dying
from tests.fakes.records import ISSUER
from tests.fakes.witness import LocalWitness

DEAD = WitnessConfig(LocalWitness({}, "dead.example/w").key, "http://127.0.0.1:1")


@pytest.fixture
def city() -> City:
    found = found_city()
    found.store.entries.clear()
    return found


def keys(city: City, count: int) -> list[EntryKey]:
    """So many entries, committed one by one."""
    found = []
    for _ in range(count):
        now = city.clock.now()
        name, actor = entry_id(city.platform.entropy, now), Actor(ISSUER, "system", system="market")
        entry = Entry(name, now, "status_generation_opened", "unit/x", actor, "request-1")
        city.store.commit([], [entry])
        found.append(EntryKey(entry.object, entry.id))
    return found


def store(city: City) -> InMemoryLogStore:
    assert isinstance(city.platform.log.store, InMemoryLogStore)
    return city.platform.log.store


def knowing(city: City, name: str = "witness.example/w1") -> LocalWitness:
    """A witness that knows the city's log."""
    return LocalWitness({ORIGIN: city.platform.log.signer.verifier_keys()}, name)


@pytest.fixture
def asking(city: City) -> Iterator[Callable[..., tuple[Platform, list[AnchorFailed]]]]:
    """Witnesses, or addresses → the platform that asks them, and what it reports of them."""
    with ExitStack() as stack:

        def configured(*asked: LocalWitness | WitnessConfig) -> tuple[Platform, list[AnchorFailed]]:
            configs = [
                one if isinstance(one, WitnessConfig) else stack.enter_context(one.serving()) for one in asked
            ]
            failures: list[AnchorFailed] = []
            witnesses = HttpWitnesses(configs, timeout=2, report=failures.append)
            return replace(city.platform, log=replace(city.platform.log, witnesses=witnesses)), failures

        yield configured


Asking = Callable[..., tuple[Platform, list[AnchorFailed]]]


def cosigned(city: City, witness: LocalWitness, size: int) -> bool:
    """Whether the locked checkpoint of that size, always signed by us, is cosigned too; the newest is the same."""
    note = Note.parse(store(city).locked[f"checkpoints/{size:012d}"])
    assert all(key.verifies(note) for key in city.platform.log.signer.verifier_keys())
    assert Checkpoint.parse(note.text).size == size
    return any(cosigns(witness.key, note.text, one) for one in note.signatures)


def test_what_is_locked_and_published_is_the_cosigned_checkpoint(
    city: City, asking: Asking, tmp_path: Path
) -> None:
    one, other = knowing(city), knowing(city, "witness.example/w2")
    platform, failures = asking(one, other)
    for count, size in ((3, 3), (300, 303), (1, 304)):
        seal_log(platform, keys(city, count))
        assert cosigned(city, one, size)
        assert cosigned(city, other, size)
        assert store(city).edge["checkpoint"] == store(city).locked[f"checkpoints/{size:012d}"]
    assert one.statuses == other.statuses == [200, 200, 200]
    assert failures == []
    for path, data in {**store(city).edge, **store(city).locked}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    signers = city.platform.log.signer.verifier_keys()
    examination = Examination(FolderFiles(tmp_path), signers, city.clock.now())
    assert list(examination.run()) == [3, 303, 304]
    assert examination.findings == []


def test_without_witnesses_the_checkpoint_is_ours_alone(city: City) -> None:
    seal_log(city.platform, keys(city, 3))
    assert len(Note.parse(store(city).locked["checkpoints/000000000003"]).signatures) == 2


def test_a_dead_witness_neither_stops_sealing_nor_the_others(city: City, asking: Asking) -> None:
    living = knowing(city)
    platform, failures = asking(DEAD, living)
    assert seal_log(platform, keys(city, 3)) == 3
    assert cosigned(city, living, 3)
    assert [(type(one), one.facts[0]) for one in failures] == [(AnchorUnavailable, "dead.example/w")]


def test_a_witness_that_does_not_know_the_log_is_reported(city: City, asking: Asking) -> None:
    stranger = LocalWitness({})
    platform, failures = asking(stranger)
    assert seal_log(platform, keys(city, 3)) == 3
    assert not cosigned(city, stranger, 3)
    assert [(type(one), one.facts[1]) for one in failures] == [(WitnessRefused, "404")]


def test_a_witness_that_missed_checkpoints_is_led_from_the_one_that_it_knows(
    city: City, asking: Asking
) -> None:
    late, never = knowing(city), knowing(city, "witness.example/w2")
    platform, _ = asking(late)
    seal_log(platform, keys(city, 3))
    seal_log(city.platform, keys(city, 300))
    assert not cosigned(city, late, 303)
    platform, failures = asking(late, never)
    seal_log(platform, keys(city, 2))
    assert cosigned(city, late, 305)
    assert cosigned(city, never, 305)
    assert late.statuses == [200, 409, 200]
    assert failures == []


def test_a_witness_that_saw_another_history_refuses_and_is_reported(city: City, asking: Asking) -> None:
    witness = knowing(city)
    witness.latest[ORIGIN] = Checkpoint(ORIGIN, 2, b"x" * 32)
    platform, failures = asking(witness)
    assert seal_log(platform, keys(city, 3)) == 3
    assert not cosigned(city, witness, 3)
    assert [(type(one), one.facts[1]) for one in failures] == [(WitnessRefused, "422")]


def test_a_tile_amiss_costs_the_cosignature_and_not_the_sealing(city: City, asking: Asking) -> None:
    witness = knowing(city)
    platform, failures = asking(witness)
    seal_log(platform, keys(city, 100))
    seal_log(city.platform, keys(city, 300))
    del store(city).locked["tile/0/000"]
    assert seal_log(platform, keys(city, 2)) == 2
    assert not cosigned(city, witness, 402)
    assert [one.facts for one in failures] == [("proof", "tile/0/000")]


def test_a_sealer_that_dies_around_a_witness_is_finished_cosigned(city: City, asking: Asking) -> None:
    witness = knowing(city)
    platform, failures = asking(witness)
    step, size = 0, 0
    while True:
        step, size, waiting = step + 1, size + 2, keys(city, 2)
        try:
            seal_log(replace(platform, log=dying(platform.log, Life(step))), waiting)
        except Killed:
            seal_log(platform, waiting)
            assert cosigned(city, witness, size)
        else:
            break
    assert step > 20
    assert failures == []
    assert witness.latest[ORIGIN].size == size
