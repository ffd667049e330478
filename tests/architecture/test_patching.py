"""Tests patch nothing: if a thing is hard to fake, its port is wrong."""

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from tests.architecture.source import Source, offences, python, sample

PATCHERS: Final = {"MagicMock", "Mock", "AsyncMock", "NonCallableMock", "create_autospec", "mocker", "patch"}
PATCHING: Final = {"setattr", "setitem", "delattr", "delitem", "patch", "syspath_prepend"}


def patched(source: Source) -> Iterator[str]:
    """No mocks, no patched attributes: if a thing is hard to fake, its port is wrong. The environment may be set."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = node.module if isinstance(node, ast.ImportFrom) else None
            names = {origin or "", *(alias.name for alias in node.names)}
            if names & ({"mock", "unittest.mock", "pytest_mock"} | PATCHERS):
                yield f"line {node.lineno} imports a mock"
        elif isinstance(node, ast.arg) and node.arg in PATCHERS:
            yield f"line {node.lineno} takes {node.arg}"
        elif (
            isinstance(node, ast.Attribute)
            and node.attr in PATCHING
            and _name(node.value) in {"monkeypatch", "mock", "patch"}
        ):
            yield f"line {node.lineno} patches with {_name(node.value)}.{node.attr}"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def test_no_test_patches() -> None:
    found = offences(patched, python(("tests/",)))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "from unittest.mock import MagicMock",
        "from unittest import mock",
        "import unittest.mock",
        "def test_it(mocker): mocker.patch('a.b')",
        "def test_it(monkeypatch): monkeypatch.setattr('a.b', 1)",
        "def test_it(monkeypatch): monkeypatch.setitem({}, 'a', 1)",
    ],
)
def test_patching_is_seen(text: str) -> None:
    assert list(patched(sample(text, "tests/unit/test_sample.py")))


def test_setting_the_environment_may_stand() -> None:
    text = "def test_it(monkeypatch): monkeypatch.setenv('STAGE', 'local')"
    assert list(patched(sample(text, "tests/unit/test_sample.py"))) == []
