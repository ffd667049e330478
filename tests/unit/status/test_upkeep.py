"""Refreshing, archiving, and the jobs that call them: what heals, and what one list's trouble does to the others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.audit.retention import Retention
from chalicelib.jobs.publishing import on_daily, on_schedule, on_status_change
from chalicelib.kernel.clock import SHANGHAI
from chalicelib.kernel.encoding import sha256
from chalicelib.kernel.errors import DomainError
from chalicelib.status.allotment import list_ids
from chalicelib.status.changes import AllotSlot, OpenGeneration, SetStatus
from chalicelib.status.model import Slot, Status
from chalicelib.status.packing import packed
from chalicelib.status.token import packed_in
from chalicelib.usecases.archive_status_lists import archive_status_lists
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import publish_status_list
from chalicelib.usecases.refresh_status_lists import refresh_status_lists
from tests.fakes.city import OFFICE, City
from tests.fakes.interrupted import interrupted

ILL = "1-03"
LISTS = list_ids(1)
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI).astimezone(UTC)  # as a clock says it


def put(city: City, list_id: str, index: int, status: Status = Status.REVOKED) -> None:
    log = OFFICE.entry(city.platform, "status_generation_opened", f"slot/{list_id}/{index}")
    city.store.commit([SetStatus(Slot(list_id, index), status)], [log])


def up_to_date(city: City, list_id: str) -> bool:
    published = city.store.published(list_id)
    return published is not None and packed_in(published.token) == packed(city.store.deviations(list_id))


def ailing(city: City, trouble: Exception, port: str = "deviations") -> Platform:
    """The platform whose store raises when it is asked about one list."""

    def fail(list_id: str) -> None:
        if list_id == ILL:
            raise trouble

    return replace(city.platform, statuses=interrupted(city.store, port, before=fail))


def archived(city: City) -> dict[str, bytes]:
    return {key: body for key, (body, _) in city.archive.objects.items() if key.startswith("status-lists/")}


def logged(city: City, kind: str) -> list[str]:
    return [entry.object for entry in city.store.entries if entry.kind == kind]


# -- refreshing


def test_a_fresh_stage_has_all_lists_after_one_refresh(city: City) -> None:
    refresh_status_lists(city.platform)
    assert all(up_to_date(city, list_id) for list_id in LISTS)
    assert len(logged(city, "status_list_published")) == len(LISTS) == 16


def test_a_refresh_with_nothing_to_do_does_nothing(city: City) -> None:
    refresh_status_lists(city.platform)
    signatures, entries = city.signer.signatures, len(city.store.entries)
    city.clock.advance(minutes=29)
    refresh_status_lists(city.platform)
    assert (city.signer.signatures, len(city.store.entries)) == (signatures, entries)


def test_a_lost_stream_record_is_healed_and_only_its_list_is_signed(city: City) -> None:
    refresh_status_lists(city.platform)
    put(city, "1-09", 77)  # and the stream says nothing
    assert not up_to_date(city, "1-09")
    signatures = city.signer.signatures
    refresh_status_lists(city.platform)
    assert up_to_date(city, "1-09")
    assert city.signer.signatures == signatures + 1


def test_refreshed_every_five_minutes_no_list_is_ever_within_twenty_five_of_its_end(city: City) -> None:
    city.clock.moment = NEW_YEARS_EVE
    for _ in range(40):
        refresh_status_lists(city.platform)
        city.clock.advance(minutes=5)  # the last moment before the next turn
        ends = [published.expires_at for name in LISTS if (published := city.store.published(name))]
        assert len(ends) == len(LISTS)
        assert (min(ends) - city.clock.now()).total_seconds() >= 25 * 60
    assert {entry.count("/") for entry in logged(city, "status_list_published")} == {1}
    assert len(logged(city, "status_list_published")) == len(LISTS) * 7  # once in half an hour


def test_lists_of_every_generation_are_kept(city: City) -> None:
    city.store.commit(
        [OpenGeneration(2)], [OFFICE.entry(city.platform, "status_generation_opened", "status-generation/2")]
    )
    refresh_status_lists(city.platform)
    assert all(up_to_date(city, list_id) for list_id in LISTS + list_ids(2))


@pytest.mark.parametrize("trouble", [DomainError("signing_service_unavailable"), TimeoutError("no answer")])
def test_one_lists_trouble_does_not_hold_up_the_others_and_is_named(city: City, trouble: Exception) -> None:
    with pytest.raises(DomainError, match="lists_not_refreshed") as refusal:
        refresh_status_lists(ailing(city, trouble))
    assert refusal.value.facts == (ILL,)
    assert isinstance(refusal.value.__cause__, ExceptionGroup)
    assert refusal.value.__cause__.exceptions == (trouble,)
    assert {list_id for list_id in LISTS if not up_to_date(city, list_id)} == {ILL}
    refresh_status_lists(city.platform)
    assert up_to_date(city, ILL)


# -- archiving


def test_each_list_is_archived_once_a_day_with_its_digest_in_the_log(city: City) -> None:
    put(city, ILL, 5)
    refresh_status_lists(city.platform)
    archive_status_lists(city.platform)
    published = city.store.published(ILL)
    assert published is not None
    assert archived(city).keys() == {f"status-lists/2026-06-01/{list_id}.jwt" for list_id in LISTS}
    assert archived(city)[f"status-lists/2026-06-01/{ILL}.jwt"] == published.token.encode()
    entry = city.store.history(f"status-list-day/{ILL}/2026-06-01")[0]
    assert entry.kind == "status_list_archived"
    assert entry.details == {"sha256": published.digest, "key": f"status-lists/2026-06-01/{ILL}.jwt"}
    assert city.archive.objects[f"status-lists/2026-06-01/{ILL}.jwt"][1] == Retention.least(city.clock.now())


def test_a_second_run_of_the_day_changes_nothing(city: City) -> None:
    refresh_status_lists(city.platform)
    archive_status_lists(city.platform)
    first, entries = archived(city), len(city.store.entries)
    put(city, ILL, 5)
    publish_status_list(city.platform, ILL)
    archive_status_lists(city.platform)
    assert archived(city) == first
    assert len(city.store.entries) == entries + 2  # the change and its publication


def test_the_day_is_shenzhens_and_the_year_turns_with_it(city: City) -> None:
    city.clock.moment = NEW_YEARS_EVE
    refresh_status_lists(city.platform)
    archive_status_lists(city.platform)
    city.clock.advance(seconds=1)
    archive_status_lists(city.platform)
    days = sorted({key.split("/")[1] for key in archived(city)})
    assert days == ["2026-12-31", "2027-01-01"]
    assert len(logged(city, "status_list_archived")) == 2 * len(LISTS)


class Killed(BaseException):
    """The process is gone."""


def mortal(city: City, port: str, moment: str) -> Platform:
    """The platform of an archiver that dies at its first put or commit, before or after that persisted."""

    def die(*_: object) -> None:
        raise Killed

    before, after = (die, None) if moment == "before" else (None, die)
    if port == "archive":
        return replace(city.platform, archive=interrupted(city.archive, "put", before=before, after=after))
    return replace(city.platform, journal=interrupted(city.store, "commit", before=before, after=after))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("port", ["archive", "journal"])
def test_an_archiver_that_dies_anywhere_is_finished_by_its_rerun(city: City, port: str, moment: str) -> None:
    refresh_status_lists(city.platform)
    with pytest.raises(Killed):
        archive_status_lists(mortal(city, port, moment))
    city.clock.advance(minutes=45)
    refresh_status_lists(city.platform)  # another token stands by now
    archive_status_lists(city.platform)
    entries = [entry for entry in city.store.entries if entry.kind == "status_list_archived"]
    assert sorted(entry.object for entry in entries) == [
        f"status-list-day/{name}/2026-06-01" for name in LISTS
    ]
    for entry in entries:  # each logged digest is that of the bytes which are locked, whoever put them there
        assert entry.details["sha256"] == sha256(archived(city)[str(entry.details["key"])]).hex()


def test_a_list_that_was_never_published_is_named_and_the_others_are_archived(city: City) -> None:
    for list_id in LISTS:
        if list_id != ILL:
            publish_status_list(city.platform, list_id)
    with pytest.raises(DomainError, match="lists_not_archived") as refusal:
        archive_status_lists(city.platform)
    assert refusal.value.facts == (ILL,)
    assert len(archived(city)) == len(LISTS) - 1


def test_one_lists_trouble_does_not_hold_up_the_archiving_of_the_others(city: City) -> None:
    refresh_status_lists(city.platform)
    with pytest.raises(DomainError, match="lists_not_archived") as refusal:
        archive_status_lists(ailing(city, TimeoutError("no answer"), "published"))
    assert (refusal.value.facts, len(archived(city))) == ((ILL,), len(LISTS) - 1)
    archive_status_lists(city.platform)
    assert len(archived(city)) == len(logged(city, "status_list_archived")) == len(LISTS)


# -- the jobs


def record(pk: str, sk: str, number: int) -> dict[str, object]:
    """A stream record as DynamoDB sends it with KEYS_ONLY."""
    keys = {"pk": {"S": pk}, "sk": {"S": sk}}
    return {
        "eventName": "MODIFY",
        "dynamodb": {"Keys": keys, "SequenceNumber": str(number), "StreamViewType": "KEYS_ONLY"},
    }


def test_a_changed_value_publishes_its_list_once_a_batch(city: City) -> None:
    for index in range(5):
        put(city, "1-02", index)
    answer = on_status_change(
        city.platform, [record("list#1-02", f"value#{index:06d}", index) for index in range(5)]
    )
    assert answer == {"batchItemFailures": []}
    assert logged(city, "status_list_published") == ["status-list/1-02"]
    assert up_to_date(city, "1-02")


@pytest.mark.parametrize(
    ("pk", "sk"),
    [
        ("list#1-02", "published"),
        ("slot#1-02#000005", "slot"),
        ("slot#list#1-02", "value#000005"),
        ("generation", "generation"),
    ],
)
def test_no_other_record_publishes(city: City, pk: str, sk: str) -> None:
    city.store.commit(
        [AllotSlot(Slot("1-02", 5), "c")], [OFFICE.entry(city.platform, "status_generation_opened", "slot")]
    )
    assert on_status_change(city.platform, [record(pk, sk, 1)]) == {"batchItemFailures": []}
    assert logged(city, "status_list_published") == []


@pytest.mark.parametrize("trouble", [DomainError("signing_service_unavailable"), TimeoutError("no answer")])
def test_of_a_list_that_fails_only_its_own_records_come_again(city: City, trouble: Exception) -> None:
    records = [
        record(f"list#{name}", "value#000001", n) for n, name in enumerate(["1-02", ILL, "1-05", ILL], 100)
    ]
    for name in ("1-02", ILL, "1-05"):
        put(city, name, 1)
    answer = on_status_change(ailing(city, trouble), records)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "101"}, {"itemIdentifier": "103"}]}
    assert [up_to_date(city, name) for name in ("1-02", ILL, "1-05")] == [True, False, True]
    again = [one for one, number in zip(records, range(100, 104), strict=True) if number in (101, 103)]
    assert on_status_change(city.platform, again) == {"batchItemFailures": []}
    assert up_to_date(city, ILL)


def test_an_opened_generation_has_its_lists_at_once(city: City) -> None:
    city.store.commit(
        [OpenGeneration(2)], [OFFICE.entry(city.platform, "status_generation_opened", "status-generation/2")]
    )
    answer = on_status_change(city.platform, [record("lists", "000002", 1)])
    assert answer == {"batchItemFailures": []}
    assert all(up_to_date(city, list_id) for list_id in list_ids(2))


def test_a_generation_whose_lists_cannot_be_published_comes_again(city: City) -> None:
    answer = on_status_change(ailing(city, TimeoutError()), [record("lists", "000002", 1)])
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_the_schedule_refreshes(city: City) -> None:
    on_schedule(city.platform)
    assert all(up_to_date(city, list_id) for list_id in LISTS)


def test_the_day_refreshes_and_archives(city: City) -> None:
    on_daily(city.platform)
    assert len(archived(city)) == len(LISTS)


def test_what_cannot_be_refreshed_is_archived_as_it_stands_and_reported(city: City) -> None:
    on_daily(city.platform)
    city.clock.advance(days=1)
    with pytest.raises(DomainError, match="lists_not_refreshed"):
        on_daily(ailing(city, TimeoutError()))
    assert len(archived(city)) == 2 * len(LISTS)
