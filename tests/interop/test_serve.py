"""`make serve` as a stranger's client meets it: `.local/sandbox.json` is all that they need."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local_aws.client import Client, staff_client, system_client
from local_aws.gateway import free_port

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running `make serve`, in a folder of its own."""
    where, port = tmp_path_factory.mktemp("serve"), str(free_port())
    without = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ZHENGZHAO_"))
    }
    environment = {**without, "PYTHONPATH": str(PROJECT), "PORT": port}
    command = [sys.executable, "-W", "ignore", "-m", "local_aws.serve"]
    process = subprocess.Popen(command, cwd=where, env=environment, stdout=subprocess.DEVNULL)
    sandbox = where / ".local/sandbox.json"
    for _ in range(300):
        if sandbox.exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    taken = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    assert (taken.returncode, port in taken.stderr) == (1, True)
    yield where
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.fixture
def sandbox(folder: Path) -> Any:
    return json.loads((folder / ".local/sandbox.json").read_text(encoding="utf-8"))


def test_only_the_owner_reads_the_private_keys(folder: Path) -> None:
    assert stat.S_IMODE((folder / ".local/sandbox.json").stat().st_mode) == 0o600


def test_there_is_a_unit_of_each_kind_and_a_login_of_each_post(sandbox: Any) -> None:
    units = sandbox["units"].values()
    kinds = {kind for unit in units for kind in unit["kinds"]}
    assert kinds == {"municipal", "district", "issuing", "using", "archives", "auditor"}
    posts = {post for unit in units for member in unit["staff"].values() for post in member["posts"]}
    assert {"collector", "reviewer", "signer", "user", "administrator", "auditor"} <= posts
    assert {"base_url", "aws_endpoint_url", "archive_bucket", "tables", "keys", "types"} <= set(sandbox)


def test_every_unit_signs_in_with_what_is_written_there(sandbox: Any) -> None:
    for unit in sandbox["units"].values():
        key: Any = load_pem_private_key(unit["private_key_pem"].encode(), None)
        client = system_client(sandbox["base_url"], unit["client_id"], key, unit["key_id"])
        assert client.get("/v1/certificates/x").status == 404


def test_every_login_works(sandbox: Any) -> None:
    for unit in sandbox["units"].values():
        for subject in unit["staff"]:
            client = staff_client(
                sandbox["base_url"], sandbox["oidc_issuer"], sandbox["oidc_audience"], subject
            )
            assert client.token


def test_it_answers(sandbox: Any) -> None:
    found = Client(sandbox["base_url"]).get("/v1/catalog").json()["items"]
    assert [entry["type_code"] for entry in found] == sorted(sandbox["types"])
