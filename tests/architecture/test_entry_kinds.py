"""Every act has a kind of entry in the catalog: a new use case, route, job or command without one fails here."""

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from chalicelib.api.routes import ENDPOINTS
from chalicelib.audit.kinds import CATALOG, CLASSES, FIELDS, KINDS, document
from chalicelib.jobs.authority import COMMANDS
from tests.architecture.source import REPOSITORY

# What each function of app.py may write; the API's are its endpoints', the authority's its commands'.
JOBS: Final[dict[str, frozenset[str]]] = {
    "issuer": frozenset({"certificate_issued", "certificate_superseded"}),
    "authority": frozenset(kind for command in COMMANDS.values() for kind in command.kinds),
    "publish_on_change": frozenset({"status_list_published"}),
    "publish_on_schedule": frozenset({"status_list_published"}),
    "archive_lists_daily": frozenset({"status_list_published", "status_list_archived"}),
    # The sealer's acts are the checkpoints: an entry of its own would have to be sealed in turn, without end.
    "seal_on_change": frozenset(),
    "seal_on_schedule": frozenset(),
    # A timestamp changes nothing of the records, and verifies by itself.
    "timestamp_log_daily": frozenset(),
    "hand_over_on_request": frozenset({"transfer_part_prepared", "transfer_prepared", "transfer_refused"}),
    "hand_over_on_schedule": frozenset({"transfer_part_prepared", "transfer_prepared", "transfer_refused"}),
}


def functions() -> set[str]:
    """Whatever app.py hands to AWS."""
    tree = ast.parse((REPOSITORY / "app.py").read_text(encoding="utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.decorator_list}


def constants() -> Iterator[str]:
    """The use cases' KIND, …_KIND, GRANTED and REFUSED."""
    for file in sorted((REPOSITORY / "chalicelib" / "usecases").glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            named = isinstance(target, ast.Name) and target.id.endswith(("KIND", "GRANTED", "REFUSED"))
            value = getattr(node, "value", None)
            if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def test_the_use_cases_kinds_are_the_catalogs() -> None:
    found = set(constants())
    assert found - set(KINDS) == set(), "a kind that is not in chalicelib/audit/kinds.py"
    assert set(KINDS) - found == set(), "a kind that nobody writes"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_a_closed_endpoint_has_a_kind_that_may_be_refused(endpoint: object) -> None:
    entitled, kind = getattr(endpoint, "entitlement", None), getattr(endpoint, "kind", "")
    if entitled is None:
        assert kind == ""
    else:
        assert KINDS[kind].refusals


def test_every_function_of_the_application_is_mapped_to_its_kinds() -> None:
    assert functions() == set(JOBS), "say in JOBS which kinds of entry the function writes"
    assert set().union(*JOBS.values()) <= set(KINDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_has_kinds_and_its_first_may_be_refused(name: str) -> None:
    kinds = [KINDS[kind] for kind in COMMANDS[name].kinds]
    assert kinds[0].refusals


def test_the_catalog_names_each_kind_once_and_explains_each_detail() -> None:
    assert len(KINDS) == len(CATALOG)
    assert {kind.class_ for kind in CATALOG} == set(CLASSES)
    used = set().union(*(kind.details for kind in CATALOG)) | {"code", "field"}
    assert used == set(FIELDS)


def test_the_documentation_is_the_catalog() -> None:
    written = (REPOSITORY / "docs" / "entry-kinds.md").read_text(encoding="utf-8")
    assert written == document(), "make vectors"
