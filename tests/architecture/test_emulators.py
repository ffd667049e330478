"""docs/emulators.md tells of the very contract tests that there are, and ours passes all of them."""

import ast

from local_aws.parity import TESTS
from tests.architecture.source import REPOSITORY

PAGE = (REPOSITORY / "docs/emulators.md").read_text(encoding="utf-8")


def written() -> set[str]:
    """The contract tests' names as the page spells them."""
    found = set()
    for path in (REPOSITORY / TESTS).glob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path.stem}: {node.name}".replace("test_", "").replace("_", " "))
    return found


def listed() -> dict[str, list[str]]:
    """The page's rows: behaviour (without its parameter) → marks."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if "✓" in line or "✗" in line]
    return {row[0].partition("[")[0]: row[1:] for row in rows}


def test_every_contract_test_is_on_the_page_and_no_other() -> None:
    assert set(listed()) == written(), "make test-parity writes it anew"


def test_ours_passes_all_and_the_others_do_not() -> None:
    ours, plain, second = zip(*listed().values(), strict=True)
    assert set(ours) == {"✓"}
    assert "✗" in plain
    assert "✗" in second
