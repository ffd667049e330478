"""Lambda's Invoke call, spoken to by boto3."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.functions import Functions, FunctionServer


def double(event: Any, _: Any) -> Any:
    return {"twice": event["number"] * 2}


def fail(_event: Any, _context: Any) -> Any:
    raise ValueError("broken")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    server = FunctionServer(Functions({"double": double, "fail": fail}))
    server.start()
    yield boto3.client(
        "lambda",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 0}),
    )
    server.stop()


def test_a_function_answers(client: Any) -> None:
    answer = client.invoke(FunctionName="double", Payload=json.dumps({"number": 21}))
    assert json.loads(answer["Payload"].read()) == {"twice": 42}
    assert "FunctionError" not in answer


def test_an_exception_is_a_function_error(client: Any) -> None:
    answer = client.invoke(FunctionName="fail", Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read()) == {"errorMessage": "broken", "errorType": "ValueError"}


def test_an_unknown_function_is_not_found(client: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.invoke(FunctionName="nobody", Payload=b"{}")


def test_a_payload_has_a_limit(client: Any) -> None:
    with pytest.raises(ClientError, match=r"RequestTooLarge|413"):
        client.invoke(FunctionName="double", Payload=b'"' + b"a" * 6_300_000 + b'"')
