"""The drill (art. 23): a stage loses every table; all of them come back from its log, and the work goes on."""

import json
import random
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.adapters.dynamo_rebuild import DynamoRestoration, dynamodb_client
from chalicelib.usecases.rebuild_tables import RebuildPorts, Rebuilt, rebuild_tables
from cli.main import main
from local_aws.client import Client
from tests.api.conftest import Office
from tests.api.rebuilt import Copy, copied, create_tables, seal_everything, standing_on
from tests.fakes.mortal import Killed, Life, Mortal

VERDICTS = {
    "valid": "genuine",
    "reinstated": "genuine",
    "suspended": "suspended",
    "revoked": "revoked",
    "superseded": "superseded",
}
MOST_DEATHS = 8
WRITES = ("transact_write_items", "batch_write_item", "put_item", "delete_item")


def work(market: Office) -> dict[str, str]:
    """Acts of all kinds; certificates by the state that they were left in."""

    def step(identifier: str, path: str, reason: str = "调查") -> None:
        answer = market.person("market.signer").post(
            f"/v1/certificates/{identifier}/{path}", {"reason": reason}
        )
        assert answer.status == 200, answer.body

    left = {name: market.issued() for name in ("valid", "suspended", "revoked", "superseded", "reinstated")}
    step(left["suspended"], "suspension")
    step(left["reinstated"], "suspension")
    step(left["reinstated"], "reinstatement")
    step(left["revoked"], "revocation")
    body = {"submission": market.submission(supersedes=left["superseded"])}
    second = market.system.post(f"/v1/certificates/{left['superseded']}/supersession", body).json()["id"]
    market.person("market.reviewer").post(f"/v1/certificates/{second}/review", {"decision": "approve"})
    assert market.issue(second).status == 201
    left["collected"], left["reviewed"], returned = market.collected(), market.reviewed(), market.collected()
    review = {"decision": "return", "comment": "补正"}
    market.person("market.reviewer").post(f"/v1/certificates/{returned}/review", review)
    fixed = {"submission": market.submission(corrects=returned)}
    assert market.system.post(f"/v1/certificates/{returned}/correction", fixed).status == 200
    assert market.issue(left["collected"]).status == 409  # a refusal is an entry too
    return left


@pytest.fixture(scope="module")
def left(market: Office) -> dict[str, str]:
    return work(market)


@pytest.fixture(scope="module")
def credentials(market: Office, left: dict[str, str]) -> dict[str, str]:
    """Handed out before the loss; reading them is logged too."""
    return {name: market.credential(left[name]) for name in VERDICTS}


@pytest.fixture
def copy(market: Office, credentials: dict[str, str], tmp_path: Path) -> Copy:
    """The stage at rest, everything sealed, its log copied; empty tables beside it."""
    market.stage.drain()
    made = copied(tmp_path)
    create_tables(made.prefix)
    return made


def restore(copy: Copy, client: Any = None, workers: int = 4) -> Rebuilt:
    tables = DynamoRestoration(client or dynamodb_client(), copy.tables, workers, pause=lambda _: None)
    return rebuild_tables(RebuildPorts(copy.files, tables), copy.keys, lambda *_: None)


def rebuild(copy: Copy, *more: str) -> int:
    where = [f"s3://{copy.log}", "--edge", copy.edge, "--key", str(copy.key_file), "--prefix", copy.prefix]
    return main(["rebuild", "run", *where, *more])


def compare(copy: Copy, *more: str) -> int:
    lost = copy.settings.tables.log.removesuffix("-log")
    return main(["rebuild", "compare", "--prefix", lost, "--with", copy.prefix, *more])


def test_tables_that_are_not_there_are_told(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    lost = copy.settings.tables.log.removesuffix("-log")
    assert main(["rebuild", "compare", "--prefix", lost, "--with", "nowhere"]) == 2
    where = [f"s3://{copy.log}", "--edge", copy.edge, "--key", str(copy.key_file), "--prefix", "nowhere"]
    assert main(["rebuild", "run", *where]) == 2
    assert capsys.readouterr().err.count("✗ ") == 2


def online(market: Office, credential: str) -> str:
    return str(Client(market.base).post("/v1/verifications", {"credential": credential}).json()["verdict"])


def test_every_table_comes_back_and_the_work_goes_on(
    market: Office,
    left: dict[str, str],
    credentials: dict[str, str],
    copy: Copy,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert rebuild(copy, "--json") == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "whole"
    assert compare(copy) == 0, capsys.readouterr().out
    assert copy.differences() == []

    with standing_on(copy) as container:
        assert {name: online(market, one) for name, one in credentials.items()} == VERDICTS
        assert market.issue(left["reviewed"]).status == 201  # what was begun before the loss
        new = market.issued()
        assert online(market, market.credential(new)) == "genuine"
        market.system.post(f"/v1/certificates/{left['valid']}/revocation", {"reason": "注销"})
        assert online(market, credentials["valid"]) == "revoked"
        before = container.platform.log.outbox.head()
        assert seal_everything(container) > 0
        after = container.platform.log.outbox.head()
        assert (after.size > before.size, after.pending) == (True, False)
        assert copy.faults() == []  # whole, and one history
    assert compare(copy, "--json") == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"certificates", "log", "sealing", "status"} <= {one["table"] for one in told["differences"]}


def test_tables_with_anything_in_them_are_refused(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    assert rebuild(copy) == 0
    assert rebuild(copy) == 2
    assert "not empty" in capsys.readouterr().err
    assert copy.differences() == []


def test_a_log_that_was_touched_is_not_rebuilt_from(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    s3 = boto3.client("s3")
    newest = s3.get_object(Bucket=copy.edge, Key="checkpoint")["Body"].read()
    s3.put_object(Bucket=copy.edge, Key="checkpoint", Body=newest.replace(b"/log\n", b"/lug\n", 1))
    assert rebuild(copy) == 1
    assert "nothing rebuilt" in capsys.readouterr().out
    assert rebuild(copy, "--despite-findings") == 1
    assert "bad_signature" in capsys.readouterr().out or copy.differences() == []
    assert copy.differences() == []


@pytest.mark.slow
def test_killed_anywhere_and_started_again_it_is_the_same(copy: Copy) -> None:
    chance, deaths, result = random.Random(23), 0, None
    while result is None:
        life = Life(chance.randrange(1, 120) if deaths < MOST_DEATHS else None)
        try:
            result = restore(copy, Mortal(dynamodb_client(), WRITES, life), workers=1)
        except Killed:
            deaths += 1
    assert deaths >= 3
    assert result.whole
    assert copy.differences() == []
