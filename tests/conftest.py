"""Policy for every test: what a missing tool means, and how Hypothesis searches.

A tool that is missing is a reasoned skip for a developer; with CI=true it is a failure, because there a skip would be
a check that nobody ran.
"""

import os

import pytest
from hypothesis import settings

from tests.tools import NEEDS

# Two busy cores are slow at odd moments: no deadline. In CI the same examples each run, so that a failure repeats.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or in CI fail, a test whose tool is missing."""
    for marker, lacks in NEEDS.items():
        if item.get_closest_marker(marker) and (reason := lacks()):
            verdict = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            verdict(f"{marker}: {reason} (make tools)")
