"""A whole stage for the session: the app over HTTP, on the local AWS made from `infra/`, with the synthetic city in it."""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.certificates.submission import TYP
from chalicelib.kernel.clock import SHANGHAI
from local_aws.city import COMPANY, FOOD, MARKET
from local_aws.client import Answer, Client, sign, staff_client, system_client
from local_aws.seed import Credentials, seed
from local_aws.stage import LocalStage, start_stage

_numbers = itertools.count(1)


@dataclass
class Office:
    """One issuing unit as its clients see it."""

    stage: LocalStage
    credentials: Credentials
    system: Client
    people: dict[str, Client] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.stage.base_url

    def person(self, subject: str) -> Client:
        """Signed in once a test session."""
        if subject not in self.people:
            audience = self.stage.loaded.environment["ZHENGZHAO_OIDC_AUDIENCE"]
            self.people[subject] = staff_client(self.base, self.stage.oidc_issuer, audience, subject)
        return self.people[subject]

    def claims(self, **changes: Any) -> dict[str, Any]:
        today = datetime.now(SHANGHAI).date()
        whole: dict[str, Any] = {
            "iss": self.credentials.unit.client_id,
            "aud": self.base,
            "iat": int(time.time()),
            "type_code": FOOD,
            "certificate_number": f"JY{next(_numbers):014d}",
            "holder": COMPANY,
            "issue_date": today.isoformat(),
            "valid_from": today.isoformat(),
            "valid_until": (today + timedelta(days=1800)).isoformat(),
            "attributes": {
                "business_address": "南山区粤海街道·1 号",
                "legal_representative": "欧阳𠮷",
                "main_business": "餐饮服务经营者",
                "business_items": ["热食类食品制售"],
            },
            "collector": "market.collector",
            **changes,
        }
        return {name: value for name, value in whole.items() if value is not None}

    def submission(self, **changes: Any) -> str:
        return sign(self.credentials.key, {"typ": TYP, "kid": self.credentials.kid}, self.claims(**changes))

    def collect(self, key: str | None = None, **changes: Any) -> Answer:
        return self.system.post("/v1/certificates", {"submission": self.submission(**changes)}, key)

    def collected(self, **changes: Any) -> str:
        return str(self.collect(**changes).json()["id"])

    def reviewed(self, **changes: Any) -> str:
        identifier = self.collected(**changes)
        answer = self.person("market.reviewer").post(
            f"/v1/certificates/{identifier}/review", {"decision": "approve"}
        )
        assert answer.status == 200, answer.body
        return identifier

    def issue(self, identifier: str, key: str | None = None) -> Answer:
        return self.system.post(f"/v1/certificates/{identifier}/issuance", {}, key)

    def issued(self, **changes: Any) -> str:
        identifier = self.reviewed(**changes)
        answer = self.issue(identifier)
        assert answer.status == 201, answer.body
        return identifier

    def credential(self, identifier: str) -> str:
        return str(self.person("market.reviewer").get(f"/v1/certificates/{identifier}").json()["credential"])


@pytest.fixture(scope="session")
def stage() -> Iterator[LocalStage]:
    started = start_stage(background=False)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def everybody(stage: LocalStage) -> dict[str, Credentials]:
    """Each unit's system, by the unit's code."""
    _, credentials = seed(stage)
    return {one.unit.id: one for one in credentials}


@pytest.fixture(scope="session")
def market(stage: LocalStage, everybody: dict[str, Credentials]) -> Office:
    return office(stage, everybody[MARKET])


def office(stage: LocalStage, credentials: Credentials) -> Office:
    system = system_client(stage.base_url, credentials.unit.client_id, credentials.key, credentials.kid)
    return Office(stage, credentials, system)


def code(answer: Answer) -> str:
    """The problem's code, after checking that the document is one (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.body[:300]
    document = json.loads(answer.body)
    assert document["status"] == answer.status
    assert document["title"]
    assert document["title_zh"]
    assert document["type"] == f"urn:zhengzhao:problem:{document['code']}"
    return str(document["code"])
