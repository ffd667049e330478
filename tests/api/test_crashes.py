"""Issuing dies at each effect on the local AWS itself, before and after it persists; asked again, it is issued once."""

import uuid
from typing import Any

import pytest

from chalicelib.units.model import Caller, Post, UnitKind
from chalicelib.usecases.act import Act, once
from chalicelib.usecases.issue_certificate import KIND, issue_certificate
from local_aws.client import Client
from tests.api.conftest import Office
from tests.fakes.mortal import Killed, Life, mortal

EFFECTS = 6  # sign, archive, commit: before and after


def platform() -> Any:
    import app

    return app.container.platform


def act(market: Office) -> Act:
    one = market.credentials
    caller = Caller(
        one.unit.id,
        frozenset({UnitKind.ISSUING}),
        "440300",
        frozenset({Post.SYSTEM}),
        None,
        one.unit.client_id,
        one.kid,
    )
    return Act(caller, "system", str(uuid.uuid4()), uuid.uuid4().hex, "fingerprint")


def issued_entries(market: Office, identifier: str) -> list[dict[str, Any]]:
    entries = market.system.get(f"/v1/certificates/{identifier}/history").json()["entries"]
    return [entry for entry in entries if entry["kind"] == KIND and entry["outcome"] == "done"]


@pytest.mark.parametrize("step", range(1, EFFECTS + 1))
def test_issuing_that_died_is_issued_once_when_it_is_asked_again(market: Office, step: int) -> None:
    identifier, made = market.reviewed(), act(market)
    dying = mortal(platform(), Life(step))
    with pytest.raises(Killed):
        once(dying, made, KIND, identifier, lambda: issue_certificate(dying, made, identifier))
    before = market.system.get(f"/v1/certificates/{identifier}").json()
    assert (before["state"], before["credential"] is None) == (
        ("valid", False) if step == EFFECTS else ("reviewed", True)
    )
    reply = once(platform(), made, KIND, identifier, lambda: issue_certificate(platform(), made, identifier))
    assert (reply.status, reply.body["state"]) == (201, "valid")
    assert len(issued_entries(market, identifier)) == 1
    verdict = (
        Client(market.base).post("/v1/verifications", {"credential": market.credential(identifier)}).json()
    )
    assert verdict["verdict"] == "genuine"


def test_a_life_longer_than_the_act_ends_nowhere(market: Office) -> None:
    identifier, made, life = market.reviewed(), act(market), Life(EFFECTS + 1)
    living = mortal(platform(), life)
    issue_certificate(living, made, identifier)
    assert life.steps == EFFECTS
