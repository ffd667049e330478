"""The same stores twice: in memory, and on the tables of the local AWS (or whatever AWS_ENDPOINT_URL names)."""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.adapters.dynamo_items import Items, Tables
from chalicelib.adapters.dynamo_journal import DynamoJournal
from chalicelib.adapters.dynamo_outbox import DynamoOutbox
from chalicelib.adapters.dynamo_stores import (
    DynamoCatalogStore,
    DynamoCertificateStore,
    DynamoRegistry,
    DynamoStatusStore,
)
from chalicelib.adapters.dynamo_transfers import DynamoTransferStore
from chalicelib.adapters.sealing import Sealer
from infra import tables as of_infra
from infra.stages import load_stage
from local_aws.emulator.process import start_emulator
from tests.contract.stores import Outboxes, Stores
from tests.fakes.ambient import FixedClock
from tests.fakes.in_memory import InMemoryStore
from tests.fakes.log import InMemoryOutbox

# Keys and indexes as a stage has them; the rest of its properties is of no account here.
SHAPE = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


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
    for logical, resource in of_infra.tables(load_stage("local")).items():
        shape = {name: value for name, value in resource["Properties"].items() if name in SHAPE}
        name = logical.removesuffix("Table").lower()
        dynamodb.create_table(TableName=f"{prefix}-{name}", **shape)
    return Tables(*(f"{prefix}-{name}" for name in of_infra.TABLES))


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Empty stores."""
    clock = FixedClock()
    if request.param == "memory":
        store = InMemoryStore(clock.now)
        return Stores(store, store, store, store, store, store, clock)
    client = request.getfixturevalue("aws")("dynamodb")
    tables, sealer = _tables(client), Sealer(lambda: b"s" * 32)
    return Stores(
        DynamoJournal(client, Items(tables, sealer, clock.now), pause=lambda _: None),
        DynamoCertificateStore(client, tables, sealer),
        DynamoCatalogStore(client, tables),
        DynamoRegistry(client, tables),
        DynamoStatusStore(client, tables),
        DynamoTransferStore(client, tables, sealer),
        clock,
    )


@pytest.fixture(params=["memory", "dynamodb"])
def outboxes(request: pytest.FixtureRequest) -> Outboxes:
    """An empty log, and the journal that fills it."""
    clock = FixedClock()
    if request.param == "memory":
        store = InMemoryStore(clock.now)
        return Outboxes(store, InMemoryOutbox(store), clock)
    return dynamo_outboxes(request.getfixturevalue("aws")("dynamodb"), clock)


@pytest.fixture
def in_dynamodb(aws: Any) -> Outboxes:
    """The same, for what only the adapter does."""
    return dynamo_outboxes(aws("dynamodb"), FixedClock())


def dynamo_outboxes(client: Any, clock: FixedClock) -> Outboxes:
    """On fresh tables."""
    tables = _tables(client)
    items = Items(tables, Sealer(lambda: b"s" * 32), clock.now)
    outbox = DynamoOutbox(client, tables, pause=lambda _: None)
    return Outboxes(DynamoJournal(client, items, pause=lambda _: None), outbox, clock, client, items)
