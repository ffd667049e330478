"""What an act says about a person can be erased, and the log verifies as before."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.audit.examination import Examination
from chalicelib.audit.sealing import EntryKey
from chalicelib.certificates.life_cycle import Step
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.erase_subject import erase_subject
from chalicelib.usecases.read_history import read_history
from chalicelib.usecases.review_certificate import Decision, review_certificate
from chalicelib.usecases.revoke_certificate import revoke_certificate
from chalicelib.usecases.seal_log import seal_log
from tests.fakes.city import OFFICE, City, found_city
from tests.fakes.log import InMemoryLogStore
from tests.fakes.mortal import Killed, Life, Mortal
from tests.unit.audit.test_key_retirement import StoredFiles

SAID = "持证人王·某已去世"


@pytest.fixture
def city() -> City:
    return found_city()


def revoked(city: City) -> str:
    identifier = city.issued()
    revoke_certificate(city.platform, city.act("market.signer"), identifier, SAID)
    return identifier


def told(city: City, identifier: str) -> list[dict[str, Any]]:
    """The history's entries whose act said something."""
    entries: Any = read_history(city.platform, city.act("market.reviewer"), identifier)["entries"]
    return [one for one in entries if "personal" in one]


def subject(city: City, identifier: str) -> str:
    record = city.store.certificate(identifier)
    assert record is not None
    return record.holder_index


def test_no_entry_holds_the_sentence_and_its_unit_reads_it(city: City) -> None:
    identifier = revoked(city)
    assert not [one for one in city.store.entries if SAID.encode() in one.canonical()]
    (one,) = told(city, identifier)
    assert (one["kind"], one["text"]) == ("certificate_revoked", SAID)
    assert one["personal"]["subject"] == subject(city, identifier)


def test_a_reviewers_comment_is_such_a_sentence(city: City) -> None:
    identifier = city.collected()
    review_certificate(city.platform, city.act("market.reviewer"), identifier, Decision(Step.RETURN, SAID))
    (one,) = told(city, identifier)
    assert (one["kind"], one["text"]) == ("certificate_reviewed", SAID)
    assert one["details"]["review_sha256"]


def test_what_is_erased_is_gone_and_the_log_verifies_as_before(city: City) -> None:
    identifier = revoked(city)
    log = city.platform.log
    assert isinstance(log.store, InMemoryLogStore)
    seal_log(city.platform, [EntryKey(one.object, one.id) for one in city.store.entries])
    count, before = len(city.store.entries), dict(log.store.locked)
    assert examine(city) == count
    assert erase_subject(city.platform, OFFICE, subject(city, identifier)) == 1
    assert (city.store.entries[-1].kind, city.store.entries[-1].details) == ("subject_erased", {"count": 1})
    (one,) = told(city, identifier)
    assert "text" not in one
    assert log.store.locked == before
    assert examine(city) == count


def examine(city: City) -> int:
    """How large the log is, examined without a finding."""
    log = city.platform.log
    assert isinstance(log.store, InMemoryLogStore)
    examination = Examination(StoredFiles(log.store), log.signer.verifier_keys(), city.clock.now())
    size = list(examination.run())[-1]
    assert examination.findings == []
    return size


def test_another_persons_texts_stay(city: City) -> None:
    identifier = revoked(city)
    assert erase_subject(city.platform, OFFICE, "0" * 64) == 0
    assert [one["text"] for one in told(city, identifier)] == [SAID]


@pytest.mark.parametrize("wrong", ["", "王某", "A" * 64, "a" * 63])
def test_what_is_no_blind_index_is_refused(city: City, wrong: str) -> None:
    with pytest.raises(Invalid, match="invalid_subject"):
        erase_subject(city.platform, OFFICE, wrong)


@pytest.mark.parametrize("step", [1, 2])
def test_an_erasure_that_died_is_finished_when_it_is_ordered_again(city: City, step: int) -> None:
    """Before a text is gone, and just after."""
    identifier = revoked(city)
    mortal: Any = Mortal(city.platform.texts, ("erase",), Life(step))
    with pytest.raises(Killed):
        erase_subject(replace(city.platform, texts=mortal), OFFICE, subject(city, identifier))
    assert city.store.entries[-1].kind == "subject_erased"
    erase_subject(city.platform, OFFICE, subject(city, identifier))
    assert "text" not in told(city, identifier)[0]
