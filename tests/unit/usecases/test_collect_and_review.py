"""采集 and 审核: what is admitted, who may review, what a review leaves."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.certificates.life_cycle import Step
from chalicelib.certificates.model import State
from chalicelib.certificates.submission import TYP
from chalicelib.kernel.encoding import Json, unb64url
from chalicelib.kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from chalicelib.signing.jose import compact, signing_input
from chalicelib.status.model import Slot, Status
from chalicelib.usecases.act import once
from chalicelib.usecases.collect_certificate import KIND, collect_certificate
from chalicelib.usecases.correct_certificate import correct_certificate
from chalicelib.usecases.review_certificate import Decision, review_certificate
from tests.fakes.city import City, found_city
from tests.fakes.records import OTHER_UNIT, TYPE


@pytest.fixture
def city() -> City:
    return found_city()


def collect(city: City, **changes: Json) -> str:
    return str(collect_certificate(city.platform, city.act(), city.submission(**changes)).body["id"])


def review(city: City, identifier: str, step: Step = Step.APPROVE, person: str = "market.reviewer") -> None:
    review_certificate(city.platform, city.act(person), identifier, Decision(step, "因为"))


def test_a_collection_is_recorded_archived_and_logged(city: City) -> None:
    identifier = collect(city)
    record = city.store.certificate(identifier)
    assert record is not None
    assert (record.state, record.collected_by) == (State.COLLECTED, "market.collector")
    assert city.archive.get(record.submissions[0]).count(b".") == 2
    (entry,) = city.store.history(identifier)
    assert (entry.kind, entry.actor.system, entry.actor.unit) == (KIND, "market-licensing", record.unit)
    assert "吉祥" not in entry.canonical().decode()


# What is changed in the submission → the code of the refusal. Nothing of any of these is stored.
REFUSED: dict[str, tuple[dict[str, Json], str]] = {
    "no type": ({"type_code": None}, "missing_field"),
    "unknown type": ({"type_code": "11440300MB2F01027X002"}, "unknown_type"),
    "broken type code": ({"type_code": "11440300MB2F010270001"}, "invalid_type_code"),
    "unknown member": ({"colour": "red"}, "unknown_field"),
    "another platform": ({"aud": "https://elsewhere.example"}, "submission_for_another_platform"),
    "impossible date": ({"valid_from": "2026-02-30"}, "invalid_date"),
    "week date": ({"valid_from": "2026-W01-1"}, "invalid_date"),
    "number instead of text": ({"certificate_number": 12}, "missing_field"),
    "empty number": ({"certificate_number": "  "}, "missing_field"),
    "NUL": ({"certificate_number": "JY\x001"}, "unprintable_text"),
    "bidirectional override": (
        {"attributes": {"business_address": "a\u202eb", "items": ["c"]}},
        "unprintable_text",
    ),
    "wrong check digit": (
        {"holder": {"name": "甲", "code": "91440300MA5F0801XA", "code_type": "001"}},
        "invalid_holder_code",
    ),
    "no such collector": ({"collector": "nobody"}, "no_such_collector"),
    "collector without the post": ({"collector": "market.reviewer"}, "no_such_collector"),
    "state secret": ({"attributes": {"business_address": "机密★10年", "items": ["c"]}}, "state_secret_mark"),
    "attributes no object": ({"attributes": []}, "missing_field"),
}


@pytest.mark.parametrize(("changes", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_admitted_leaves_nothing_but_its_refusal(
    city: City, changes: dict[str, Json], code: str
) -> None:
    rows, objects = dict(city.store.rows), dict(city.archive.objects)
    act = city.act()
    with pytest.raises(DomainError, match=code):
        once(
            city.platform,
            act,
            KIND,
            "unit/x",
            lambda: collect_certificate(city.platform, act, city.submission(**changes)),
        )
    assert (city.store.rows, city.archive.objects) == (rows, objects)
    entry = city.store.entries[-1]
    assert (entry.outcome, entry.details["code"]) == ("refused", code)
    assert "机密" not in entry.canonical().decode()


@pytest.mark.parametrize("number", ["100000000000000000000", "1e400", "-1e999"])
def test_a_number_that_readers_read_differently_is_refused(city: City, number: str) -> None:
    payload = city.submission(attributes={"items": "?"}).split(".")[1]
    text = unb64url(payload).decode().replace('"?"', number)
    signed = signing_input({"alg": "ES256", "typ": TYP, "kid": city.kid}, text.encode())
    jws = compact(signed, city.system_key.sign(signed, ec.ECDSA(SHA256())))
    with pytest.raises(Invalid, match="inexact_value"):
        collect_certificate(city.platform, city.act(), jws)


def test_an_altered_submission_is_refused(city: City) -> None:
    header, payload, signature = city.submission().split(".")
    other = city.submission(certificate_number="JY2").split(".")
    for forged in (f"{header}.{other[1]}.{signature}", f"{header}.{payload}.{other[2]}"):
        with pytest.raises(Invalid, match="altered_jws"):
            collect_certificate(city.platform, city.act(), forged)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none"}, "unsuitable_jws"),
        ({"alg": "HS256"}, "unsuitable_jws"),
        ({"typ": "JWT"}, "unsuitable_jws"),
        ({"crit": ["exp"]}, "unsuitable_jws"),
        ({"kid": "another"}, "unknown_signing_key"),
    ],
)
def test_a_submission_with_another_header_is_refused(city: City, header: dict[str, Json], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        collect_certificate(city.platform, city.act(), city.signed({"iss": "market-licensing"}, **header))


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "....", "e30.e30.", "\x00", "ey" * 40_000])
def test_what_is_no_jws_is_refused(city: City, text: str) -> None:
    with pytest.raises(Invalid, match=r"malformed_jws|missing_field"):
        collect_certificate(city.platform, city.act(), text)


def test_another_units_system_cannot_submit(city: City) -> None:
    with pytest.raises(Refused, match="submission_of_another_unit"):
        collect_certificate(city.platform, city.act(unit=OTHER_UNIT), city.submission())


def test_a_person_collects_in_their_own_name_only(city: City) -> None:
    with pytest.raises(Refused, match="collector_is_another_person"):
        collect_certificate(city.platform, city.act("market.both"), city.submission())
    collect_certificate(city.platform, city.act("market.collector"), city.submission())


def test_a_certificate_number_is_given_once(city: City) -> None:
    collect(city)
    with pytest.raises(Conflict, match="certificate_number_taken"):
        collect(city)
    collect(city, certificate_number="JY14403050000002")


def test_a_rejected_number_is_free_again(city: City) -> None:
    review(city, collect(city), Step.REJECT)
    collect(city)


def test_the_collector_may_not_review(city: City) -> None:
    identifier = collect(city, collector="market.both")
    with pytest.raises(Refused, match="collector_may_not_review"):
        review(city, identifier, person="market.both")
    review(city, identifier)


def test_a_system_may_not_review(city: City) -> None:
    identifier = collect(city)
    with pytest.raises(Refused, match="person_required"):
        review_certificate(city.platform, city.act(), identifier, Decision(Step.APPROVE, None))


def test_an_approval_prepares_exactly_what_will_be_signed(city: City) -> None:
    identifier = collect(city)
    review(city, identifier)
    record = city.store.certificate(identifier)
    assert record is not None
    assert record.precertificate is not None
    assert record.review is not None
    assert record.slot is not None
    evidence = json.loads(city.archive.get(record.review))
    assert evidence["signing_input"] == record.precertificate.signing_input
    assert all(rule["kept"] for rule in evidence["lint"])
    assert city.store.taken(record.slot)
    assert city.signer.signatures == 0 or city.store.certificate(identifier) is not None


def test_a_draft_that_breaks_a_rule_is_not_approved_and_every_rule_is_named(city: City) -> None:
    identifier = collect(city, valid_until="2026-05-01", attributes={"business_address": "甲"})
    with pytest.raises(Invalid, match="lint_failed") as refusal:
        review(city, identifier)
    assert {"attributes_valid", "validity_ordered"} <= set(refusal.value.facts)
    record = city.store.certificate(identifier)
    assert record is not None
    assert (record.state, record.precertificate) == (State.COLLECTED, None)


def test_a_returned_collection_is_corrected_under_its_identifier(city: City) -> None:
    identifier = collect(city)
    review(city, identifier, Step.RETURN)
    fixed = city.submission(corrects=identifier, certificate_number="JY9")
    correct_certificate(city.platform, city.act(), identifier, fixed)
    record = city.store.certificate(identifier)
    assert record is not None
    assert (record.state, record.submission.certificate_number, len(record.submissions)) == (
        State.COLLECTED,
        "JY9",
        2,
    )
    collect(city)  # the first number is free again


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "submission_for_another_certificate"),
        ({"corrects": "1.2.3"}, "submission_for_another_certificate"),
    ],
)
def test_a_correction_names_what_it_corrects(city: City, changes: dict[str, Json], code: str) -> None:
    identifier = collect(city)
    review(city, identifier, Step.RETURN)
    with pytest.raises(Invalid, match=code):
        correct_certificate(city.platform, city.act(), identifier, city.submission(**changes))


def test_only_what_was_returned_is_corrected(city: City) -> None:
    identifier = collect(city)
    with pytest.raises(Conflict, match="wrong_state"):
        correct_certificate(city.platform, city.act(), identifier, city.submission(corrects=identifier))


def test_sending_an_approved_one_back_voids_its_slot(city: City) -> None:
    identifier = collect(city)
    review(city, identifier)
    before = city.store.certificate(identifier)
    review(city, identifier, Step.RETURN)
    after = city.store.certificate(identifier)
    assert before is not None
    assert before.slot is not None
    assert after is not None
    assert (after.state, after.precertificate, after.slot) == (State.RETURNED, None, None)
    assert city.store.deviations(before.slot.list_id)[before.slot.index] is Status.REVOKED


def test_a_taken_slot_is_drawn_again(city: City) -> None:
    identifier = collect(city)
    drawn: list[Slot] = []
    real = city.store.taken

    class Crowded:
        def __getattr__(self, name: str) -> object:
            return getattr(city.store, name)

        def taken(self, slot: Slot) -> bool:
            drawn.append(slot)
            return len(drawn) < 4 or real(slot)

    platform = replace(city.platform, statuses=Crowded())  # type: ignore[arg-type]  # the store, but crowded
    review_certificate(platform, city.act("market.reviewer"), identifier, Decision(Step.APPROVE, None))
    assert len(set(drawn)) == 4


def test_a_crowded_generation_opens_the_next(city: City) -> None:
    identifier = collect(city)

    class Full:
        def __getattr__(self, name: str) -> object:
            return getattr(city.store, name)

        def taken(self, slot: Slot) -> bool:
            return slot.list_id.startswith("1-")

    platform = replace(city.platform, statuses=Full())  # type: ignore[arg-type]  # the store, but full
    review_certificate(platform, city.act("market.reviewer"), identifier, Decision(Step.APPROVE, None))
    record = city.store.certificate(identifier)
    assert record is not None
    assert record.slot is not None
    assert record.slot.list_id.startswith("2-")
    assert city.store.generation() == 2


@pytest.mark.parametrize("identifier", ["", "x", "1.2.156.3005.2", "1.2.156.3005.2.a.b.c.d.e"])
def test_what_is_no_identifier_is_not_found(city: City, identifier: str) -> None:
    with pytest.raises(NotFound, match="no_such_certificate"):
        review(city, identifier)


def test_another_units_certificate_is_not_found(city: City) -> None:
    identifier = collect(city)
    act = city.act("market.reviewer", unit=OTHER_UNIT)
    with pytest.raises(NotFound, match="no_such_certificate"):
        review_certificate(city.platform, act, identifier, Decision(Step.APPROVE, None))
    assert identifier.split(".")[5] == TYPE
