"""The served OpenAPI document: valid, whole, and true under fuzzing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.api.problems import PROBLEMS
from chalicelib.api.routes import ENDPOINTS
from local_aws.client import Client
from tests.api.conftest import Office


@pytest.fixture
def document(market: Office) -> Any:
    return Client(market.base).get("/openapi.json").json()


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_describes_every_endpoint_and_no_other(document: Any) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}


def test_every_closed_endpoint_wants_a_token_and_every_act_a_key(document: Any) -> None:
    for endpoint in ENDPOINTS:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        assert bool(operation["security"]) == (endpoint.entitlement is not None)
        named = {parameter["name"] for parameter in operation["parameters"]}
        assert ("Idempotency-Key" in named) == endpoint.acts


def test_every_problem_that_is_named_is_known() -> None:
    assert {name for endpoint in ENDPOINTS for name in endpoint.problems} <= set(PROBLEMS)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["system", "stranger"])
def test_fuzzing_finds_no_server_error_and_no_breach_of_the_document(
    market: Office, who: str, tmp_path: Path
) -> None:
    command = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert command is not None
    headers = ["-H", f"Authorization: Bearer {market.system.token}"] if who == "system" else []
    done = subprocess.run(
        [
            command, "run", f"{market.base}/openapi.json", *headers, "--max-examples", "15", "--seed", "1",
            "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
