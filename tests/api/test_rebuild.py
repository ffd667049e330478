"""The drill (art. 23) in a process and on a stage of its own: what other tests did is not in the log that is rebuilt from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OURS = ("AWS_", "ZHENGZHAO_", "PYTEST_", "COV_", "COVERAGE_")


@pytest.mark.slow
def test_a_stage_that_lost_every_table_has_them_again() -> None:
    without = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/api/drill_rebuild.py"]
    done = subprocess.run(command, cwd=PROJECT, env=without, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "5 passed" in done.stdout
