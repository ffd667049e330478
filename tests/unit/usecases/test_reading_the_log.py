"""Auditors read the log over fakes: what is found, page by page, bounded, itself logged; and proofs of single entries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.audit.entry import Actor, Entry, Outcome, read_entry
from chalicelib.audit.inquiry import Inquiry
from chalicelib.audit.merkle import ProofRejected
from chalicelib.audit.proof import Proof, signed_by_log
from chalicelib.audit.sealing import EntryKey, LogDamaged
from chalicelib.kernel.encoding import canonical_json
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import Invalid, NotFound
from chalicelib.units.model import Caller, Post, UnitKind
from chalicelib.usecases.act import Act
from chalicelib.usecases.prove_entry import prove_entry
from chalicelib.usecases.read_audit_entries import Turn, read_audit_entries
from chalicelib.usecases.seal_log import seal_log
from tests.fakes.city import City, found_city
from tests.fakes.log import InMemoryLogStore, InMemoryOutbox

UNIT, AUDIT = "11440300MB2F01027X", "11440300MB2F070820"
PERSON = Actor(UNIT, "reviewer", person="market.reviewer")
SYSTEM = Actor(AUDIT, "system", system="audit-desk")
AUDITOR = Act(
    Caller(AUDIT, frozenset({UnitKind.AUDITOR}), "440300", frozenset({Post.AUDITOR}), "audit.auditor"),
    "auditor", "request-9", "key", "00",
)  # fmt: skip


@pytest.fixture
def city() -> City:
    found = found_city()
    found.store.entries.clear()  # the story begins with an empty log
    return found


def logged(
    city: City, obj: str, actor: Actor = PERSON, kind: str = "certificate_read", outcome: Outcome = "done"
) -> EntryKey:
    now = city.clock.now()
    entry = Entry(entry_id(city.platform.entropy, now), now, kind, obj, actor, "request-1", outcome)
    city.store.commit([], [entry])
    return EntryKey(entry.object, entry.id)


def sealed(city: City, *sizes: int) -> list[EntryKey]:
    """Segments of these sizes, about `unit/0`, `unit/1` and `unit/2` in turn."""
    found: list[EntryKey] = []
    for size in sizes:
        keys = [logged(city, f"unit/{(len(found) + place) % 3}") for place in range(size)]
        seal_log(city.platform, keys)
        found += keys
    return found


ALL = Turn(None, 100)


def read(city: City, turn: Turn = ALL, **asked: Any) -> dict[str, Any]:
    return read_audit_entries(city.platform, AUDITOR, Inquiry(**asked), turn)


def everything(city: City, turn: Turn = ALL, **asked: Any) -> tuple[list[str], int]:
    """(ids in order, pages), following `next` to the end."""
    ids: list[str] = []
    pages = 0
    while True:
        page = read(city, turn, **asked)
        ids += [one["entry"]["id"] for one in page["entries"]]
        turn, pages = replace(turn, after=page["next"]), pages + 1
        if turn.after is None:
            return ids, pages


def log_store(city: City) -> InMemoryLogStore:
    store = city.platform.log.store
    assert isinstance(store, InMemoryLogStore)
    return store


def own(city: City) -> Sequence[Entry]:
    """What the log has about its own being read."""
    return city.store.history("log")


def test_an_empty_log_has_nothing_to_read(city: City) -> None:
    assert read(city) == {"entries": [], "next": None}
    assert len(own(city)) == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_every_entry_is_read_once_and_in_the_order_of_the_tree(city: City, limit: int) -> None:
    keys = sealed(city, 3, 1, 4)
    assert everything(city, Turn(None, limit))[0] == [key.id for key in keys]
    assert [one["index"] for one in read(city)["entries"]] == list(range(8))


def test_the_entry_told_is_the_entry_sealed(city: City) -> None:
    (key,) = sealed(city, 1)
    (one,) = read(city)["entries"]
    assert canonical_json(one["entry"]) == city.store.known[key.id].canonical()


def test_an_index_may_be_begun_behind(city: City) -> None:
    sealed(city, 3, 4)
    assert [one["index"] for one in read(city, Turn("4", 100))["entries"]] == [5, 6]
    assert read(city, Turn("6", 100)) == {"entries": [], "next": None}
    assert read(city, Turn("700", 100)) == {"entries": [], "next": None}


@pytest.mark.parametrize("after", ["-1", "x", "0190", "9" * 13, "０", "0" * 8 + "-"])
def test_what_is_no_place_in_the_log_is_refused(city: City, after: str) -> None:
    with pytest.raises(Invalid, match="after"):
        read(city, Turn(after, 100), object="unit/0")
    if after == "0190":
        read(city, Turn(after, 100))  # an index, with zeros before it
    else:
        with pytest.raises(Invalid, match="after"):
            read(city, Turn(after, 100))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "certificate_reviewed"}, [1]),
        ({"unit": AUDIT}, [2]),
        ({"person": "market.reviewer"}, [0, 1, 3]),
        ({"person": "nobody"}, []),
        ({"outcome": "refused"}, [3]),
        ({"unit": UNIT, "outcome": "done"}, [0, 1]),
        ({"first_day": date(2026, 1, 1), "last_day": date(2099, 1, 1)}, [0, 1, 2, 3]),
        ({"first_day": date(2099, 1, 1)}, []),
        ({"last_day": date(2000, 1, 1)}, []),
    ],
)
def test_what_is_asked_narrows_the_answer(city: City, asked: dict[str, Any], found: list[int]) -> None:
    keys = [
        logged(city, "unit/0"),
        logged(city, "unit/1", kind="certificate_reviewed"),
        logged(city, "unit/2", SYSTEM),
        logged(city, "unit/3", outcome="refused"),
    ]
    seal_log(city.platform, keys)
    assert [one["index"] for one in read(city, **asked)["entries"]] == found
    on_one = read(city, object="unit/1", **asked)["entries"]
    assert [one["index"] for one in on_one] == [1][: found.count(1)]


def test_a_day_is_shenzhens_and_included(city: City) -> None:
    sealed(city, 1)
    (one,) = read(city)["entries"]
    day = date.fromisoformat(one["entry"]["at"][:10])  # the fake's noon is the same day in both places
    assert read(city, first_day=day, last_day=day)["entries"] == [one]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_an_object_is_read_with_what_is_not_sealed_yet(city: City, limit: int) -> None:
    keys = sealed(city, 3, 4)
    late = logged(city, "unit/0")
    mine = [key.id for key in keys if key.object == "unit/0"]
    assert everything(city, Turn(None, limit), object="unit/0")[0] == [*mine, late.id]
    assert [one["index"] for one in read(city, object="unit/0")["entries"]] == [0, 3, 6, None]


@pytest.mark.parametrize("count", [1, 4, 5])
def test_an_object_of_many_pages_is_read_whole(city: City, count: int) -> None:
    keys = [logged(city, "unit/0") for _ in range(count)]
    assert everything(city, replace(ALL, page=2), object="unit/0")[0] == [key.id for key in keys]


def test_a_call_looks_at_so_many_entries_and_says_where_to_go_on(city: City) -> None:
    few = replace(ALL, scanned=3)
    sealed(city, 4, 4)
    assert read(city, few, kind="nothing") == {"entries": [], "next": "2"}
    assert everything(city, few, kind="nothing") == ([], 3)
    assert len(everything(city, few)[0]) == 8
    assert everything(city, kind="nothing") == ([], 1)


def test_a_call_reads_so_many_segments_and_says_where_to_go_on(city: City) -> None:
    few = replace(ALL, parts=2)
    sealed(city, 1, 1, 1, 1, 1)
    assert read(city, few, kind="nothing")["next"] == "1"
    assert len(everything(city, few)[0]) == 5


def test_a_reading_is_logged_with_what_was_asked_before_it_is_answered(city: City) -> None:
    sealed(city, 3)
    read(city, unit=UNIT, person="market.reviewer", first_day=date(2026, 1, 1))
    (entry,) = own(city)
    assert (entry.kind, entry.actor.person, entry.outcome) == ("audit_entries_read", "audit.auditor", "done")
    filters = {"unit": UNIT, "person": "market.reviewer", "from": "2026-01-01"}
    assert entry.details == {"filters": filters, "count": 3}


def test_an_account_that_nothing_was_found_of_is_not_repeated(city: City) -> None:
    sealed(city, 3)
    read(city, person="440305199003070006")
    assert own(city)[0].details == {"filters": {"person": "?"}, "count": 0}


@pytest.mark.parametrize("damage", ["gone", "altered"])
def test_a_segment_that_is_not_there_is_an_alarm(city: City, damage: str) -> None:
    sealed(city, 3)
    locked = log_store(city).locked
    (path,) = [path for path in locked if path.startswith("segments/")]
    body = locked.pop(path)
    if damage == "altered":
        locked[path] = body[:-9]
    with pytest.raises(LogDamaged, match="segments/"):
        read(city)
    with pytest.raises(LogDamaged, match="segments/"):
        prove_entry(city.platform, AUDITOR, 0)
    assert own(city) == []


# -- proofs


def test_every_sealed_entry_is_proven_to_the_newest_checkpoint(city: City) -> None:
    keys = sealed(city, 3, 300)
    for index in (0, 2, 3, 255, 256, 302):
        answer: dict[str, Any] = prove_entry(city.platform, AUDITOR, index)
        document = answer.pop("entry")
        proof = Proof.parse(canonical_json(answer))
        assert (document["id"], proof.index, proof.size) == (keys[index].id, index, 303)
        assert read_entry(document) == city.store.known[keys[index].id]
        proof.verify(canonical_json(document))
        assert signed_by_log(proof.checkpoint, city.platform.log.signer.verifier_keys())
        with pytest.raises(ProofRejected):
            proof.verify(canonical_json({**document, "kind": "another"}))


def test_proving_is_logged(city: City) -> None:
    sealed(city, 3)
    prove_entry(city.platform, AUDITOR, 1)
    (entry,) = own(city)
    assert (entry.kind, entry.details) == ("audit_entry_proven", {"index": 1})


def test_what_is_not_sealed_is_not_proven(city: City) -> None:
    sealed(city, 3)
    logged(city, "unit/0")
    with pytest.raises(NotFound, match="no_such_entry"):
        prove_entry(city.platform, AUDITOR, 3)
    assert own(city) == []


@pytest.mark.parametrize("damage", ["no checkpoint", "an old checkpoint", "no tile", "another tile"])
def test_an_entry_that_cannot_be_proven_is_an_alarm(city: City, damage: str) -> None:
    sealed(city, 3)
    edge = log_store(city).edge
    before = edge["checkpoint"]
    sealed(city, 2)
    if damage == "no checkpoint":
        del edge["checkpoint"]
    elif damage == "an old checkpoint":
        edge["checkpoint"] = before
    elif damage == "no tile":
        del edge["tile/0/000.p/5"]
    else:
        edge["tile/0/000.p/5"] = edge["tile/0/000.p/5"][::-1]
    with pytest.raises(LogDamaged, match="proof of 4"):
        prove_entry(city.platform, AUDITOR, 4)


def test_a_segment_without_its_entry_is_an_alarm(city: City) -> None:
    sealed(city, 3)
    log, store = city.platform.log, log_store(city)
    (path,) = [path for path in store.locked if path.startswith("segments/")]
    sealed(city, 3)
    (other,) = [one for one in store.locked if one.startswith("segments/") and one != path]
    store.locked[path] = store.locked[other]
    with pytest.raises(LogDamaged, match="segments/"):
        prove_entry(city.platform, AUDITOR, 1)
    assert isinstance(log.outbox, InMemoryOutbox)
