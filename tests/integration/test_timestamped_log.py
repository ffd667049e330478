"""Each day's last checkpoint under an RFC 3161 timestamp, from an authority over HTTP, or none when there is none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.adapters.rfc3161_authority import Rfc3161Authority, verify_timestamp
from chalicelib.audit.anchors import AnchorUnavailable
from chalicelib.audit.sealing import LogDamaged
from chalicelib.jobs.sealing import on_day_end
from chalicelib.kernel.encoding import sha256
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.seal_log import seal_log
from chalicelib.usecases.timestamp_log import timestamp_log
from tests.fakes.city import City
from tests.fakes.mortal import Killed, Life, dying
from tests.fakes.timestamping import LocalTimestamps
from tests.integration.test_cosigned_log import city, keys, store

pytestmark = pytest.mark.needs_openssl
__all__ = ["city"]  # a fixture

DAY = date(2026, 6, 1)  # the city's first
PATH = "timestamps/date=2026-06-01.tsr"


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> LocalTimestamps:
    return LocalTimestamps(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def platform(city: City, tsa: LocalTimestamps) -> Iterator[Platform]:
    """The city's, with the authority configured."""
    with tsa.serving() as url:
        yield under(city, url, tsa)


def under(city: City, url: str, tsa: LocalTimestamps) -> Platform:
    authority = Rfc3161Authority(url, [tsa.root], timeout=5)
    return replace(city.platform, log=replace(city.platform.log, timestamps=authority))


def proves(city: City, tsa: LocalTimestamps, checkpoint: str) -> bool:
    """Whether the day's timestamp is of that checkpoint as it is locked."""
    digest = sha256(store(city).locked[checkpoint])
    try:
        verify_timestamp(store(city).locked[PATH], digest, [tsa.root])
    except ValueError:
        return False
    return tsa.accepts(store(city).locked[PATH], digest)


def test_the_last_checkpoint_of_the_day_that_ended_is_stamped_once(
    city: City, platform: Platform, tsa: LocalTimestamps
) -> None:
    seal_log(platform, keys(city, 3))
    seal_log(platform, keys(city, 2))
    city.clock.advance(hours=12)  # midnight in Shenzhen
    seal_log(platform, keys(city, 1))
    asked = len(tsa.queries)
    assert on_day_end(platform) == PATH
    assert proves(city, tsa, "checkpoints/000000000005")
    assert not proves(city, tsa, "checkpoints/000000000003")
    assert not proves(city, tsa, "checkpoints/000000000006")
    head = platform.log.outbox.head()
    assert head is not None
    assert store(city).retentions[PATH] == head.retention
    first = store(city).locked[PATH]
    assert on_day_end(platform) == PATH
    assert store(city).locked[PATH] == first
    assert len(tsa.queries) == asked + 1


def test_a_day_on_which_nothing_was_sealed_has_none(city: City, platform: Platform) -> None:
    assert on_day_end(platform) is None  # nothing was ever sealed
    seal_log(platform, keys(city, 3))
    assert on_day_end(platform) is None  # that was today
    city.clock.advance(hours=48)
    assert on_day_end(platform) is None
    assert timestamp_log(platform, DAY) == PATH


def test_without_an_authority_nothing_happens(city: City) -> None:
    seal_log(city.platform, keys(city, 3))
    city.clock.advance(hours=24)
    puts = store(city).puts
    assert on_day_end(city.platform) is timestamp_log(city.platform, DAY) is None
    assert store(city).puts == puts


def test_a_checkpoint_left_pending_may_be_the_days_last(
    city: City, platform: Platform, tsa: LocalTimestamps
) -> None:
    seal_log(platform, keys(city, 3))
    with pytest.raises(Killed):
        seal_log(replace(platform, log=dying(platform.log, Life(5))), keys(city, 2))
    city.clock.advance(hours=24)
    assert timestamp_log(replace(platform, log=replace(platform.log, timestamps=None)), DAY) is None
    assert on_day_end(platform) == PATH
    assert proves(city, tsa, "checkpoints/000000000005")


def test_beside_a_pending_checkpoint_the_settled_one_is_stamped(
    city: City, platform: Platform, tsa: LocalTimestamps
) -> None:
    seal_log(platform, keys(city, 3))
    with pytest.raises(Killed):
        seal_log(replace(platform, log=dying(platform.log, Life(5))), keys(city, 2))
    assert timestamp_log(platform, DAY) == PATH
    assert proves(city, tsa, "checkpoints/000000000003")


def test_an_authority_that_is_down_is_asked_again(
    city: City, platform: Platform, tsa: LocalTimestamps
) -> None:
    seal_log(platform, keys(city, 3))
    city.clock.advance(hours=24)
    with pytest.raises(AnchorUnavailable):
        on_day_end(under(city, "http://127.0.0.1:1/tsr", tsa))
    assert PATH not in store(city).locked
    assert on_day_end(platform) == PATH
    assert proves(city, tsa, "checkpoints/000000000003")


def test_a_checkpoint_that_is_gone_is_an_alarm(city: City, platform: Platform) -> None:
    seal_log(platform, keys(city, 3))
    del store(city).locked["checkpoints/000000000003"]
    with pytest.raises(LogDamaged):
        timestamp_log(platform, DAY)
    assert PATH not in store(city).locked
