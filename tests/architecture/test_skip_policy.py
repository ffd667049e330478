"""A missing tool is a skip for a developer and a failure in CI; a tool that is there is neither."""

import sys

import pytest

from tests.tools import NEEDS, REPOSITORY

POLICY = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from tests.conftest import pytest_runtest_setup
"""
SAMPLE = """
import pytest

@pytest.mark.needs_node
def test_with_node(): pass

@pytest.mark.needs_openssl
def test_with_openssl(): pass

@pytest.mark.needs_chromium
def test_with_chromium(): pass
"""


def outcomes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str) -> dict[str, int]:
    """How the sample ends under this repository's policy on a machine that has a Chromium and nothing else."""
    tools = pytester.mkdir("tools")
    (tools / "chromium").write_text("#!/bin/sh\n")
    (tools / "chromium").chmod(0o755)
    pytester.makeini("[pytest]\nmarkers =\n" + "".join(f"    {name}: sample\n" for name in NEEDS))
    pytester.makeconftest(POLICY)
    pytester.makepyfile(SAMPLE)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return pytester.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider").parseoutcomes()


def test_a_developer_skips_what_is_missing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcomes(pytester, monkeypatch, "") == {"passed": 1, "skipped": 2}


def test_in_ci_what_is_missing_fails(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcomes(pytester, monkeypatch, "true") == {"passed": 1, "errors": 2}
