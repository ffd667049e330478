"""The rules look at no clock, dice or environment; clients are built in one place, with timeouts, for no known endpoint."""

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from tests.architecture.source import PRODUCT, Rule, Source, offences, python, references, sample

AMBIENT: Final = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.gmtime", "time.localtime", "time.sleep",
    "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "os.urandom",
}  # fmt: skip
AMBIENT_MODULES: Final = ("random.", "secrets.")
ENVIRONMENT: Final = {"os.environ", "os.environb", "os.getenv", "os.putenv"}
READS_ENVIRONMENT: Final = "chalicelib/settings.py"
TOUCHES_WORLD: Final = "chalicelib/adapters/"


def ambient(source: Source) -> Iterator[str]:
    """Time and randomness come from the ports `Clock` and `Entropy`; adapters implement them."""
    if source.path.startswith(TOUCHES_WORLD) or not source.path.startswith("chalicelib/"):
        return
    for line, origin in references(source):
        if origin in AMBIENT or origin.startswith(AMBIENT_MODULES):
            yield f"line {line} uses {origin}; ask a port"


def environment(source: Source) -> Iterator[str]:
    """The environment is read in one file."""
    if source.path == READS_ENVIRONMENT or source.path.startswith("cli/"):
        return
    for line, origin in references(source):
        if origin in ENVIRONMENT:
            yield f"line {line} uses {origin}; only {READS_ENVIRONMENT} may"


def endpoint(source: Source) -> Iterator[str]:
    """Nothing in the product knows where AWS is: boto3 reads AWS_ENDPOINT_URL by itself."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg == "endpoint_url":
            yield f"line {node.lineno} passes endpoint_url"
        elif isinstance(node, ast.Constant) and node.value == "endpoint_url":
            yield f"line {node.lineno} names endpoint_url"


def patient_client(source: Source) -> Iterator[str]:
    """A client without `config=` waits a minute for a dead peer, and retries as somebody else decided."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"client", "resource"} and all(word.arg != "config" for word in node.keywords):
            yield f"line {node.lineno} builds a client without config=Config(timeouts, retries)"


@pytest.mark.parametrize("rule", [ambient, environment, endpoint, patient_client])
def test_product_obeys(rule: Rule) -> None:
    found = offences(rule, python(PRODUCT))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import datetime\nmoment = datetime.now()",
        "from datetime import UTC, datetime as dt\nmoment = dt.now(UTC)",
        "import datetime\nmoment = datetime.datetime.utcnow()",
        "from datetime import date\nday = date.today()",
        "import time\nmoment = time.time()",
        "from time import time as clock\nmoment = clock()",
        "from dataclasses import field\nfrom uuid import uuid4\nname = field(default_factory=uuid4)",
        "from random import choice\nlot = choice('ab')",
        "def draw():\n    import secrets\n    return secrets.token_hex(4)",
        "import os\nsalt = os.urandom(16)",
    ],
)
def test_ambient_time_and_randomness_are_seen(text: str) -> None:
    assert list(ambient(sample(text)))


def test_adapters_and_pure_conversions_may_stand() -> None:
    adapter = sample("import os\nsalt = os.urandom(16)", f"{TOUCHES_WORLD}system.py")
    pure = sample("from datetime import UTC, datetime\nmoment = datetime.fromtimestamp(0, UTC)")
    assert [*ambient(adapter), *ambient(pure)] == []


@pytest.mark.parametrize(
    "text", ["import os\nstage = os.environ['S']", "from os import getenv\nstage = getenv('S')"]
)
def test_environment_reads_are_seen_except_in_settings(text: str) -> None:
    assert list(environment(sample(text)))
    assert list(environment(sample(text, f"{TOUCHES_WORLD}kms.py")))
    assert list(environment(sample(text, READS_ENVIRONMENT))) == []


@pytest.mark.parametrize(
    "text", ["kms = session.client('kms', endpoint_url=url)", "options = {'endpoint_url': url}"]
)
def test_named_endpoints_are_seen(text: str) -> None:
    assert list(endpoint(sample(text)))


def test_clients_without_timeouts_are_seen() -> None:
    assert list(patient_client(sample("import boto3\nkms = boto3.client('kms')")))
    assert list(patient_client(sample("import boto3\nkms = boto3.client('kms', config=config)"))) == []
