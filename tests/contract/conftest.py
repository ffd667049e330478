"""The same stores twice: in memory, and on the tables of the local AWS (or whatever AWS_ENDPOINT_URL names)."""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.adapters.dynamo_items import Items, Tables
from chalicelib.adapters.dynamo_journal import DynamoJournal
from chalicelib.adapters.dynamo_stores import (
    DynamoCatalogStore,
    DynamoCertificateStore,
    DynamoRegistry,
    DynamoStatusStore,
)
from chalicelib.adapters.sealing import Sealer
from local_aws.emulator.process import start_emulator
from tests.contract.stores import Stores
from tests.fakes.ambient import FixedClock
from tests.fakes.in_memory import InMemoryStore

NAMES = ("certificates", "catalog", "units", "log", "requests", "status", "sealing")


@pytest.fixture(scope="session")
def endpoint_url() -> Iterator[str]:
    """An emulator for the session, unless the environment names another."""
    given = os.environ.get("AWS_ENDPOINT_URL")
    if given:
        yield given
        return
    emulator = start_emulator()
    yield emulator.endpoint_url
    emulator.stop()


@pytest.fixture(scope="session")
def aws(endpoint_url: str) -> Any:
    """service → client at the endpoint."""

    def client(service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]  # the service is named at run time
            service,
            endpoint_url=endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    return client


def _tables(dynamodb: Any) -> Tables:
    prefix = f"contract-{uuid.uuid4().hex[:8]}"
    for name in NAMES:
        dynamodb.create_table(
            TableName=f"{prefix}-{name}",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
    return Tables(*(f"{prefix}-{name}" for name in NAMES))


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Empty stores."""
    clock = FixedClock()
    if request.param == "memory":
        store = InMemoryStore(clock.now)
        return Stores(store, store, store, store, store, clock)
    client = request.getfixturevalue("aws")("dynamodb")
    tables, sealer = _tables(client), Sealer(lambda: b"s" * 32)
    return Stores(
        DynamoJournal(client, Items(tables, sealer, clock.now), pause=lambda _: None),
        DynamoCertificateStore(client, tables, sealer),
        DynamoCatalogStore(client, tables),
        DynamoRegistry(client, tables),
        DynamoStatusStore(client, tables),
        clock,
    )
