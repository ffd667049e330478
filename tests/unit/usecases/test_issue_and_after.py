"""签发 and what comes after: one signature, exactly the reviewed bytes, supersession, status, verification."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from cryptography import x509

from chalicelib.certificates.model import State
from chalicelib.kernel.encoding import unb64url
from chalicelib.kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from chalicelib.signing.sd_jwt import parse_sd_jwt
from chalicelib.status.model import Status
from chalicelib.units.changes import PutUnit
from chalicelib.units.trust import PLATFORM, is_root
from chalicelib.usecases.act import once
from chalicelib.usecases.issue_certificate import KIND, issue_certificate
from chalicelib.usecases.read_certificate import read_certificate
from chalicelib.usecases.read_history import read_history
from chalicelib.usecases.reinstate_certificate import reinstate_certificate
from chalicelib.usecases.revoke_certificate import revoke_certificate
from chalicelib.usecases.rotate_unit_certificate import rotate_unit_certificate
from chalicelib.usecases.supersede_certificate import supersede_certificate
from chalicelib.usecases.suspend_certificate import suspend_certificate
from chalicelib.usecases.verify_certificate import Question, verify_certificate
from chalicelib.verification.verifier import Verifier
from tests.fakes.city import OFFICE, UNIT_KEY, City, found_city
from tests.fakes.records import ISSUER, OTHER_UNIT, TYPE, UNIT


@pytest.fixture
def city() -> City:
    return found_city()


def state(city: City, identifier: str) -> State:
    record = city.store.certificate(identifier)
    assert record is not None
    return record.state


def online(
    city: City, credential: str | None = None, identifier: str | None = None, number: str | None = None
) -> str:
    roots = [
        x509.load_der_x509_certificate(one.der) for one in city.store.certificates(PLATFORM) if is_root(one)
    ]
    crl = city.store.crl()
    question = Question(credential, identifier, number)
    return str(verify_certificate(city.platform, Verifier(roots), crl[1] if crl else None, question).result)


def test_issuing_signs_once_exactly_what_was_reviewed(city: City) -> None:
    identifier = city.reviewed()
    record = city.store.certificate(identifier)
    assert record is not None
    assert record.precertificate is not None
    before = city.signer.signatures
    reply = city.issue(identifier)
    assert (reply.status, reply.body["state"]) == (201, "valid")
    assert city.signer.signatures == before + 1
    jws = parse_sd_jwt(city.credential(identifier)).jws
    assert jws.rpartition(".")[0] == record.precertificate.signing_input


def test_the_one_use_token_is_gone_once_used(city: City) -> None:
    identifier = city.issued()
    record = city.store.certificate(identifier)
    assert record is not None
    assert record.precertificate is None
    with pytest.raises(Conflict, match="wrong_state valid issue"):
        city.issue(identifier)


def test_nothing_is_issued_unreviewed(city: City) -> None:
    identifier = city.collected()
    with pytest.raises(Conflict, match="wrong_state collected issue"):
        city.issue(identifier)


def test_an_approval_grows_old(city: City) -> None:
    identifier = city.reviewed()
    city.clock.advance(days=6, hours=23)
    city.issue(identifier)
    other = city.reviewed(certificate_number="JY2")
    city.clock.advance(days=7, seconds=1)
    with pytest.raises(Conflict, match="approval_too_old"):
        city.issue(other)


def test_a_retired_certificate_signs_no_more(city: City) -> None:
    identifier = city.reviewed()
    rotate_unit_certificate(city.platform, OFFICE, ISSUER, "second-key")
    with pytest.raises(Conflict, match="signing_certificate_not_in_use"):
        city.issue(identifier)
    city.issued(certificate_number="JY2")


def test_a_suspended_unit_issues_nothing(city: City) -> None:
    identifier = city.reviewed()
    log = OFFICE.entry(city.platform, "unit_registered", f"unit/{ISSUER}")
    city.store.commit([PutUnit(replace(UNIT, active=False), UNIT)], [log])
    with pytest.raises(Refused, match="unit_suspended"):
        city.issue(identifier)


def test_a_disabled_key_leaves_the_certificate_reviewed(city: City) -> None:
    identifier = city.reviewed()
    city.signer.disabled.add(UNIT_KEY)
    with pytest.raises(DomainError, match="signing_key_unavailable"):
        city.issue(identifier)
    assert state(city, identifier) is State.REVIEWED
    city.signer.disabled.clear()
    city.issue(identifier)


def test_the_same_request_again_gets_the_same_answer(city: City) -> None:
    identifier = city.reviewed()
    act = city.act("market.signer", key="k1", body="x")
    first = once(
        city.platform, act, KIND, identifier, lambda: issue_certificate(city.platform, act, identifier)
    )
    again = once(
        city.platform, act, KIND, identifier, lambda: issue_certificate(city.platform, act, identifier)
    )
    assert again == first
    other = replace(act, fingerprint="another body")
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        once(
            city.platform,
            other,
            KIND,
            identifier,
            lambda: issue_certificate(city.platform, other, identifier),
        )


def test_an_update_supersedes_when_it_is_issued_and_not_before(city: City) -> None:
    first = city.issued()
    body = city.submission(supersedes=first)
    second = str(supersede_certificate(city.platform, city.act(), first, body).body["id"])
    assert second.split(".")[-2] == "002"
    city.approve(second)
    assert state(city, first) is State.VALID
    city.issue(second)
    assert (state(city, first), state(city, second)) == (State.SUPERSEDED, State.VALID)
    old = city.store.certificate(first)
    assert old is not None
    assert old.slot is not None
    assert city.store.deviations(old.slot.list_id)[old.slot.index] is Status.REVOKED
    assert [one.kind for one in city.store.history(first)][-1] == "certificate_superseded"
    assert online(city, city.credential(first)) == "superseded"


def test_one_update_at_a_time_and_a_rejected_one_frees_the_way(city: City) -> None:
    from chalicelib.certificates.life_cycle import Step
    from chalicelib.usecases.review_certificate import Decision, review_certificate

    first = city.issued()
    body = city.submission(supersedes=first)
    second = str(supersede_certificate(city.platform, city.act(), first, body).body["id"])
    with pytest.raises(Conflict, match="successor_pending"):
        supersede_certificate(city.platform, city.act(), first, body)
    review_certificate(city.platform, city.act("market.reviewer"), second, Decision(Step.REJECT, "重复"))
    third = str(supersede_certificate(city.platform, city.act(), first, body).body["id"])
    assert third.split(".")[-2] == "003"


def test_an_update_names_what_it_supersedes(city: City) -> None:
    first = city.issued()
    with pytest.raises(Invalid, match="submission_for_another_certificate"):
        supersede_certificate(city.platform, city.act(), first, city.submission())


def test_an_update_of_what_was_revoked_meanwhile_is_not_issued(city: City) -> None:
    first = city.issued()
    second = str(
        supersede_certificate(city.platform, city.act(), first, city.submission(supersedes=first)).body["id"]
    )
    city.approve(second)
    revoke_certificate(city.platform, city.act("market.signer"), first, "吊销")
    with pytest.raises(Conflict, match="wrong_state revoked supersede"):
        city.issue(second)


def test_status_follows_suspension_reinstatement_and_revocation(city: City) -> None:
    identifier = city.issued()
    credential, signer = city.credential(identifier), city.act("market.signer")
    suspend_certificate(city.platform, signer, identifier, "调查")
    assert online(city, credential) == "suspended"
    reinstate_certificate(city.platform, city.act("market.signer"), identifier, "查清")
    assert online(city, credential) == "genuine"
    revoke_certificate(city.platform, city.act("market.signer"), identifier, "注销")
    assert online(city, credential) == "revoked"
    with pytest.raises(Conflict, match="wrong_state"):
        reinstate_certificate(city.platform, city.act("market.signer"), identifier, "再来")


def test_a_reason_is_text_that_can_be_shown(city: City) -> None:
    identifier = city.issued()
    with pytest.raises(Invalid, match="unprintable_text"):
        revoke_certificate(city.platform, city.act("market.signer"), identifier, "a\x00")
    assert state(city, identifier) is State.VALID


def test_the_online_verdict_turns_at_midnight_in_shenzhen(city: City) -> None:
    identifier = city.issued(valid_until="2026-12-31")
    credential = city.credential(identifier)
    city.clock.moment = city.clock.moment.replace(month=12, day=31, hour=15, minute=59, second=59)
    assert online(city, credential) == "genuine"
    city.clock.advance(seconds=1)
    assert online(city, credential) == "expired"
    assert online(city, identifier=identifier, number="JY14403050000001") == "expired"


def test_verification_by_number_tells_nothing_to_who_does_not_know_it(city: City) -> None:
    identifier = city.issued()
    assert online(city, identifier=identifier, number="JY14403050000001") == "genuine"
    assert online(city, identifier=identifier, number="JY14403050000002") == "unknown"
    assert online(city, identifier=city.collected(certificate_number="JY3"), number="JY3") == "unknown"
    assert online(city, identifier="nonsense", number="JY3") == "unknown"


def test_a_genuine_signature_without_a_record_is_unknown(city: City) -> None:
    other = found_city()
    other.signer = city.signer
    identifier = city.issued()
    credential = city.credential(identifier)
    del city.store.rows["certificate", identifier]
    assert online(city, credential) == "unknown"


def test_reading_is_logged_before_anything_is_shown(city: City) -> None:
    identifier = city.issued()
    shown = read_certificate(city.platform, city.act("market.reviewer"), identifier)
    assert shown["credential"] == city.credential(identifier)
    assert city.store.history(identifier)[-1].kind == "certificate_read"

    class Dead:
        def commit(self, *_: object) -> None:
            raise DomainError("unavailable")

    platform = replace(city.platform, journal=Dead())  # type: ignore[arg-type]  # a journal that takes nothing
    with pytest.raises(DomainError, match="unavailable"):
        read_certificate(platform, city.act("market.reviewer"), identifier)


def test_history_names_everybody_who_acted(city: City) -> None:
    identifier = city.issued()
    read = read_history(city.platform, city.act("market.signer"), identifier)["entries"]
    assert isinstance(read, list)
    assert [entry["kind"] for entry in read if isinstance(entry, dict)] == [
        "certificate_collected",
        "certificate_reviewed",
        "certificate_issued",
        "certificate_history_read",
    ]


def test_another_unit_reads_nothing(city: City) -> None:
    identifier = city.issued()
    with pytest.raises(NotFound, match="no_such_certificate"):
        read_certificate(city.platform, city.act("market.reviewer", unit=OTHER_UNIT), identifier)


def test_holder_data_is_in_no_key_and_no_entry(city: City) -> None:
    identifier = city.issued()
    read_certificate(city.platform, city.act("market.reviewer"), identifier)
    keys = " ".join("/".join(key) for key in city.store.rows) + " ".join(city.archive.objects)
    entries = " ".join(entry.canonical().decode() for entry in city.store.entries)
    for secret in ("91440300MA5F0801XU", "𠮷祥里", "粤海", "JY14403050000001"):
        assert secret not in keys
        assert secret not in entries


def test_the_credential_carries_each_attribute_as_its_own_disclosure(city: City) -> None:
    parsed = parse_sd_jwt(city.credential(city.issued()))
    names = {one.name for one in parsed.disclosures}
    assert {"holder_name", "holder_code", "certificate_number", "business_address", "items"} <= names
    payload = unb64url(parsed.jws.split(".")[1]).decode()
    assert "粤海" not in payload


@pytest.mark.parametrize("said", ["2026-05-20", None])
def test_what_is_issued_is_listed_once_under_the_date_that_its_credential_says(
    city: City, said: str | None
) -> None:
    day = date(2026, 5, 20) if said else date(2026, 6, 1)  # without a date of its own, the decision's
    city.reviewed(certificate_number="JY0000000000000X")  # not issued, not listed
    identifier = city.issued(issue_date=said)
    city.clock.advance(days=1)
    revoke_certificate(city.platform, city.act("market.signer"), identifier, "注销")
    assert list(city.store.issued(TYPE, day, day)) == [(day, identifier)]
    assert list(city.store.issued(TYPE, day + timedelta(days=1), day + timedelta(days=9))) == []
