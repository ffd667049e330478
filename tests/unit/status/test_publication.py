"""Publishing: what is signed, when, and what two publishers make of one list."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.journal import ChangeRefused
from chalicelib.certificates.life_cycle import LISTED
from chalicelib.certificates.model import State
from chalicelib.kernel.clock import SHANGHAI
from chalicelib.kernel.encoding import sha256, unb64url
from chalicelib.kernel.errors import DomainError
from chalicelib.status.changes import SetStatus
from chalicelib.status.model import PublishedList, Slot, Status
from chalicelib.status.packing import packed
from chalicelib.status.token import packed_in
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_status_list import ATTEMPTS, publish_status_list
from chalicelib.usecases.revoke_certificate import revoke_certificate
from tests.fakes.city import OFFICE, City
from tests.fakes.interrupted import interrupted, once

LIST = "1-07"
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI).astimezone(UTC)  # as a clock says it
MINUTES = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)


def put(city: City, index: int, status: Status = Status.REVOKED) -> None:
    """A value changes, as the life cycle's use cases change it."""
    log = OFFICE.entry(city.platform, "status_generation_opened", f"slot/{index}")
    city.store.commit([SetStatus(Slot(LIST, index), status)], [log])


def publications(city: City) -> list[Entry]:
    return [entry for entry in city.store.entries if entry.kind == "status_list_published"]


def standing(city: City) -> PublishedList:
    found = city.store.published(LIST)
    assert found is not None
    return found


def says(published: PublishedList) -> dict[int, Status]:
    """What a reader finds in the token."""
    array = packed_in(published.token)
    values = {index: array[index // 4] >> index % 4 * 2 & 3 for index in range(131_072) if array[index // 4]}
    return {index: Status(value) for index, value in values.items() if value}


def iat(published: PublishedList) -> int:
    return int(json.loads(unb64url(published.token.split(".")[1]))["iat"])


def test_the_first_publication_says_all_valid(city: City) -> None:
    published = publish_status_list(city.platform, LIST)
    assert published == standing(city)
    assert (published.version, says(published)) == (1, {})
    assert published.expires_at - published.issued_at == timedelta(hours=1)


def test_a_revoked_certificate_is_listed_at_its_slot(city: City) -> None:
    identifier = city.issued()
    record = city.store.certificate(identifier)
    assert record is not None
    assert record.slot is not None
    before = publish_status_list(city.platform, record.slot.list_id)
    revoke_certificate(city.platform, city.act("market.signer"), identifier, "注销")
    after = publish_status_list(city.platform, record.slot.list_id)
    assert (says(before), says(after)) == ({}, {record.slot.index: LISTED[State.REVOKED]})


def test_the_log_has_version_digest_and_counts_of_what_was_published(city: City) -> None:
    for index, status in enumerate((Status.REVOKED, Status.REVOKED, Status.SUSPENDED)):
        put(city, index, status)
    published = publish_status_list(city.platform, LIST)
    entry = publications(city)[-1]
    assert entry.object == f"status-list/{LIST}"
    assert entry.actor == Actor("platform", "system", system="publisher")
    assert entry.details == {
        "version": 1,
        "sha256": sha256(published.token.encode()).hex(),
        "counts": {"revoked": 2, "suspended": 1, "objection_pending": 0},
    }


def test_what_is_published_already_is_not_signed_again(city: City) -> None:
    put(city, 5)
    published, signatures = publish_status_list(city.platform, LIST), city.signer.signatures
    city.clock.advance(minutes=29)
    assert publish_status_list(city.platform, LIST) == published
    assert (city.signer.signatures, len(publications(city))) == (signatures, 1)


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.VALID])
def test_any_change_of_a_value_makes_the_next_version(city: City, status: Status) -> None:
    put(city, 5)
    publish_status_list(city.platform, LIST)
    put(city, 5, status)
    published = publish_status_list(city.platform, LIST)
    assert published.version == 2
    assert says(published) == ({5: status} if status else {})


def test_a_change_and_its_opposite_before_anybody_looked_sign_nothing(city: City) -> None:
    publish_status_list(city.platform, LIST)
    put(city, 5, Status.SUSPENDED)
    put(city, 5, Status.VALID)
    assert publish_status_list(city.platform, LIST).version == 1


@pytest.mark.parametrize(
    ("later", "version"),
    [(30 * MINUTES - INSTANT, 1), (30 * MINUTES, 2), (60 * MINUTES, 2), (timedelta(days=40), 2)],
)
def test_a_list_is_renewed_from_half_an_hour_before_its_end(
    city: City, later: timedelta, version: int
) -> None:
    city.clock.moment = NEW_YEARS_EVE
    publish_status_list(city.platform, LIST)
    city.clock.moment += later
    published = publish_status_list(city.platform, LIST)
    assert published.version == version
    assert published.expires_at - city.clock.moment > 30 * MINUTES


def test_the_loser_returns_the_winners_list_when_it_says_the_same(city: City) -> None:
    put(city, 5)
    winner: list[PublishedList] = []
    rival = once(lambda: winner.append(publish_status_list(city.platform, LIST)))
    loser = publish_status_list(watching(city, "commit", rival), LIST)
    assert loser == winner[0] == standing(city)
    assert [entry.details["version"] for entry in publications(city)] == [1]


def test_the_loser_publishes_again_when_the_winner_had_read_before_its_change(city: City) -> None:
    publish_status_list(city.platform, LIST)
    put(city, 5)

    def rival() -> None:
        """Publishes what it read before somebody changed index 6."""
        changing = interrupted(city.store, "deviations", after=once(lambda: put(city, 6)))
        publish_status_list(replace(city.platform, statuses=changing), LIST)
        assert says(standing(city)) == {5: Status.REVOKED}

    published = publish_status_list(watching(city, "commit", once(rival)), LIST)
    assert published == standing(city)
    assert (published.version, says(published)) == (3, {5: Status.REVOKED, 6: Status.REVOKED})


def watching(city: City, name: str, act: object) -> Platform:
    """The platform of one publisher, at whose first `name` of the journal something else happens first."""
    assert callable(act)
    return replace(city.platform, journal=interrupted(city.store, name, before=act))


@pytest.mark.parametrize("read", ["published", "deviations"])
def test_what_a_rival_published_between_two_reads_is_never_taken_back(city: City, read: str) -> None:
    publish_status_list(city.platform, LIST)
    put(city, 5)

    def rival() -> None:
        put(city, 6)
        publish_status_list(city.platform, LIST)

    statuses = interrupted(city.store, read, after=once(rival))
    publish_status_list(replace(city.platform, statuses=statuses), LIST)
    assert says(standing(city)) == {5: Status.REVOKED, 6: Status.REVOKED}


def test_a_change_after_the_read_is_not_claimed_to_be_known(city: City) -> None:
    def a_minute_passes_and_a_value_changes() -> None:
        city.clock.advance(minutes=1)
        put(city, 6)

    changing = interrupted(city.store, "deviations", after=once(a_minute_passes_and_a_value_changes))
    before = city.clock.now()
    published = publish_status_list(replace(city.platform, statuses=changing), LIST)
    assert says(published) == {}
    assert iat(published) == int(before.timestamp())  # not the minute after, when index 6 was revoked
    assert says(publish_status_list(city.platform, LIST)) == {6: Status.REVOKED}


def test_who_loses_every_time_gives_up_and_says_so(city: City) -> None:
    numbers = iter(range(1000))

    def rival(*_: object) -> None:
        """Publishes, and yet another value changes: what the rival published never says it all."""
        publish_status_list(city.platform, LIST)
        put(city, next(numbers))

    with pytest.raises(ChangeRefused):
        publish_status_list(watching(city, "commit", rival), LIST)
    assert len(publications(city)) == ATTEMPTS  # all of them the rival's
    assert says(publish_status_list(city.platform, LIST)).keys() == set(range(ATTEMPTS))


def test_many_publishers_and_many_changes_at_once_lose_none(city: City) -> None:
    barrier, troubles = Barrier(8), list[BaseException]()

    def change_and_publish(number: int) -> None:
        barrier.wait()
        try:
            for index in range(number * 4, number * 4 + 4):
                put(city, index)
                published = publish_status_list(city.platform, LIST)
                assert says(published)[index] is Status.REVOKED
        except ChangeRefused:
            pass  # lost eight times in a row: the stream would bring the record again
        except BaseException as error:  # noqa: BLE001  # a thread's failure is the test's
            troubles.append(error)

    threads = [Thread(target=change_and_publish, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    publish_status_list(city.platform, LIST)
    assert packed_in(standing(city).token) == packed(city.store.deviations(LIST))
    versions = [entry.details["version"] for entry in publications(city)]
    assert versions == list(range(1, len(versions) + 1))


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_publisher_that_dies_at_its_commit_leaves_nothing_or_everything(city: City, moment: str) -> None:
    def die(*_: object) -> None:
        raise Killed

    hooks = {"before": die} if moment == "before" else {"after": die}
    mortal = replace(city.platform, journal=interrupted(city.store, "commit", **hooks))
    put(city, 5)
    with pytest.raises(Killed):
        publish_status_list(mortal, LIST)
    assert len(publications(city)) == (city.store.published(LIST) is not None) == (moment == "after")
    published = publish_status_list(city.platform, LIST)
    assert (published.version, says(published), len(publications(city))) == (1, {5: Status.REVOKED}, 1)


def test_without_its_key_nothing_is_published_and_nothing_logged(city: City) -> None:
    city.signer.disabled.add("status-key")
    with pytest.raises(DomainError, match="signing_key_unavailable"):
        publish_status_list(city.platform, LIST)
    assert (city.store.published(LIST), publications(city)) == (None, [])
    city.signer.disabled.clear()
    assert publish_status_list(city.platform, LIST).version == 1


def test_before_the_stage_is_established_there_is_nobody_to_sign(city: City) -> None:
    city.store.rows = {key: row for key, row in city.store.rows.items() if key[:2] != ("x509", "platform")}
    with pytest.raises(DomainError, match="stage_not_established"):
        publish_status_list(city.platform, LIST)
    assert publications(city) == []
