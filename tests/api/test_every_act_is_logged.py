"""No act commits without its entry: every closed endpoint, job and command, done and refused, on the local AWS.

An endpoint, job or command without a scenario here fails by name.
"""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.api.endpoint import Endpoint
from chalicelib.api.routes import ENDPOINTS
from chalicelib.audit.entry import Actor
from chalicelib.audit.kinds import KINDS
from chalicelib.jobs.authority import COMMANDS
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import unit_code
from chalicelib.signing.jose import public_jwk
from chalicelib.usecases.office import Office as Desk
from chalicelib.usecases.revoke_unit_certificate import revoke_unit_certificate
from local_aws.city import FOOD, HOUSING, MUNICIPAL, TYPES
from local_aws.client import Client
from local_aws.seed import SCHEDULED, Authority, Credentials, SeedRefused
from tests.api.conftest import Office, office
from tests.architecture.test_entry_kinds import JOBS

Run = Callable[["City"], object]
Found = list[tuple[str, str]]  # kind and outcome
ONE: Final = "/v1/certificates/{id}"
_newcomers = itertools.count(1)


@dataclass
class City:
    """The stage, as its units, its administrator and its auditor use it."""

    market: Office
    everybody: dict[str, Credentials]
    authority: Authority

    def of(self, unit: str) -> Office:
        return office(self.market.stage, self.everybody[unit])

    def review(self, identifier: str, decision: str) -> object:
        body = {"decision": decision, "comment": "说明"}
        return self.market.person("market.reviewer").post(f"/v1/certificates/{identifier}/review", body)

    def act(self, step: str, identifier: str, **body: Any) -> str:
        answer = self.market.system.post(f"/v1/certificates/{identifier}/{step}", body)
        assert answer.status in {200, 201}, answer.body
        return identifier

    def suspended(self) -> str:
        return self.act("suspension", self.market.issued(), reason="核查")

    def auditor(self, path: str) -> None:
        """What is sealed, read by somebody of the audit office."""
        self.market.stage.drain()
        answer = self.market.person("audit.auditor").get(path)
        assert answer.status == 200, answer.body

    def correct(self) -> None:
        identifier = self.market.collected()
        self.review(identifier, "return")
        self.act("correction", identifier, submission=self.market.submission(corrects=identifier))

    def supersede(self) -> str:
        first = self.market.issued()
        return self.act("supersession", first, submission=self.market.submission(supersedes=first))

    def transfer(self) -> str:
        """A transfer of nothing, asked for a moment ago."""
        contact = {"name": "王档", "phone": "0755-00000000"}
        body = {"type_code": FOOD, "first": "2020-01-01", "last": "2020-01-01", "contact": contact}
        answer = self.market.person("archives.keeper").post("/v1/transfers", body)
        return str(answer.json()["id"])

    def invoke(self, function: str) -> object:
        return self.market.stage.functions.invoke(f"zhengzhao-local-{function}", SCHEDULED)

    def newcomer(self) -> str:
        """A unit registered a moment ago; its name says which."""
        number = next(_newcomers)
        unit = next(code for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if (code := _checked(number, last)))
        described = {"id": unit, "name": f"新单位 {number}", "kinds": ["issuing"], "district": "440300"}
        self.authority.do("register_unit", unit=described)
        return unit

    def certified(self) -> tuple[str, str]:
        """A newcomer with a certificate: (unit, serial)."""
        unit = self.newcomer()
        return unit, self.authority.do("certify_unit_key", unit=unit, key=fresh_key())["serial"]

    def system(self, unit: str) -> None:
        jwk = {
            name: value
            for name, value in public_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()).items()
            if name not in ("alg", "use")
        }
        self.authority.do(
            "register_system", system={"client_id": f"s-{unit}", "unit": unit, "keys": {"k": jwk}}
        )

    def person(self, unit: str) -> None:
        person = {"subject": f"p-{unit}", "unit": unit, "name": "新人", "posts": ["collector"]}
        self.authority.do("register_person", person=person)

    def revoke(self, unit: str, serial: str, reason: str = "superseded") -> None:
        self.authority.do("revoke_unit_certificate", unit=unit, serial=serial, reason=reason)

    def erase(self) -> None:
        """The reason of a suspension is told until it is erased; its digest stays."""
        history = f"/v1/certificates/{self.suspended()}/history"
        (told,) = (one for one in self.market.system.get(history).json()["entries"] if "personal" in one)
        assert told["text"] == "核查"
        assert self.authority.do("erase_subject", subject=told["personal"]["subject"])["erased"] >= 1
        (left,) = (one for one in self.market.system.get(history).json()["entries"] if "personal" in one)
        assert left == {name: value for name, value in told.items() if name != "text"}

    def crl_due(self) -> None:
        """A revocation that died before the CRL said so."""
        import app

        unit, serial = self.certified()
        desk = Desk(Actor(MUNICIPAL, "administrator", person="admin.municipal"), "a crash")
        revoke_unit_certificate(app.container.platform, desk, unit, serial, "superseded")

    def renew(self) -> None:
        self.crl_due()
        self.authority.do("renew_trust")

    def root_unavailable(self, command: str) -> None:
        """A CRL is due, and the root's key is disabled."""
        self.crl_due()
        kms, key = boto3.client("kms"), os.environ["ZHENGZHAO_KEY_ROOT"]
        kms.disable_key(KeyId=key)
        try:
            self.authority.do(command)
        finally:
            kms.enable_key(KeyId=key)


def _checked(number: int, last: str) -> str | None:
    try:
        return unit_code(f"11440300MB2F9{number:04d}{last}")
    except Invalid:
        return None


def fresh_key() -> str:
    made = boto3.client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    return made["KeyMetadata"]["Arn"]


@pytest.fixture(scope="session")
def city(market: Office, everybody: dict[str, Credentials]) -> City:
    return City(market, everybody, Authority(os.environ["ZHENGZHAO_FUNCTION_AUTHORITY"]))


def logged() -> dict[str, tuple[str, str]]:
    """Every entry of the log table: id → kind and outcome."""
    pages = (
        boto3.client("dynamodb").get_paginator("scan").paginate(TableName=os.environ["ZHENGZHAO_TABLE_LOG"])
    )
    entries = [json.loads(item["body"]["S"]) for page in pages for item in page["Items"]]
    return {entry["id"]: (entry["kind"], entry["outcome"]) for entry in entries}


@contextmanager
def watched() -> Iterator[Found]:
    """What was logged inside."""
    before, found = logged(), Found()
    yield found
    found += [said for name, said in logged().items() if name not in before]


def stranger(city: City, endpoint: Endpoint) -> Client:
    """Somebody signed in whose post or unit is not entitled."""
    if endpoint.path.startswith("/v1/certificates/"):
        return city.of(HOUSING).system
    return city.market.person("market.reviewer")


# Each closed endpoint, done. The refusal is the same for all: a stranger's.
ACTS: Final[dict[str, Run]] = {
    "POST /v1/certificates": lambda city: city.market.collected(),
    f"POST {ONE}/correction": City.correct,
    f"POST {ONE}/review": lambda city: city.market.reviewed(),
    f"POST {ONE}/issuance": lambda city: city.market.issued(),
    f"POST {ONE}/supersession": City.supersede,
    f"POST {ONE}/suspension": City.suspended,
    f"POST {ONE}/reinstatement": lambda city: city.act("reinstatement", city.suspended(), reason="已核"),
    f"POST {ONE}/revocation": lambda city: city.act("revocation", city.market.issued(), reason="注销"),
    f"GET {ONE}": lambda city: city.market.system.get(f"/v1/certificates/{city.market.collected()}"),
    f"GET {ONE}/history": lambda city: city.market.system.get(
        f"/v1/certificates/{city.market.collected()}/history"
    ),
    "POST /v1/transfers": City.transfer,
    "GET /v1/transfers": lambda city: city.market.person("archives.keeper").get("/v1/transfers"),
    "GET /v1/transfers/{transfer}": lambda city: city.market.person("archives.keeper").get(
        f"/v1/transfers/{city.transfer()}"
    ),
    "GET /v1/audit/entries": lambda city: city.auditor("/v1/audit/entries?limit=1"),
    "GET /v1/audit/entries/{index}/proof": lambda city: city.auditor("/v1/audit/entries/0/proof"),
    "POST /v1/catalog": lambda city: city.of(MUNICIPAL).person("admin.municipal").post("/v1/catalog", TYPES[0]),
}  # fmt: skip

# Each command of the authority, done and refused.
ORDERS: Final[dict[str, tuple[Run | None, Run]]] = {
    # Done once in a stage's life, when it was seeded.
    "establish": (None, lambda city: city.root_unavailable("establish")),
    "register_unit": (City.newcomer, lambda city: city.authority.do("register_unit", unit={
        "id": "nonsense", "name": "x", "kinds": [], "district": "440300"})),
    "register_system": (lambda city: city.system(city.newcomer()), lambda city: city.system("nonsense")),
    "register_person": (lambda city: city.person(city.newcomer()), lambda city: city.person("nonsense")),
    "certify_unit_key": (City.certified,
        lambda city: city.authority.do("certify_unit_key", unit="nonsense", key="k")),
    "rotate_unit_certificate": (
        lambda city: city.authority.do("rotate_unit_certificate", unit=city.certified()[0], key=fresh_key()),
        lambda city: city.authority.do("rotate_unit_certificate", unit="nonsense", key="k")),
    "revoke_unit_certificate": (lambda city: city.revoke(*city.certified()),
        lambda city: city.revoke(*city.certified(), reason="boredom")),
    "erase_subject": (City.erase, lambda city: city.authority.do("erase_subject", subject="nonsense")),
    "renew_trust": (City.renew,
        lambda city: city.root_unavailable("renew_trust")),
}  # fmt: skip


def drained(city: City) -> None:
    city.suspended()
    city.market.stage.drain()


def swept(city: City) -> None:
    city.suspended()
    city.invoke("publish_on_schedule")


def transferred(city: City) -> None:
    city.transfer()
    city.market.stage.drain()


def carried_on(city: City) -> None:
    city.transfer()
    city.invoke("hand_over_on_schedule")


# Each other function of app.py, done and, where somebody is there to be refused, refused.
RUNS: Final[dict[str, tuple[Run, Run | None]]] = {
    "issuer": (lambda city: city.market.issued(), lambda city: city.market.issue(city.market.collected())),
    "authority": (City.newcomer, lambda city: city.system("nonsense")),
    "publish_on_change": (drained, None),
    "publish_on_schedule": (swept, None),
    "archive_lists_daily": (lambda city: city.invoke("archive_lists_daily"), None),
    "seal_on_change": (lambda city: city.market.stage.drain(), None),
    "seal_on_schedule": (lambda city: city.invoke("seal_on_schedule"), None),
    "timestamp_log_daily": (lambda city: city.invoke("timestamp_log_daily"), None),
    "hand_over_on_request": (transferred, None),
    "hand_over_on_schedule": (carried_on, None),
}

CLOSED: Final = [one for one in ENDPOINTS if one.entitlement is not None]


def test_every_endpoint_command_and_job_has_its_scenario() -> None:
    assert {f"{one.method} {one.path}" for one in CLOSED} == set(ACTS)
    assert set(COMMANDS) == set(ORDERS)
    assert set(JOBS) == set(RUNS)


@pytest.mark.parametrize("endpoint", CLOSED, ids=lambda one: f"{one.method} {one.path}")
def test_an_endpoints_act_is_logged_when_it_is_done(city: City, endpoint: Endpoint) -> None:
    with watched() as found:
        ACTS[f"{endpoint.method} {endpoint.path}"](city)
    assert (endpoint.kind, "done") in found


@pytest.mark.parametrize("endpoint", CLOSED, ids=lambda one: f"{one.method} {one.path}")
def test_an_endpoints_act_is_logged_when_it_is_refused(city: City, endpoint: Endpoint) -> None:
    client, path = stranger(city, endpoint), endpoint.path.replace("{id}", city.market.collected())
    path = path.replace("{index}", "0")
    with watched() as found:
        answer = client.get(path) if endpoint.method == "GET" else client.post(path, {})
        assert answer.status == 403
    assert found == [(endpoint.kind, "refused")]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_commands_act_is_logged_when_it_is_done(city: City, name: str) -> None:
    done, _ = ORDERS[name]
    if done is None:
        assert {(kind, "done") for kind in COMMANDS[name].kinds} <= set(logged().values())
        return
    with watched() as found:
        done(city)
    assert (COMMANDS[name].kinds[0], "done") in found


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_commands_act_is_logged_when_it_is_refused(city: City, name: str) -> None:
    with watched() as found, pytest.raises(SeedRefused):
        ORDERS[name][1](city)
    assert (COMMANDS[name].kinds[0], "refused") in found


@pytest.mark.parametrize("name", sorted(JOBS))
def test_a_functions_act_is_logged(city: City, name: str) -> None:
    done, refused = RUNS[name]
    city.market.stage.drain()
    with watched() as found:
        done(city)
    kinds = {kind for kind, outcome in found if outcome == "done"}
    if name == "archive_lists_daily":  # once a day, whichever test came first
        kinds |= {kind for kind, _ in logged().values()}
    assert bool(kinds & JOBS[name]) == bool(JOBS[name])
    assert (refused is None) == (not any(KINDS[kind].refusals for kind in JOBS[name]))
    if refused is not None:
        assert "refused" in refusal_of(city, refused, name)


def refusal_of(city: City, refused: Run, name: str) -> set[str]:
    """The outcomes of the function's own kinds."""
    with watched() as found, suppress(SeedRefused):
        refused(city)
    return {outcome for kind, outcome in found if kind in JOBS[name]}


def test_the_sealer_writes_no_entry_about_itself(city: City) -> None:
    city.market.collected()
    with watched() as found:
        city.market.stage.drain()
        city.invoke("seal_on_schedule")
    assert {kind for kind, _ in found} <= JOBS["publish_on_change"]
