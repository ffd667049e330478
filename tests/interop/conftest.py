"""The demo, told once for all tests of what it leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, told once in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    without = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ZHENGZHAO_"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "local_aws.demo"],
        cwd=folder,
        env={**without, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / ".local/demo"
