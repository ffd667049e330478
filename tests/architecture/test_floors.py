"""import-linter's contracts hold, and each of them breaks when one line imports what it forbids."""

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.source import REPOSITORY

# Contract (its section's last word) → where one line is added, and the line.
BREACHES: Final = {
    "floors": ("chalicelib/kernel/text.py", "import chalicelib.usecases.act"),
    "product-stands-alone": ("chalicelib/kernel/text.py", "import moto"),
    "command-line-stands-on-the-product": ("cli/__init__.py", "import boto3"),
    "aws-is-an-adapter": ("chalicelib/audit/entry.py", "import boto3"),
    "framework-is-an-edge": ("chalicelib/usecases/act.py", "import chalice"),
    "pydantic-is-an-edge": ("chalicelib/units/model.py", "import pydantic"),
    "rules-are-pure": ("chalicelib/status/model.py", "import random"),
    "verification-is-offline": ("chalicelib/verification/__init__.py", "import boto3"),
}


def contracts() -> dict[str, str]:
    """Contract → its name in the report."""
    config = ConfigParser()
    config.read(REPOSITORY / ".importlinter", encoding="utf-8")
    prefix = "importlinter:contract:"
    return {
        part.removeprefix(prefix): config[part]["name"]
        for part in config.sections()
        if part.startswith(prefix)
    }


def broken(folder: Path) -> set[str]:
    """The contracts that the code in the folder breaks."""
    linter = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"COLUMNS": "300", "PYTHONPATH": str(folder)}
    command: list[str | Path] = [linter, "--no-cache", "--config", REPOSITORY / ".importlinter"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return {
        key
        for key, name in contracts().items()
        if re.search(rf"^{re.escape(name)} BROKEN", done.stdout, re.MULTILINE)
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product's code, free to be spoilt."""
    for name in ("chalicelib", "cli"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_code_keeps_every_contract(copy: Path) -> None:
    assert broken(copy) == set()


def test_every_contract_has_its_breach() -> None:
    assert BREACHES.keys() == contracts().keys()


@pytest.mark.parametrize("contract", BREACHES)
def test_one_forbidden_import_breaks_the_contract(copy: Path, contract: str) -> None:
    name, line = BREACHES[contract]
    (copy / name).write_text(f"{(copy / name).read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    assert contract in broken(copy)


def test_a_package_without_a_floor_breaks_the_floors(copy: Path) -> None:
    (copy / "chalicelib" / "stray.py").write_text('"""Stands nowhere."""\n')
    assert "floors" in broken(copy)
