"""The journal and the stores behind it: one suite for the fake and for DynamoDB on the local AWS.

Each accepting test has its twin: the same commit once more, or with its condition broken, writes nothing at all.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.adapters.system import SystemEntropy
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.journal import Change, ChangeRefused, Reply
from chalicelib.catalog.changes import PublishEntry
from chalicelib.certificates.changes import (
    AdvanceCertificate,
    CreateCertificate,
    ListIssued,
    ReleaseNumber,
    ReserveNumber,
)
from chalicelib.certificates.model import State
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import Conflict
from chalicelib.status.changes import AllotSlot, OpenGeneration, PutPublishedList, SetStatus
from chalicelib.status.model import PublishedList, Slot, Status
from chalicelib.units.changes import (
    PutCrl,
    PutPerson,
    PutSystem,
    PutUnit,
    PutUnitCertificate,
    RequireUnitCertificate,
    UseAssertion,
)
from chalicelib.units.model import Person, Post, System, UnitCertificate
from tests.contract.stores import Stores
from tests.fakes.ambient import NOON
from tests.fakes.records import ENTRY, ISSUER, TYPE, UNIT, record

pytestmark = pytest.mark.aws

SYSTEM = System("market", ISSUER, {"k": {"kty": "EC"}})
PERSON = Person("https://oidc.example.cn", "market.collector", ISSUER, "采·敏", frozenset({Post.COLLECTOR}))
X509 = UnitCertificate(ISSUER, "0a", "key", b"\x30\x00", NOON, NOON + timedelta(days=1095))
PUBLISHED = PublishedList("1-00", 1, "token", "ab", NOON, NOON + timedelta(hours=1))
SLOT = Slot("1-00", 7)


def entry(number: int = 1, obj: str = "object") -> Entry:
    name = entry_id(
        SystemEntropy(), NOON + timedelta(seconds=number)
    )  # a token of its own, whatever ran before
    return Entry(
        name, NOON, "status_generation_opened", obj, Actor(ISSUER, "collector", person="p"), "request"
    )


def reply(fingerprint: str = "f", request: str = "r") -> Reply:
    return Reply(request, fingerprint, 201, {"id": "x"}, NOON + timedelta(hours=24))


def test_a_commit_without_an_entry_cannot_be_made(stores: Stores) -> None:
    with pytest.raises((AssertionError, ValueError), match="no act without its entry"):
        stores.journal.commit([CreateCertificate(record())], [])
    assert stores.certificates.certificate(record().id) is None


def test_a_record_is_read_back_as_it_was_written(stores: Stores) -> None:
    stores.journal.commit([CreateCertificate(record())], [entry()])
    assert stores.certificates.certificate(record().id) == record()


def test_entries_of_an_object_are_read_back_oldest_first(stores: Stores) -> None:
    entries = [entry(number) for number in (3, 1, 2)]
    stores.journal.commit([], entries)
    stores.journal.commit([], [entry(4, "another")])
    assert stores.journal.history("object") == sorted(entries, key=lambda one: one.id)


def test_the_same_entry_is_not_written_twice(stores: Stores) -> None:
    first = entry()
    stores.journal.commit([], [first])
    with pytest.raises(Conflict):
        stores.journal.commit([OpenGeneration(2)], [replace(first, kind="crl_published")])
    assert [one.kind for one in stores.journal.history("object")] == ["status_generation_opened"]
    assert stores.statuses.generation() == 1


# Each change with what must stand before it, and what stands in its way: (before, change, in its way).
ONCE: Sequence[Change] = (
    CreateCertificate(record()),
    PutUnit(UNIT),
    PutSystem(SYSTEM),
    PutPerson(PERSON),
    PutUnitCertificate(X509),
    UseAssertion("market", "jti", NOON + timedelta(minutes=5)),
    PutCrl(1, b"\x30\x00"),
    AllotSlot(SLOT, "certificate"),
    PutPublishedList(PUBLISHED),
    OpenGeneration(2),
    PublishEntry(ENTRY),
    ListIssued(TYPE, date(2026, 6, 1), "certificate"),
)


@pytest.mark.parametrize("change", ONCE, ids=lambda change: type(change).__name__)
def test_what_is_new_can_be_made_once(stores: Stores, change: Change) -> None:
    stores.journal.commit([change], [entry(1)])
    with pytest.raises(ChangeRefused) as refused:
        stores.journal.commit([change], [entry(2)])
    assert refused.value.change == change
    assert len(stores.journal.history("object")) == 1


def test_a_number_belongs_to_one_serial_and_may_be_freed_by_it_alone(stores: Stores) -> None:
    stores.journal.commit([ReserveNumber("n", "mine")], [entry(1)])
    stores.journal.commit([ReserveNumber("n", "mine")], [entry(2)])  # an update keeps its number
    for change in (ReserveNumber("n", "other"), ReleaseNumber("n", "other")):
        with pytest.raises(ChangeRefused):
            stores.journal.commit([change], [entry(3)])
    stores.journal.commit([ReleaseNumber("n", "mine")], [entry(4)])
    stores.journal.commit([ReserveNumber("n", "other")], [entry(5)])


def test_what_was_issued_is_found_by_type_and_date_in_order_of_identifier(stores: Stores) -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1)]
    listed = [ListIssued(TYPE, day, f"{9 - number}-certificate") for number, day in enumerate(days)]
    stores.journal.commit([*listed, ListIssued("another", days[1], "stranger")], [entry(1)])

    def found(first: date, last: date) -> list[tuple[date, str]]:
        return list(stores.certificates.issued(TYPE, first, last))

    assert found(days[1], days[3]) == [(one.issue_date, one.certificate) for one in listed[3:0:-1]]
    assert found(days[0], days[0]) == [(days[0], "9-certificate")]
    assert found(date(2026, 1, 2), date(2026, 1, 30)) == found(days[3], days[1]) == []


def test_a_record_advances_from_the_revision_that_was_read(stores: Stores) -> None:
    before = record()
    after = replace(before, state=State.REVIEWED, revision=2)
    stores.journal.commit([CreateCertificate(before)], [entry(1)])
    stores.journal.commit([AdvanceCertificate(before, after)], [entry(2)])
    assert stores.certificates.certificate(before.id) == after
    with pytest.raises(ChangeRefused):
        stores.journal.commit([AdvanceCertificate(before, replace(after, state=State.REJECTED))], [entry(3)])
    assert stores.certificates.certificate(before.id) == after


def test_a_refused_change_takes_the_whole_transaction_with_it(stores: Stores) -> None:
    stores.journal.commit([AllotSlot(SLOT, "somebody")], [entry(1)])
    whole = [CreateCertificate(record()), AllotSlot(SLOT, record().id), ReserveNumber("n", "mine")]
    with pytest.raises(ChangeRefused) as refused:
        stores.journal.commit(whole, [entry(2)], reply())
    assert refused.value.change == whole[1]
    assert stores.certificates.certificate(record().id) is None
    assert stores.journal.reply_to("r") is None
    assert len(stores.journal.history("object")) == 1
    stores.journal.commit([ReserveNumber("n", "other")], [entry(3)])


@pytest.mark.parametrize(
    ("change", "other"),
    [
        (PutUnit(replace(UNIT, active=False), UNIT), PutUnit(UNIT, replace(UNIT, name="x"))),
        (PutSystem(replace(SYSTEM, active=False), SYSTEM), PutSystem(SYSTEM, replace(SYSTEM, unit="x"))),
        (PutPerson(replace(PERSON, active=False), PERSON), PutPerson(PERSON, replace(PERSON, name="x"))),
        (
            PutUnitCertificate(replace(X509, retired=True), X509),
            PutUnitCertificate(X509, replace(X509, key="x")),
        ),
        (RequireUnitCertificate(X509), RequireUnitCertificate(replace(X509, retired=True))),
    ],
    ids=lambda change: type(change).__name__,
)
def test_the_registry_changes_only_from_what_was_expected(
    stores: Stores, change: Change, other: Change
) -> None:
    made = [PutUnit(UNIT), PutSystem(SYSTEM), PutPerson(PERSON), PutUnitCertificate(X509)]
    stores.journal.commit(made, [entry(1)])
    with pytest.raises(ChangeRefused):
        stores.journal.commit([other], [entry(2)])
    stores.journal.commit([change], [entry(3)])


def test_the_registry_is_read_back(stores: Stores) -> None:
    made = [PutUnit(UNIT), PutSystem(SYSTEM), PutPerson(PERSON), PutUnitCertificate(X509)]
    stores.journal.commit(made, [entry(1)])
    registry = stores.registry
    assert registry.unit(ISSUER) == UNIT
    assert registry.system("market") == SYSTEM
    assert registry.person(PERSON.issuer, PERSON.subject) == PERSON
    assert registry.system_and_unit("market", ISSUER) == (SYSTEM, UNIT)
    assert registry.unit_and_certificates(ISSUER) == (UNIT, [X509])
    assert list(registry.certificates(ISSUER)) == list(registry.all_certificates()) == [X509]


def test_nothing_is_read_where_there_is_nothing(stores: Stores) -> None:
    registry, statuses = stores.registry, stores.statuses
    nothing: list[object] = [
        registry.unit(ISSUER),
        registry.system("market"),
        registry.person("i", "s"),
        registry.crl(),
    ]
    nothing += [stores.catalog.newest(TYPE), stores.catalog.version(TYPE, 1), statuses.published("1-00")]
    assert nothing == [None] * len(nothing)
    assert registry.system_and_unit("market", ISSUER) == (None, None)
    assert registry.unit_and_certificates(ISSUER) == (None, [])
    assert stores.catalog.page(None, 10) == ([], None)
    assert dict(statuses.deviations("1-00")) == {}
    assert not statuses.taken(SLOT)
    assert stores.journal.reply_to("r") is None


def test_crl_and_list_versions_rise_by_one(stores: Stores) -> None:
    stores.journal.commit([PutCrl(1, b"a"), PutPublishedList(PUBLISHED)], [entry(1)])
    second = replace(PUBLISHED, version=2, token="newer")
    stores.journal.commit([PutCrl(2, b"b"), PutPublishedList(second)], [entry(2)])
    for skipping in (PutCrl(4, b"c"), PutPublishedList(replace(second, version=4))):
        with pytest.raises(ChangeRefused):
            stores.journal.commit([skipping], [entry(3)])
    assert stores.registry.crl() == (2, b"b")
    assert stores.statuses.published("1-00") == second


def test_a_catalog_version_follows_the_one_before_it_and_both_stay(stores: Stores) -> None:
    second = replace(ENTRY, version=2, name_zh="食品经营许可证(新版)")
    with pytest.raises(ChangeRefused):
        stores.journal.commit([PublishEntry(second)], [entry(1)])
    stores.journal.commit([PublishEntry(ENTRY)], [entry(2)])
    stores.journal.commit([PublishEntry(second)], [entry(3)])
    assert stores.catalog.newest(TYPE) == second
    assert stores.catalog.version(TYPE, 1) == ENTRY
    assert stores.catalog.version(TYPE, 2) == second
    assert stores.catalog.version(TYPE, 3) is None


def test_the_catalog_is_paged_in_the_order_of_codes(stores: Stores) -> None:
    codes = [f"{ISSUER}{number:03d}" for number in range(1, 6)]
    for number, code in enumerate(codes):
        stores.journal.commit([PublishEntry(replace(ENTRY, type_code=code))], [entry(number)])
    seen: list[str] = []
    after: str | None = None
    for _ in codes:
        entries, after = stores.catalog.page(after, 2)
        seen += [one.type_code for one in entries]
        if after is None:
            break
    assert seen == codes


def test_a_list_stores_what_differs_from_valid(stores: Stores) -> None:
    def put(index: int, status: Status, number: int) -> None:
        stores.journal.commit([SetStatus(Slot("1-00", index), status)], [entry(number)])

    put(7, Status.REVOKED, 1)
    put(131_071, Status.SUSPENDED, 2)
    put(9, Status.SUSPENDED, 3)
    put(9, Status.VALID, 4)
    put(10, Status.VALID, 5)
    assert dict(stores.statuses.deviations("1-00")) == {7: Status.REVOKED, 131_071: Status.SUSPENDED}
    assert dict(stores.statuses.deviations("1-01")) == {}


def test_slots_and_generations_are_known_once_given(stores: Stores) -> None:
    stores.journal.commit([AllotSlot(SLOT, "c"), OpenGeneration(2)], [entry(1)])
    assert stores.statuses.taken(SLOT)
    assert not stores.statuses.taken(Slot("1-00", 8))
    assert stores.statuses.generation() == 2
    assert {name.partition("-")[0] for name in stores.statuses.list_ids()} == {"1", "2"}


def test_a_reply_is_kept_once_until_it_expires(stores: Stores) -> None:
    stores.journal.commit([], [entry(1)], reply("first"))
    with pytest.raises(ChangeRefused) as refused:
        stores.journal.commit([], [entry(2)], reply("second"))
    assert refused.value.change == reply("second")
    assert stores.journal.reply_to("r") == reply("first")
    stores.clock.advance(hours=25)
    later = replace(reply("second"), expires_at=stores.clock.now() + timedelta(hours=24))
    stores.journal.commit([], [entry(3)], later)
    assert stores.journal.reply_to("r") == later


def race(runners: Sequence[Callable[[], None]]) -> list[bool]:
    """Run all at once; True for each that committed."""
    won, gate = [False] * len(runners), threading.Barrier(len(runners))

    def run(number: int) -> None:
        gate.wait()
        try:
            runners[number]()
            won[number] = True
        except Conflict:
            pass

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(runners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def test_of_sixteen_who_advance_the_same_revision_one_wins(stores: Stores) -> None:
    before = record()
    stores.journal.commit([CreateCertificate(before)], [entry(0)])

    def advance(number: int) -> None:
        after = replace(before, revision=2, comment=str(number))
        stores.journal.commit([AdvanceCertificate(before, after)], [entry(number)])

    won = race([lambda number=number: advance(number) for number in range(1, 17)])  # type: ignore[misc]  # bound now
    assert won.count(True) == 1
    after = stores.certificates.certificate(before.id)
    assert after is not None
    assert after.comment == str(won.index(True) + 1)
    assert len(stores.journal.history("object")) == 2
