"""Names say what a thing is; packages say what they own; a use case is a file with one door."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

import pytest

from tests.architecture.source import PRODUCT, PYTHON, Rule, Source, offences, python, read, sample, tracked

NAMELESS: Final = {
    "base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "shared", "util", "utilities", "utils",
}  # fmt: skip
# What several use cases share; every other file under usecases/ is one act.
SHARED_BY_USE_CASES: Final = {
    "act",
    "sealed_lines",
    "sealed_segment",
    "certifying",
    "collection",
    "granting",
    "handed_over",
    "office",
    "own_certificate",
    "platform",
    "status_change",
}
CHARTER: Final = ("Owns ", "Does not own ", "Keeps: ")
# What app.py may import: these, and what is below them.
ENTRY_IMPORTS: Final = re.compile(
    r"(chalice|aws_lambda_powertools|chalicelib\.(api|bootstrap|jobs|portal|settings)|typing|collections\.abc)(\.|$)"
)


def nameless(source: Source) -> Iterator[str]:
    """A module called `utils` is a module that nobody named."""
    path = PurePosixPath(source.path)
    for part in (*path.parts[:-1], path.stem):
        if part in NAMELESS:
            yield f"'{part}' says nothing; name what it holds"


def uncharted(source: Source) -> Iterator[str]:
    """A package has a docstring; one of the house's own says what it owns, what it does not, what it keeps."""
    path = PurePosixPath(source.path)
    if path.name != "__init__.py" or path.parts[0] == "tests":
        return
    docstring = ast.get_docstring(source.tree)
    if docstring is None:
        yield "package without a docstring"
    elif len(path.parts) == 3 and path.parts[0] == "chalicelib":  # chalicelib/<floor>/__init__.py
        yield from (f"docstring lacks '{word.strip()} …'" for word in CHARTER if word not in docstring)


def crowded(source: Source) -> Iterator[str]:
    """A use case's file has one public function, named like the file, that is handed the platform first."""
    path = PurePosixPath(source.path)
    if path.parts[:2] != ("chalicelib", "usecases") or path.stem in SHARED_BY_USE_CASES | {"__init__"}:
        return
    public = [n for n in source.tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    if [function.name for function in public] != [path.stem]:
        yield f"public functions {[function.name for function in public]}, expected ['{path.stem}']"
    elif not (arguments := public[0].args.args) or arguments[0].arg != "platform":
        yield f"{path.stem} does not take the platform first"
    if "_" not in path.stem:
        yield f"'{path.stem}' is not verb_noun"


def busy_entry(source: Source) -> Iterator[str]:
    """app.py holds routes and triggers, nothing else: it imports edges and composition only."""
    if source.path != "app.py":
        return
    for node in ast.walk(source.tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else names
        yield from (f"imports {name}" for name in names if not ENTRY_IMPORTS.match(name))


@pytest.mark.parametrize("rule", [nameless, uncharted, crowded, busy_entry])
def test_names_obey(rule: Rule) -> None:
    found = offences(rule, python())
    assert not found, "\n".join(found)


def test_every_shipped_folder_is_a_package() -> None:
    folders = {str(PurePosixPath(source.path).parent) for source in python(PRODUCT)} - {"."}
    missing = sorted(folder for folder in folders if f"{folder}/__init__.py" not in tracked())
    assert missing == []


@pytest.mark.parametrize("path", ["chalicelib/kernel/utils.py", "cli/helpers.py", "tests/common/clock.py"])
def test_nameless_modules_are_seen(path: str) -> None:
    assert list(nameless(sample("", path)))


def test_packages_without_a_charter_are_seen() -> None:
    silent = sample("", "cli/__init__.py")
    vague = sample('"""Things."""', "chalicelib/kernel/__init__.py")
    assert len(list(uncharted(silent))) == 1
    assert len(list(uncharted(vague))) == len(CHARTER)
    assert list(uncharted(read("chalicelib/kernel/__init__.py"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "def issue_certificate(platform, act): ...\ndef another(platform): ...",
        "def issue(platform, act): ...",
        "def issue_certificate(act, platform): ...",
        "def _hidden(platform): ...",
    ],
)
def test_crowded_or_misnamed_use_cases_are_seen(text: str) -> None:
    assert list(crowded(sample(text, "chalicelib/usecases/issue_certificate.py")))


def test_a_use_case_with_one_door_may_stand() -> None:
    text = "def issue_certificate(platform, act): ...\ndef _commit(platform): ...\nclass Decision: ..."
    assert list(crowded(sample(text, "chalicelib/usecases/issue_certificate.py"))) == []


def test_an_entry_that_does_work_is_seen() -> None:
    text = "from chalicelib.usecases.issue_certificate import issue_certificate\nimport boto3"
    assert len(list(busy_entry(sample(text, "app.py")))) == 2
    assert list(busy_entry(sample("from chalicelib.api.catalog import routes", "app.py"))) == []


def test_the_roots_are_looked_at() -> None:
    assert {name for name in ("chalicelib/", "tests/") if name in PYTHON} == {"chalicelib/", "tests/"}
    assert len(python(("chalicelib/",))) > 20
