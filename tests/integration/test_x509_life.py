"""Roots and leaves through the use cases, over fakes: established, certified, renewed, rotated."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from cryptography import x509

from chalicelib.audit.journal import ChangeRefused
from chalicelib.kernel.encoding import sha256
from chalicelib.kernel.errors import Conflict, DomainError, Invalid, NotFound
from chalicelib.signing.x509_lint import lint_x509
from chalicelib.signing.x509_profile import LEAF_PROFILE
from chalicelib.units.changes import PutUnit
from chalicelib.units.model import Unit, UnitCertificate
from chalicelib.units.trust import PLATFORM, STATUS, is_root, platform_certificate
from chalicelib.usecases.certify_platform_key import certify_platform_key
from chalicelib.usecases.certify_unit_key import certify_unit_key
from chalicelib.usecases.establish_root import establish_root
from chalicelib.usecases.publish_crl import publish_crl
from chalicelib.usecases.rotate_unit_certificate import rotate_unit_certificate
from tests.fakes.city import OFFICE, UNIT_KEY, City, found_city
from tests.fakes.in_memory import InMemoryStore
from tests.fakes.local_signer import LocalSigner
from tests.fakes.records import BASE, ISSUER, OTHER_UNIT, UNIT
from tests.integration.x509_acts import listed, of_unit, over, refused


@pytest.fixture
def city() -> City:
    return found_city()


# -- the root


def test_establishing_again_changes_nothing(city: City) -> None:
    entries, signatures = len(city.store.entries), city.signer.signatures
    root = establish_root(city.platform, OFFICE)
    assert [root] == [one for one in city.store.all_certificates() if is_root(one)]
    assert (len(city.store.entries), city.signer.signatures) == (entries, signatures)


def test_two_that_establish_at_once_get_the_same_root(city: City) -> None:
    class Late(InMemoryStore):
        """Reads before the other has written."""

        reads = 0

        def certificates(self, unit_id: str) -> Sequence[UnitCertificate]:
            self.reads += 1
            return [] if self.reads == 1 else super().certificates(unit_id)

    store = Late(city.clock.now, city.store.rows, city.store.entries)
    root = establish_root(over(city, store), OFFICE)
    assert [root] == [one for one in city.store.all_certificates() if is_root(one)]
    assert [one.kind for one in city.store.entries].count("root_established") == 1


def test_a_root_whose_life_is_over_gets_a_successor_on_the_same_key(city: City) -> None:
    first = establish_root(city.platform, OFFICE)
    city.clock.advance(days=51 * 366)
    second = establish_root(city.platform, OFFICE)
    assert second.serial != first.serial
    assert second.key == first.key


def test_a_root_that_the_service_will_not_sign_is_not_recorded(city: City) -> None:
    store = InMemoryStore(city.clock.now)
    city.signer.disabled.add("root-key")
    refused(DomainError, "signing_key_unavailable", lambda: establish_root(over(city, store), OFFICE))
    assert (store.rows, store.entries) == ({}, [])


# -- certifying


def test_a_units_certificate_names_what_its_credentials_will(city: City) -> None:
    root = x509.load_der_x509_certificate(establish_root(city.platform, OFFICE).der)
    recorded = of_unit(city)
    certificate = x509.load_der_x509_certificate(recorded.der)
    assert lint_x509(certificate, root, LEAF_PROFILE) == []
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"{BASE}/v1/trust/units/{ISSUER}"]
    assert certificate.public_key() == city.signer.public_key(UNIT_KEY)
    assert (recorded.not_before, recorded.not_after) == (
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def test_each_certificate_has_its_entry_naming_serial_digest_and_who_answers_for_it(city: City) -> None:
    for one in city.store.all_certificates():
        (entry,) = [
            each
            for each in city.store.history(f"unit/{one.unit}")
            if each.details.get("serial") == one.serial
        ]
        assert entry.details["sha256"] == sha256(one.der).hex()
        assert entry.actor == OFFICE.actor


def test_certifying_again_is_the_one_that_stands_until_its_end_is_near(city: City) -> None:
    first = of_unit(city)
    city.clock.advance(days=3 * 365 - 91)
    assert certify_unit_key(city.platform, OFFICE, ISSUER, UNIT_KEY) == first
    city.clock.advance(days=2)
    second = certify_unit_key(city.platform, OFFICE, ISSUER, UNIT_KEY)
    assert second.serial != first.serial
    assert second.not_before < first.not_after  # they overlap
    assert of_unit(city) == second


def test_the_status_signer_is_renewed_and_follows_its_key(city: City) -> None:
    def signer() -> UnitCertificate:
        return platform_certificate(city.store.certificates(PLATFORM), STATUS, city.clock.now())

    first = certify_platform_key(city.platform, OFFICE, STATUS)
    assert signer() == first
    city.clock.advance(days=3 * 365 - 89)
    assert certify_platform_key(city.platform, OFFICE, STATUS) == signer() != first
    city.clock.advance(seconds=1)
    moved = replace(city.platform, keys=replace(city.platform.keys, status="status-key-2"))
    assert certify_platform_key(moved, OFFICE, STATUS).key == "status-key-2"
    assert signer().key == "status-key-2"


@pytest.mark.parametrize("role", ["root", "unit", "token", ""])
def test_only_the_status_signer_is_the_platforms_to_certify(city: City, role: str) -> None:
    refused(Invalid, "unknown_role", lambda: certify_platform_key(city.platform, OFFICE, role))


@pytest.mark.parametrize("act", [certify_unit_key, rotate_unit_certificate])
def test_a_unit_unknown_or_suspended_gets_none(city: City, act: Callable[..., UnitCertificate]) -> None:
    refused(NotFound, "not_found", lambda: act(city.platform, OFFICE, "11440300MB2F00016J", "key"))
    city.store.commit(
        [PutUnit(replace(UNIT, active=False), UNIT)],
        [OFFICE.entry(city.platform, "unit_registered", f"unit/{UNIT.id}")],
    )
    refused(NotFound, "not_found", lambda: act(city.platform, OFFICE, ISSUER, "key"))


@pytest.mark.parametrize("act", [certify_unit_key, rotate_unit_certificate])
@pytest.mark.parametrize("key", [UNIT_KEY, "status-key", "root-key"])
def test_a_key_answers_for_one_signer_only(city: City, act: Callable[..., UnitCertificate], key: str) -> None:
    before = city.store.all_certificates()
    refused(Conflict, "key_certified_for_another", lambda: act(city.platform, OFFICE, OTHER_UNIT, key))
    assert city.store.all_certificates() == before
    assert act(city.platform, OFFICE, OTHER_UNIT, "a-key-of-its-own").unit == OTHER_UNIT


def test_what_breaks_the_profile_is_never_recorded(city: City) -> None:
    """As when the root's alias was moved to another key: the signature is genuine, and not the root's."""
    moved = replace(city.platform, signer=LocalSigner())
    before, entries = city.store.all_certificates(), len(city.store.entries)
    error = refused(
        DomainError, "x509_lint_failed", lambda: certify_unit_key(moved, OFFICE, OTHER_UNIT, "key")
    )
    assert error.facts == ("x509_signature",)
    assert (city.store.all_certificates(), len(city.store.entries)) == (before, entries)


# -- rotation


def test_after_rotation_the_new_one_signs_and_the_old_one_goes_on_verifying(city: City) -> None:
    old = of_unit(city)
    new = rotate_unit_certificate(city.platform, OFFICE, ISSUER, "unit-key-2")
    assert of_unit(city) == new
    kept = next(one for one in city.store.certificates(ISSUER) if one.serial == old.serial)
    assert kept == replace(old, retired=True)
    publish_crl(city.platform, OFFICE)
    assert listed(city) == {}


def test_a_rotation_that_another_overtook_changes_nothing(city: City) -> None:
    stale = city.store.unit_and_certificates(ISSUER)
    rotate_unit_certificate(city.platform, OFFICE, ISSUER, "unit-key-2")
    before, entries = city.store.all_certificates(), len(city.store.entries)

    class Late(InMemoryStore):
        def unit_and_certificates(self, _: str) -> tuple[Unit | None, Sequence[UnitCertificate]]:
            return stale

    late = over(city, Late(city.clock.now, city.store.rows, city.store.entries))
    with pytest.raises(ChangeRefused):
        rotate_unit_certificate(late, OFFICE, ISSUER, "unit-key-3")
    assert (city.store.all_certificates(), len(city.store.entries)) == (before, entries)
