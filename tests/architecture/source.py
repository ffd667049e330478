"""Source files as the rules see them: a path inside the repository, the text, and the syntax tree."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from textwrap import dedent
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
PRODUCT: Final = ("app.py", "chalicelib/", "cli/")
PYTHON: Final = (*PRODUCT, "infra/", "local_aws/", "bench/", "tests/")


@dataclass(frozen=True)
class Source:
    """One file; `path` is relative to the repository, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @property
    def lines(self) -> int:
        """Lines, as `wc -l` counts them."""
        return len(self.text.splitlines())

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Line number and text of each comment; strings that look like one are not."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


Rule = Callable[[Source], Iterable[str]]


def sample(text: str, path: str = "chalicelib/kernel/sample.py") -> Source:
    """A source that is not in the repository, for a rule's rejecting twin."""
    return Source(path, dedent(text))


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is, or would be, committed. Without git (an unpacked archive): none, and the caller says so."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else _walk()
    return tuple(sorted(name for name in names if name and (REPOSITORY / name).is_file()))


def _walk() -> Iterator[str]:
    hidden = {".venv", "node_modules", "__pycache__", ".local", ".git"}
    for path in REPOSITORY.rglob("*"):
        parts = path.relative_to(REPOSITORY).parts
        if path.is_file() and not hidden.intersection(parts):
            yield "/".join(parts)


@cache
def read(name: str) -> Source:
    """The tracked file of that name."""
    return Source(name, (REPOSITORY / name).read_text(encoding="utf-8"))


def python(roots: tuple[str, ...] = PYTHON) -> list[Source]:
    """The Python files under the roots (folders end in a slash), published vectors excepted."""
    names = (name for name in tracked() if name.endswith(".py") and name.startswith(roots))
    return [read(name) for name in names if not name.startswith("tests/vectors/published/")]


def offences(rule: Rule, sources: Iterable[Source]) -> list[str]:
    """What the rule finds, each as `path: finding`, for the assertion's message."""
    return [f"{source.path}: {finding}" for source in sources for finding in rule(source)]


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Local name → dotted origin, for every import in the file: `from datetime import datetime as dt` gives dt."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            # `import a.b` binds `a`; `import a.b as c` binds the whole.
            names.update(
                (a.asname or a.name.split(".")[0], a.name if a.asname else a.name.split(".")[0])
                for a in node.names
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
    return names


def references(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted origin of each use of an imported name, aliases resolved: `dt.now` is `datetime.datetime.now`."""
    names = imported_names(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute) and (origin := _origin(node, names)):
            yield node.lineno, origin


def _origin(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and (left := _origin(node.value, names)):
        return f"{left}.{node.attr}"
    return None
