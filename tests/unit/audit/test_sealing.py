"""Sealing over fakes: once each, in an order, whatever dies, comes twice, comes late, or comes at the same time."""

import random
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.merkle import consistency_proof as proof_of
from chalicelib.audit.merkle import leaf_hash, tree_root, verify_consistency
from chalicelib.audit.note import Note
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import EntryKey, HeadMoved, LogDamaged
from chalicelib.audit.segment import commitment, parse_path, read
from chalicelib.audit.tiles import TileReader
from chalicelib.jobs.sealing import on_entries, on_sweep
from chalicelib.kernel.clock import add_years
from chalicelib.kernel.entropy import entry_id
from chalicelib.usecases.seal_log import seal_log
from tests.fakes.city import City, found_city
from tests.fakes.log import InMemoryLogStore, InMemoryOutbox, LocalLogSigner
from tests.fakes.mortal import Killed, Life, dying

ACTOR = Actor("11440300MB2F01027X", "system", system="market-licensing")


@pytest.fixture
def city() -> City:
    found = found_city()
    found.store.entries.clear()  # the story begins with an empty log
    return found


def logged(city: City, count: int, retain: Retention | None = None) -> list[EntryKey]:
    """So many entries, committed one by one."""
    keys = []
    for _ in range(count):
        now = city.clock.now()
        name = entry_id(city.platform.entropy, now)
        entry = Entry(name, now, "status_generation_opened", "unit/x", ACTOR, "request-1", retain=retain)
        city.store.commit([], [entry])
        keys.append(EntryKey(entry.object, entry.id))
    return keys


def parts(city: City) -> tuple[InMemoryOutbox, InMemoryLogStore, LocalLogSigner]:
    log = city.platform.log
    assert isinstance(log.outbox, InMemoryOutbox)
    assert isinstance(log.store, InMemoryLogStore)
    assert isinstance(log.signer, LocalLogSigner)
    return log.outbox, log.store, log.signer


def sealed_ids(store: InMemoryLogStore) -> list[str]:
    """The ids in every locked segment, in the order of the tree; gaps and overlaps are refused."""
    found: list[str] = []
    for path in sorted(path for path in store.locked if path.startswith("segments/")):
        _, _, first, count = parse_path(path)
        header, lines = read(store.locked[path])
        assert (header.first, header.count) == (first, count) == (len(found), count)
        for place, line in enumerate(lines):
            assert line.index == first + place
            found.append(line.entry.partition(b'"id":"')[2][:36].decode())
    return found


def assert_whole(city: City) -> list[str]:
    """The log is one history: every entry once, every checkpoint signed, consistent with all the others and the leaves."""
    outbox, store, signer = parts(city)
    ids = sealed_ids(store)
    assert len(ids) == len(set(ids))
    assert {key.id: index for key, index in outbox.indices.items()} == {one: at for at, one in enumerate(ids)}
    leaves = []
    for path in sorted(path for path in store.locked if path.startswith("segments/")):
        leaves += [leaf_hash(commitment(one.salt, one.entry)) for one in read(store.locked[path])[1]]
    sizes = []
    for path in sorted(path for path in store.locked if path.startswith("checkpoints/")):
        note = Note.parse(store.locked[path])
        assert all(key.verifies(note) for key in signer.verifier_keys())
        checkpoint = Checkpoint.parse(note.text)
        assert checkpoint.root == tree_root(leaves[: checkpoint.size])
        assert TileReader(checkpoint.size, store.fetch).root() == checkpoint.root
        sizes.append(checkpoint.size)
    assert sizes[-1] == len(ids)
    reader = TileReader(sizes[-1], store.fetch)
    for size in sizes:
        proof = proof_of(size, sizes[-1], reader.subtree)
        verify_consistency(size, sizes[-1], proof, tree_root(leaves[:size]), tree_root(leaves))
    return ids


def test_what_was_committed_is_sealed_in_its_order(city: City) -> None:
    keys = logged(city, 300)
    assert seal_log(city.platform, list(reversed(keys))) == 300
    assert assert_whole(city) == [one.id for one in keys]
    assert {path for path in parts(city)[1].locked if path.startswith("tile/")} == {
        "tile/0/000",
        "tile/entries/000",
    }


def test_duplicates_and_latecomers_are_sealed_once(city: City) -> None:
    keys = logged(city, 10)
    assert seal_log(city.platform, keys[5:] + keys[5:]) == 5
    assert seal_log(city.platform, keys) == 5
    assert seal_log(city.platform, keys) == 0
    assert sorted(assert_whole(city)) == sorted(one.id for one in keys)


def test_an_entry_that_was_never_committed_is_not_sealed(city: City) -> None:
    assert seal_log(city.platform, [EntryKey("unit/x", "00000000-0000-7000-8000-000000000000")]) == 0
    assert city.platform.log.outbox.head() is None


def test_nothing_to_seal_signs_nothing(city: City) -> None:
    seal_log(city.platform, logged(city, 3))
    _, store, signer = parts(city)
    before = (store.puts, signer.signed)
    assert seal_log(city.platform, []) == 0
    assert (store.puts, signer.signed) == before


def test_ten_thousand_entries_cost_one_signature_a_key_and_at_most_a_hundred_puts(city: City) -> None:
    seal_log(city.platform, logged(city, 7))
    _, store, signer = parts(city)
    store.puts = signer.signed = 0
    assert seal_log(city.platform, logged(city, 10_000)) == 10_000
    assert signer.signed == 1
    assert store.puts <= 100


def test_more_than_one_segment_holds_is_sealed_in_several(city: City) -> None:
    assert seal_log(city.platform, logged(city, 10_001)) == 10_001
    assert [one for one in parts(city)[1].locked if one.startswith("checkpoints/")] == [
        "checkpoints/000000010000",
        "checkpoints/000000010001",
    ]
    assert_whole(city)


def test_the_sweep_finds_what_the_stream_lost(city: City) -> None:
    logged(city, 40)
    assert on_sweep(city.platform) == 0  # not a minute old
    city.clock.advance(minutes=2)
    assert on_sweep(city.platform) == 40
    assert on_sweep(city.platform) == 0
    assert len(assert_whole(city)) == 40


def test_marks_are_not_news_to_the_stream(city: City) -> None:
    keys = logged(city, 2)
    images = [{"pk": {"S": one.object}, "sk": {"S": one.id}} for one in keys]
    on_entries(city.platform, [{"eventName": "MODIFY", "dynamodb": {"Keys": images[0]}}])
    assert city.platform.log.outbox.head() is None
    on_entries(city.platform, [{"eventName": "INSERT", "dynamodb": {"Keys": one}} for one in images])
    assert assert_whole(city) == [one.id for one in keys]


def test_a_segment_is_kept_as_long_as_its_longest_entry_and_the_tree_as_long_as_any(city: City) -> None:
    now, fifty = city.clock.now(), add_years(city.clock.now(), 50)
    seal_log(city.platform, logged(city, 1) + logged(city, 1, retain=Retention(fifty)))
    seal_log(city.platform, logged(city, 1))
    seal_log(city.platform, logged(city, 1, retain=Retention(now, hold=True)))
    kept = parts(city)[1].retentions
    segments = [kept[path] for path in sorted(kept) if path.startswith("segments/")]
    assert segments[0] == Retention(fifty)
    assert segments[1].until < fifty
    assert segments[1].until >= add_years(now, 20)
    assert segments[2].hold
    checkpoints = [kept[path] for path in sorted(kept) if path.startswith("checkpoints/")]
    assert [(one.until, one.hold) for one in checkpoints] == [(fifty, False), (fifty, False), (fifty, True)]


def test_a_sealer_whose_clock_lags_does_not_date_back(city: City) -> None:
    seal_log(city.platform, logged(city, 1))
    first = city.platform.log.outbox.head()
    keys = logged(city, 1)
    city.clock.advance(minutes=-30)
    seal_log(city.platform, keys)
    second = city.platform.log.outbox.head()
    assert first is not None
    assert second is not None
    assert second.sealed_at >= first.sealed_at


# -- what is damaged is not built upon


def test_a_tampered_edge_stops_the_sealing(city: City) -> None:
    seal_log(city.platform, logged(city, 3))
    outbox, store, _ = parts(city)
    store.edge["tile/0/000.p/3"] = bytes(96)
    with pytest.raises(LogDamaged):
        seal_log(city.platform, logged(city, 1))
    assert len(outbox.indices) == 3


@pytest.mark.parametrize("path", ["tile/0/000.p/3", "tile/entries/000.p/3"])
def test_a_missing_edge_stops_the_sealing(city: City, path: str) -> None:
    seal_log(city.platform, logged(city, 3))
    del parts(city)[1].edge[path]
    with pytest.raises(LogDamaged):
        seal_log(city.platform, logged(city, 1))


def test_a_tampered_staged_segment_is_not_published(city: City) -> None:
    keys = logged(city, 3)
    _, store, _ = parts(city)
    platform = replace(
        city.platform, log=dying(city.platform.log, Life(4))
    )  # after advance, before anything is published
    with pytest.raises(Killed):
        seal_log(platform, keys)
    head = city.platform.log.outbox.head()
    assert head is not None
    assert head.staged is not None
    store.edge[head.staged.path] += b"x"
    with pytest.raises(LogDamaged):
        on_sweep(city.platform)
    assert not store.locked


# -- deaths and races


def test_killed_at_every_step_the_next_sealer_finishes(city: City) -> None:
    step = 0
    while True:
        step += 1
        keys = logged(city, 5)
        life = Life(step)
        try:
            seal_log(replace(city.platform, log=dying(city.platform.log, life)), keys)
        except Killed:
            seal_log(city.platform, keys)
            assert_whole(city)
        else:
            break
    assert step > 20
    assert len(assert_whole(city)) == 5 * step


def _sealer(city: City, seed: int, batches: list[list[EntryKey]], deaths: list[int]) -> Callable[[], None]:
    """One sealer with its own stream: each batch comes until it is through; it dies so often, anywhere."""
    dice = random.Random(seed)

    def run() -> None:
        for batch in batches:
            while True:
                ends = dice.randrange(1, 40) if deaths else None
                platform = replace(city.platform, log=dying(city.platform.log, Life(ends)))
                try:
                    seal_log(platform, batch)
                except Killed:
                    deaths.pop()
                except HeadMoved:
                    pass
                else:
                    break

    return run


def test_two_sealers_race_ten_thousand_entries_and_die_fifty_times_each(city: City) -> None:
    keys, dice = logged(city, 10_000), random.Random(7)
    troubles: list[BaseException] = []
    sealers, left = [], []
    for seed in (1, 2):
        stream = keys + dice.sample(keys, 2000)  # 20 % come twice
        for _ in range(2000):  # and as many out of their order
            here, there = dice.randrange(len(stream)), dice.randrange(len(stream))
            stream[here], stream[there] = stream[there], stream[here]
        batches, at = [], 0
        while at < len(stream):
            size = dice.choice((1, 3, 40, 100, 255, 256, 257))
            batches.append(stream[at : at + size])
            at += size
        deaths = list(range(50))
        left.append(deaths)
        run = _sealer(city, seed, batches, deaths)

        def guarded(run: Callable[[], None] = run) -> None:
            try:
                run()
            except BaseException as trouble:  # noqa: BLE001  # a thread's failure is the test's
                troubles.append(trouble)

        sealers.append(threading.Thread(target=guarded))
    for one in sealers:
        one.start()
    for one in sealers:
        one.join()
    assert not troubles
    assert left == [[], []]  # each died all its deaths
    city.clock.advance(minutes=2)
    on_sweep(city.platform)
    assert sorted(assert_whole(city)) == sorted(one.id for one in keys)


def test_a_sealer_that_is_always_too_late_gives_up_and_says_so(city: City) -> None:
    keys = logged(city, 1)

    class Beaten:
        """Somebody else always moves the head first."""

        def __getattr__(self, name: str) -> object:
            if name == "advance":
                return self._moved
            return getattr(city.platform.log.outbox, name)

        @staticmethod
        def _moved(*_: object) -> None:
            raise HeadMoved

    log = replace(city.platform.log, outbox=Beaten())  # type: ignore[arg-type]  # passes everything else on
    with pytest.raises(HeadMoved):
        seal_log(replace(city.platform, log=log), keys)
