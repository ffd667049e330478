"""Revocation and its list through the use cases, over fakes; and the whole life, killed at each write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from cryptography import x509

from chalicelib.audit.entry import Entry
from chalicelib.audit.journal import Change, ChangeRefused, Reply
from chalicelib.kernel.errors import Invalid, NotFound, Refused
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, STATUS, is_root
from chalicelib.usecases.certify_platform_key import certify_platform_key
from chalicelib.usecases.certify_unit_key import certify_unit_key
from chalicelib.usecases.establish_root import establish_root
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.publish_crl import publish_crl
from chalicelib.usecases.revoke_unit_certificate import revoke_unit_certificate
from chalicelib.usecases.rotate_unit_certificate import rotate_unit_certificate
from tests.fakes.city import OFFICE, UNIT_KEY, City, found_city
from tests.fakes.in_memory import InMemoryStore
from tests.fakes.records import ISSUER, OTHER_UNIT, UNIT
from tests.integration.x509_acts import listed, of_unit, over, refused, revoke


@pytest.fixture
def city() -> City:
    return found_city()


# -- revocation


def test_a_revoked_certificate_signs_no_more_and_stands_on_the_list(city: City) -> None:
    one = of_unit(city)
    revoked = revoke(city, ISSUER, one.serial, "cessationOfOperation")
    assert revoked == replace(
        one, revoked_at=revoked.revoked_at, revocation_reason="cessationOfOperation", retired=True
    )
    assert revoked.revoked_at is not None
    assert one.not_before < revoked.revoked_at < city.clock.now()
    assert [revoked] == city.store.certificates(ISSUER)
    refused(Refused, "no_signing_certificate", lambda: of_unit(city))
    assert listed(city) == {}
    assert publish_crl(city.platform, OFFICE) == 2
    assert listed(city) == {one.serial: "cessationOfOperation"}


def test_revoking_again_changes_nothing(city: City) -> None:
    one = of_unit(city)
    first = revoke(city, ISSUER, one.serial)
    entries = len(city.store.entries)
    city.clock.advance(hours=1)
    for reason in ("superseded", "privilegeWithdrawn"):
        assert revoke(city, ISSUER, one.serial, reason) == first
    assert len(city.store.entries) == entries


def test_a_compromised_key_takes_every_certificate_on_it_along(city: City) -> None:
    first = revoke(city, ISSUER, of_unit(city).serial)
    city.clock.advance(days=1)
    second = certify_unit_key(city.platform, OFFICE, ISSUER, UNIT_KEY)
    other = rotate_unit_certificate(city.platform, OFFICE, ISSUER, "unit-key-2")
    compromised = revoke(city, ISSUER, second.serial, "keyCompromise")
    publish_crl(city.platform, OFFICE)
    assert listed(city) == {first.serial: "keyCompromise", second.serial: "keyCompromise"}
    assert of_unit(city) == other
    assert {one.serial: one.revoked_at for one in city.store.certificates(ISSUER)} == {
        first.serial: first.revoked_at,  # since when stays; why has become worse
        second.serial: compromised.revoked_at,
        other.serial: None,
    }


def test_a_compromise_told_twice_or_played_down_changes_nothing(city: City) -> None:
    compromised = revoke(city, ISSUER, of_unit(city).serial, "keyCompromise")
    entries = len(city.store.entries)
    for reason in ("keyCompromise", "superseded"):
        assert revoke(city, ISSUER, compromised.serial, reason) == compromised
    assert len(city.store.entries) == entries


@pytest.mark.parametrize("act", [certify_unit_key, rotate_unit_certificate])
def test_a_compromised_key_is_never_certified_again(city: City, act: Callable[..., UnitCertificate]) -> None:
    revoke(city, ISSUER, of_unit(city).serial, "keyCompromise")
    refused(Refused, "key_compromised", lambda: act(city.platform, OFFICE, ISSUER, UNIT_KEY))
    assert act(city.platform, OFFICE, ISSUER, "unit-key-2") == of_unit(city)


@pytest.mark.parametrize("reason", ["certificateHold", "removeFromCRL", "cACompromise", "unspecified", ""])
def test_a_reason_that_does_not_befall_a_leaf_is_refused(city: City, reason: str) -> None:
    one = of_unit(city)
    refused(Invalid, "unknown_reason", lambda: revoke(city, ISSUER, one.serial, reason))
    assert of_unit(city) == one


def test_what_is_not_there_and_the_root_cannot_be_revoked(city: City) -> None:
    one, root, entries = of_unit(city), establish_root(city.platform, OFFICE), len(city.store.entries)
    refused(NotFound, "not_found", lambda: revoke(city, ISSUER, "00"))
    refused(NotFound, "not_found", lambda: revoke(city, OTHER_UNIT, one.serial))
    refused(Refused, "root_not_revocable", lambda: revoke(city, PLATFORM, root.serial))
    assert len(city.store.entries) == entries
    assert revoke(city, ISSUER, one.serial).revoked_at is not None


# -- the list


def test_the_list_is_published_anew_each_day_and_not_before(city: City) -> None:
    signatures = city.signer.signatures
    city.clock.advance(hours=19, minutes=59)
    assert publish_crl(city.platform, OFFICE) == 1
    assert city.signer.signatures == signatures
    city.clock.advance(minutes=1)
    assert publish_crl(city.platform, OFFICE) == 2
    assert city.signer.signatures == signatures + 1


class Behind(InMemoryStore):
    """Shows the list as it was before the last `lag` publications, once for each."""

    lag = 0

    def crl(self) -> tuple[int, bytes] | None:
        self.lag -= 1
        return None if self.lag >= 0 else super().crl()


def test_a_publisher_that_was_overtaken_looks_again(city: City) -> None:
    one = of_unit(city)
    revoke(city, ISSUER, one.serial)
    store = Behind(city.clock.now, city.store.rows, city.store.entries)
    store.lag = 1
    assert publish_crl(over(city, store), OFFICE) == 2
    assert listed(city) == {one.serial: "superseded"}


def test_a_publisher_that_is_always_overtaken_gives_up(city: City) -> None:
    store = Behind(city.clock.now, city.store.rows, city.store.entries)
    store.lag = 1000
    with pytest.raises(ChangeRefused):
        publish_crl(over(city, store), OFFICE)
    assert [one.kind for one in city.store.entries].count("crl_published") == 1


# -- crashes


class Crash(Exception):  # no error of ours: the process is gone
    """The process is killed here."""


@dataclass
class Crashing(InMemoryStore):
    """Killed at the commit of that number, before or after it persisted."""

    at: int = 0
    after: bool = False

    def commit(self, changes: Sequence[Change], entries: Sequence[Entry], reply: Reply | None = None) -> None:
        self.at -= 1
        if self.at == 0 and not self.after:
            raise Crash
        super().commit(changes, entries, reply)
        if self.at == 0:
            raise Crash


def whole_life(platform: Platform) -> None:
    """Every act once; each finds what stands already."""
    establish_root(platform, OFFICE)
    certify_platform_key(platform, OFFICE, STATUS)
    publish_crl(platform, OFFICE)
    certify_unit_key(platform, OFFICE, ISSUER, "first-key")
    rotate_unit_certificate(platform, OFFICE, ISSUER, "second-key")
    first = next(one for one in platform.registry.certificates(ISSUER) if one.key == "first-key")
    revoke_unit_certificate(platform, OFFICE, ISSUER, first.serial, "superseded")
    publish_crl(platform, OFFICE)


WRITES = 7


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, WRITES + 1))
def test_killed_at_any_write_and_run_again_all_is_in_order(city: City, at: int, *, after: bool) -> None:
    store = Crashing(city.clock.now)
    store.rows[("unit", ISSUER)] = UNIT
    store.at, store.after = at, after
    platform = over(city, store)
    with pytest.raises(Crash):
        whole_life(platform)
    city.clock.advance(minutes=1)
    whole_life(platform)
    roots = [one for one in store.all_certificates() if is_root(one)]
    assert len(roots) == 1
    signing = [one for one in store.certificates(ISSUER) if not one.retired]
    assert [one.key for one in signing] == ["second-key"]
    crl = store.crl()
    assert crl is not None
    assert {one.serial_number for one in x509.load_der_x509_crl(crl[1])} == {
        int(one.serial, 16) for one in store.all_certificates() if one.revoked_at is not None
    }
    assert len({one.id for one in store.entries}) == len(store.entries)


def test_a_whole_life_is_that_many_writes(city: City) -> None:
    store = Crashing(city.clock.now)
    store.rows[("unit", ISSUER)] = UNIT
    whole_life(over(city, store))
    assert store.at == -WRITES
