"""Signing in: systems by their key, staff by an ID token; each proof once; who is refused learns nothing."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.kernel.encoding import Json, canonical_json
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.signing.access_token import read_token
from chalicelib.signing.jose import compact, signing_input, thumbprint
from chalicelib.units.changes import PutPerson, PutSystem, PutUnit
from chalicelib.usecases.grant_staff_token import grant_staff_token
from chalicelib.usecases.grant_system_token import grant_system_token
from tests.fakes.city import OFFICE, SYSTEM, City, found_city
from tests.fakes.records import BASE, ISSUER, UNIT
from tests.fakes.staff_identity import ISSUER as OIDC


@pytest.fixture
def city() -> City:
    return found_city()


def assertion(city: City, key: ec.EllipticCurvePrivateKey | None = None, **changes: Any) -> str:
    now = int(city.clock.now().timestamp())
    claims: dict[str, Json] = {
        "iss": SYSTEM, "sub": SYSTEM, "aud": BASE, "iat": now, "exp": now + 60, "jti": "one", **changes,
    }  # fmt: skip
    signed = signing_input({"alg": "ES256", "typ": "JWT", "kid": city.kid}, canonical_json(claims))
    return compact(signed, (key or city.system_key).sign(signed, ec.ECDSA(SHA256())))


def test_a_system_gets_a_token_that_says_who_it_is(city: City) -> None:
    granted = grant_system_token(city.platform, assertion(city), "r")
    key = city.signer.public_key("token-key")
    claims = read_token(granted.access_token, {thumbprint(key): key}, BASE, city.clock.now())
    assert (claims.unit, claims.system, claims.posts, claims.key) == (ISSUER, SYSTEM, ("system",), city.kid)
    entry = city.store.entries[-1]
    assert (entry.kind, entry.actor.system, entry.outcome) == ("token_granted", SYSTEM, "done")


def test_a_proof_is_taken_once_even_by_sixteen_at_once(city: City) -> None:
    proof, won, gate = assertion(city), list[str](), threading.Barrier(16)

    def attempt() -> None:
        gate.wait()
        try:
            won.append(grant_system_token(city.platform, proof, "r").access_token)
        except Unauthenticated as refusal:
            assert refusal.code == "assertion_replayed"  # noqa: PT017  # in a thread

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_known_systems_refusal_is_logged(city: City) -> None:
    with pytest.raises(Unauthenticated, match="assertion_audience"):
        grant_system_token(city.platform, assertion(city, aud="https://elsewhere.example"), "r")
    entry = city.store.entries[-1]
    assert (entry.kind, entry.outcome, entry.details) == (
        "token_refused",
        "refused",
        {"code": "assertion_audience"},
    )


def test_a_stranger_learns_nothing_and_fills_no_log(city: City) -> None:
    before = len(city.store.entries)
    stranger = ec.generate_private_key(ec.SECP256R1())
    for proof in (assertion(city, iss="nobody"), assertion(city, stranger), "a.b.c", "", "\x00"):
        with pytest.raises(Unauthenticated, match="invalid_client"):
            grant_system_token(city.platform, proof, "r")
    assert len(city.store.entries) == before


@pytest.mark.parametrize("what", ["system", "unit"])
def test_who_is_suspended_does_not_sign_in(city: City, what: str) -> None:
    system = city.store.system(SYSTEM)
    assert system is not None
    changes = {
        "system": PutSystem(replace(system, active=False), system),
        "unit": PutUnit(replace(UNIT, active=False), UNIT),
    }
    city.store.commit([changes[what]], [OFFICE.entry(city.platform, "unit_registered", "unit/x")])
    with pytest.raises(Unauthenticated, match="invalid_client"):
        grant_system_token(city.platform, assertion(city), "r")


def test_staff_get_a_token_with_their_posts(city: City) -> None:
    granted = grant_staff_token(city.platform, "id:market.both:1", "r")
    key = city.signer.public_key("token-key")
    claims = read_token(granted.access_token, {thumbprint(key): key}, BASE, city.clock.now())
    assert (claims.person, claims.system, claims.posts) == ("market.both", None, ("collector", "reviewer"))


def test_an_id_token_is_taken_once(city: City) -> None:
    grant_staff_token(city.platform, "id:market.both:1", "r")
    with pytest.raises(Unauthenticated, match="assertion_replayed"):
        grant_staff_token(city.platform, "id:market.both:1", "r")
    entry = city.store.entries[-1]
    assert (entry.kind, entry.outcome, entry.actor.person) == ("token_refused", "refused", "market.both")
    grant_staff_token(city.platform, "id:market.both:2", "r")


@pytest.mark.parametrize("id_token", ["nonsense", "id:nobody:1"])
def test_who_is_not_staff_does_not_sign_in(city: City, id_token: str) -> None:
    before = len(city.store.entries)
    with pytest.raises(Unauthenticated, match="invalid_subject_token"):
        grant_staff_token(city.platform, id_token, "r")
    assert len(city.store.entries) == before


def test_staff_who_left_do_not_sign_in(city: City) -> None:
    person = city.store.person(OIDC, "market.both")
    assert person is not None
    log = OFFICE.entry(city.platform, "person_registered", "unit/x")
    city.store.commit([PutPerson(replace(person, active=False), person)], [log])
    with pytest.raises(Unauthenticated, match="invalid_subject_token"):
        grant_staff_token(city.platform, "id:market.both:1", "r")
    assert city.store.entries[-1].details == {"code": "invalid_subject_token"}
