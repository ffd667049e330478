"""The process dies at each effect of each act, before and after it persists; the same request again puts it right.

An effect is a signature, an archived object, a commit. After every death the invariants hold as they are; after the
rerun the act has happened exactly once.
"""

from collections.abc import Callable

import pytest
from cryptography import x509

from chalicelib.audit.journal import Reply
from chalicelib.certificates.life_cycle import ISSUED, Step
from chalicelib.certificates.model import CertificateRecord, State
from chalicelib.units.trust import PLATFORM, is_root
from chalicelib.usecases.act import Act, once
from chalicelib.usecases.collect_certificate import collect_certificate
from chalicelib.usecases.issue_certificate import issue_certificate
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.review_certificate import Decision, review_certificate
from chalicelib.usecases.revoke_certificate import revoke_certificate
from chalicelib.usecases.supersede_certificate import supersede_certificate
from chalicelib.verification.verifier import Evidence, Verifier
from tests.fakes.city import City, found_city
from tests.fakes.mortal import Killed, Life, mortal

Attempt = Callable[[Platform, Act], Reply]


def collecting(city: City) -> tuple[Act, Attempt]:
    body = city.submission()
    return city.act(), lambda platform, act: collect_certificate(platform, act, body)


def approving(city: City) -> tuple[Act, Attempt]:
    identifier, decision = city.collected(), Decision(Step.APPROVE, None)
    return city.act("market.reviewer"), lambda platform, act: review_certificate(
        platform, act, identifier, decision
    )


def sending_back(city: City) -> tuple[Act, Attempt]:
    identifier, decision = city.reviewed(), Decision(Step.RETURN, "补正")
    return city.act("market.reviewer"), lambda platform, act: review_certificate(
        platform, act, identifier, decision
    )


def issuing(city: City) -> tuple[Act, Attempt]:
    identifier = city.reviewed()
    return city.act("market.signer"), lambda platform, act: issue_certificate(platform, act, identifier)


def superseding(city: City) -> tuple[Act, Attempt]:
    identifier = city.issued()
    body = city.submission(supersedes=identifier)
    return city.act(), lambda platform, act: supersede_certificate(platform, act, identifier, body)


def issuing_an_update(city: City) -> tuple[Act, Attempt]:
    first = city.issued()
    body = city.submission(supersedes=first)
    second = str(supersede_certificate(city.platform, city.act(), first, body).body["id"])
    city.approve(second)
    return city.act("market.signer"), lambda platform, act: issue_certificate(platform, act, second)


def revoking(city: City) -> tuple[Act, Attempt]:
    identifier = city.issued()
    return city.act("market.signer"), lambda platform, act: revoke_certificate(
        platform, act, identifier, "注销"
    )


ACTS = (collecting, approving, sending_back, issuing, superseding, issuing_an_update, revoking)


def deaths() -> list[tuple[Callable[[City], tuple[Act, Attempt]], int]]:
    """Every act with every step at which it can die."""
    found: list[tuple[Callable[[City], tuple[Act, Attempt]], int]] = []
    for act in ACTS:
        city, life = found_city(), Life()
        made, attempt = act(city)
        attempt(mortal(city.platform, life), made)
        found += [(act, step) for step in range(1, life.steps + 1)]
    return found


def check(city: City) -> None:
    """Invariants 1, 2 and 7 over everything that is recorded."""
    records = [row for row in city.store.rows.values() if isinstance(row, CertificateRecord)]
    roots = [
        x509.load_der_x509_certificate(one.der) for one in city.store.certificates(PLATFORM) if is_root(one)
    ]
    for record in records:
        kinds = [entry.kind for entry in city.store.history(record.id) if entry.outcome == "done"]
        assert kinds.count("certificate_collected") + kinds.count("certificate_supersession_collected") == 1
        if record.state not in ISSUED:
            assert record.credential is None
            assert "certificate_issued" not in kinds
            continue
        assert record.credential is not None
        assert record.reviewed_by not in (None, record.collected_by)
        assert kinds.count("certificate_issued") == 1
        verdict = Verifier(roots).verify(
            city.archive.get(record.credential).decode(), Evidence(city.clock.now())
        )
        assert verdict.result == "genuine"
    serials = {record.id.rsplit(".", 2)[0] for record in records if record.state in ISSUED}
    valid = [record for record in records if record.state is State.VALID]
    assert len(valid) <= len(serials)
    slots = [record.slot for record in records if record.slot is not None]
    assert len(set(slots)) == len(slots)


@pytest.mark.parametrize(("act", "step"), deaths(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_act_that_died_happens_once_when_it_is_asked_again(
    act: Callable[[City], tuple[Act, Attempt]], step: int
) -> None:
    city = found_city()
    made, attempt = act(city)
    platform = mortal(city.platform, Life(step))
    with pytest.raises(Killed):
        once(platform, made, "status_generation_opened", "unit/x", lambda: attempt(platform, made))
    check(city)
    committed = city.store.reply_to(made.key)
    reply = once(
        city.platform, made, "status_generation_opened", "unit/x", lambda: attempt(city.platform, made)
    )
    check(city)
    assert reply.status in (200, 201)
    assert committed is None or reply == committed
    done = [
        entry for entry in city.store.entries if entry.request == made.request and entry.outcome == "done"
    ]
    assert len({entry.kind for entry in done}) == len(done)


def test_there_is_something_to_die_at() -> None:
    steps = {act.__name__: 0 for act in ACTS}
    for act, step in deaths():
        steps[act.__name__] = max(steps[act.__name__], step)
    assert steps["issuing"] == 6  # sign, archive, commit: before and after
    assert min(steps.values()) >= 2
