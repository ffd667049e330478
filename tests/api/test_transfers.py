"""移交 over HTTP: the bureau asks, fetches by a link, and verifies with our command and with the Library of Congress's."""

import tarfile
import urllib.error
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import bagit
import pytest

from cli.transfer import run
from local_aws.city import ARCHIVES, FOOD
from local_aws.client import Client
from local_aws.seed import SCHEDULED, Credentials
from tests.api.conftest import Office, code, office

DAY = "2024-02-29"
CONTACT = {"name": "王·档(样例)", "phone": "0755-00000000", "email": "archive@example.cn"}
BODY = {"type_code": FOOD, "first": DAY, "last": DAY, "contact": CONTACT}


@pytest.fixture(scope="module")
def names(market: Office) -> list[str]:
    """Three certificates of that day, one of them revoked; everything delivered and sealed."""
    issued = [market.issued(issue_date=DAY) for _ in range(3)]
    market.person("market.signer").post(f"/v1/certificates/{issued[0]}/revocation", {"reason": "注销"})
    market.stage.drain()
    return issued


@pytest.fixture(scope="module")
def bureau(market: Office) -> Client:
    return market.person("archives.keeper")


@pytest.fixture(scope="module")
def ready(market: Office, bureau: Client, names: list[str]) -> Any:
    """The transfer as the bureau reads it once it is ready."""
    assert len(names) == 3
    answer = bureau.post("/v1/transfers", BODY)
    assert (answer.status, answer.json()["state"]) == (202, "requested"), answer.body
    market.stage.drain()
    return bureau.get(f"/v1/transfers/{answer.json()['id']}").json()


@pytest.fixture
def package(ready: Any, tmp_path: Path) -> Path:
    """Its one package, fetched by the link and nothing else."""
    (part,) = ready["parts"]
    path = tmp_path / "part-1.tar"
    with urlopen(part["url"]) as answer:  # noqa: S310  # the local S3's own URL
        path.write_bytes(answer.read())
    assert path.stat().st_size == part["size"]
    return path


def trusted(market: Office, folder: Path) -> list[str]:
    (folder / "roots.pem").write_bytes(Client(market.base).get("/v1/trust/roots").body)
    return ["--roots", str(folder / "roots.pem")]


def test_it_is_ready_and_says_what_is_in_it(ready: Any, names: list[str]) -> None:
    assert (ready["state"], ready["certificates"], ready["obstacle"]) == ("ready", len(names), None)
    (part,) = ready["parts"]
    assert part["path"] == f"transfers/{ready['id']}/part-1.tar"
    assert CONTACT["phone"] not in str(ready)
    asked = parse_qs(urlsplit(part["url"]).query)
    assert int(asked["X-Amz-Expires"][0]) <= 900


def test_what_was_fetched_verifies_with_our_command(
    market: Office, ready: Any, package: Path, tmp_path: Path
) -> None:
    arguments = [str(package), *trusted(market, tmp_path), "--digest", ready["parts"][0]["digest"]]
    assert run(["verify", *arguments]) == 0


def test_what_was_fetched_verifies_with_the_library_of_congress(
    ready: Any, package: Path, tmp_path: Path, names: list[str]
) -> None:
    with tarfile.open(package) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    folder = tmp_path / "out" / ready["id"]
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert bag.info["Contact-Name"] == CONTACT["name"]
    assert {one.name for one in (folder / "data/certificates").iterdir()} == set(names)
    acts = list((folder / "data/certificates" / names[0] / "acts").iterdir())
    assert len(acts) == 1
    next((folder / "data/certificates").glob("*/credential.sd-jwt")).write_bytes(b"x")
    with pytest.raises(bagit.BagValidationError):
        bag.validate()


def test_a_changed_byte_is_rejected(market: Office, package: Path, tmp_path: Path) -> None:
    body = package.read_bytes()
    at = body.index(b"face.txt") + 1024
    package.write_bytes(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
    assert run(["verify", str(package), *trusted(market, tmp_path)]) == 1


def test_a_link_is_for_that_package_alone(ready: Any) -> None:
    url = str(ready["parts"][0]["url"])
    assert "part-1.tar" in url
    with pytest.raises(urllib.error.HTTPError):
        urlopen(url.replace("part-1.tar", "part-2.tar"))  # noqa: S310  # the local S3's own URL


def test_the_request_is_made_once(bureau: Client) -> None:
    first, second = (bureau.post("/v1/transfers", BODY, "transfer-key-1") for _ in range(2))
    assert (first.status, first.json()) == (second.status, second.json())
    other = bureau.post("/v1/transfers", {**BODY, "first": "2024-02-28"}, "transfer-key-1")
    assert (other.status, code(other)) == (422, "idempotency_key_reused")


def test_the_schedule_and_the_stream_come_again_without_effect(
    market: Office, ready: Any, bureau: Client
) -> None:
    market.stage.functions.invoke("zhengzhao-local-hand_over_on_schedule", SCHEDULED)
    again = bureau.get(f"/v1/transfers/{ready['id']}").json()
    assert [one["digest"] for one in again["parts"]] == [one["digest"] for one in ready["parts"]]


def test_administrators_see_how_it_stands_and_are_given_no_link(market: Office, ready: Any) -> None:
    admin = market.person("admin.municipal")
    seen = admin.get(f"/v1/transfers/{ready['id']}").json()
    assert (seen["state"], seen["parts"][0]["url"]) == ("ready", None)
    page = admin.get("/v1/transfers?limit=1").json()
    assert len(page["items"]) == 1
    assert ready["id"] in {one["id"] for one in admin.get("/v1/transfers").json()["items"]}
    assert admin.post("/v1/transfers", BODY).status == 403


@pytest.mark.parametrize(
    "who", ["market.reviewer", "market.signer", "police.user", "admin.nanshan", "audit.auditor"]
)
def test_everybody_else_is_refused(market: Office, ready: Any, who: str) -> None:
    client = market.person(who)
    for answer in (
        client.post("/v1/transfers", BODY),
        client.get("/v1/transfers"),
        client.get(f"/v1/transfers/{ready['id']}"),
    ):
        assert (answer.status, code(answer)) == (403, "not_entitled")
    assert Client(market.base).get("/v1/transfers").status == 401


def test_the_bureaus_own_system_may_ask(
    market: Office, everybody: dict[str, Credentials], ready: Any
) -> None:
    system = office(market.stage, everybody[ARCHIVES]).system
    assert system.get(f"/v1/transfers/{ready['id']}").status == 200
    assert system.post("/v1/transfers", BODY).status == 202


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"type_code": FOOD[:-1] + "9"}, "unknown_type"),
        ({"first": "2024-03-01"}, "period_reversed"),
        ({"last": "2999-01-01"}, "period_in_future"),
        ({"first": "2014-01-01"}, "period_too_long"),
        ({"first": "2024-02-30"}, "invalid_date"),
        ({"contact": {**CONTACT, "name": "\u202e"}}, "unprintable_text"),
    ],
)
def test_a_request_that_cannot_be_is_refused(bureau: Client, changes: Any, problem: str) -> None:
    answer = bureau.post("/v1/transfers", {**BODY, **changes})
    assert (answer.status, code(answer)) == (422, problem)


def test_there_must_be_such_a_transfer(bureau: Client) -> None:
    answer = bureau.get("/v1/transfers/none")
    assert (answer.status, code(answer)) == (404, "no_such_transfer")
