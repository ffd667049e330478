"""Every package has one exact version, the same wherever it stands; what ships is closed and free of tools."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from tests.architecture.source import REPOSITORY

FILES: Final = (
    "requirements.txt",
    "requirements-audit.txt",
    "requirements-local.txt",
    "requirements-dev.txt",
)
PIN: Final = re.compile(r"([a-z0-9][a-z0-9.-]*)==([\w.!+-]+)(\s+#.*)?")
NEVER_SHIPS: Final = {"chalice", "hypothesis", "moto", "pip", "pytest", "setuptools", "wheel"}

Pins = Mapping[str, str]


def loose(text: str) -> Iterator[str]:
    """Lines that are neither an exact version nor a comment: ranges, addresses, options."""
    for line in text.splitlines():
        if line and not line.startswith("#") and not PIN.fullmatch(line):
            yield line


def pins(text: str) -> dict[str, str]:
    """Package → version."""
    return {found[1]: found[2] for line in text.splitlines() if (found := PIN.fullmatch(line))}


def disagreements(lower: Pins, upper: Pins) -> list[str]:
    """What `upper` lacks of `lower`, or holds at another version."""
    return [
        f"{name}: {version} ≠ {upper.get(name)}"
        for name, version in lower.items()
        if upper.get(name) != version
    ]


def text_of(name: str) -> str:
    """The requirements file's text."""
    return (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_only_exact_versions(name: str) -> None:
    assert list(loose(text_of(name))) == []


@pytest.mark.parametrize(("lower", "upper"), [(FILES[0], FILES[1]), (FILES[1], FILES[2])])
def test_one_version_everywhere(lower: str, upper: str) -> None:
    assert disagreements(pins(text_of(lower)), pins(text_of(upper))) == []


def test_tools_do_not_ship() -> None:
    assert NEVER_SHIPS & pins(text_of(FILES[0])).keys() == set()


@pytest.mark.parametrize(
    "line", ["boto3>=1", "boto3", "-e .", "https://example.org/a.whl", "--index-url x", "a==1 ; b"]
)
def test_loose_lines_are_seen(line: str) -> None:
    assert list(loose(f"# comment\nattrs==26.1.0  # via x\n{line}\n")) == [line]


def test_disagreements_are_seen() -> None:
    lower = {"attrs": "26.1.0", "boto3": "1.0"}
    assert disagreements(lower, {"attrs": "26.1.0", "boto3": "1.1"}) == ["boto3: 1.0 ≠ 1.1"]
    assert disagreements(lower, {"attrs": "26.1.0"}) == ["boto3: 1.0 ≠ None"]
