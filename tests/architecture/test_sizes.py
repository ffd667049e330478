"""Files and functions stay small enough to be read whole."""

import ast
import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from tests.architecture.source import PRODUCT, Source, offences, python, sample

LONGEST_FILE: Final = 400
MEDIAN_FILE: Final = 120
MEDIAN_FUNCTION: Final = 8
LONG_FUNCTION: Final = 35  # the 95th percentile

Measured = tuple[int, str]


def too_long(source: Source) -> Iterator[str]:
    """A file that needs headings is two files."""
    if source.lines > LONGEST_FILE:
        yield f"{source.lines} lines, more than {LONGEST_FILE}"


def functions(source: Source) -> Iterator[Measured]:
    """Lines from `def` to the last, docstring left out; a port's signature (body `...`) is no function."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body and not _is_signature(body):
                documented = _span(node.body[0]) if body is not node.body else 0
                yield _span(node) - documented, f"{source.path}:{node.lineno} {node.name}"


def _is_signature(body: Sequence[ast.stmt]) -> bool:
    only = body[0]
    return (
        len(body) == 1
        and isinstance(only, ast.Expr)
        and isinstance(only.value, ast.Constant)
        and only.value.value is ...
    )


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def percentile(measured: Sequence[Measured], share: float) -> int:
    """The smallest length that at least `share` of them do not exceed."""
    lengths = sorted(length for length, _ in measured)
    return lengths[math.ceil(share * len(lengths)) - 1]


def longest(measured: Sequence[Measured], above: int) -> str:
    """Those above, longest first, for the assertion's message."""
    found = sorted((each for each in measured if each[0] > above), reverse=True)
    return "\n".join(f"{length:5d} {where}" for length, where in found[:20])


def product_functions() -> list[Measured]:
    """Every function that ships."""
    return [each for source in python(PRODUCT) for each in functions(source)]


def test_no_file_is_too_long() -> None:
    found = offences(too_long, python())
    assert not found, "\n".join(found)


def test_median_file_is_short() -> None:
    files = [(source.lines, source.path) for source in python() if not source.path.endswith("__init__.py")]
    assert median(lines for lines, _ in files) <= MEDIAN_FILE, longest(files, MEDIAN_FILE)


def test_median_function_is_short() -> None:
    measured = product_functions()
    assert percentile(measured, 0.5) <= MEDIAN_FUNCTION, longest(measured, MEDIAN_FUNCTION)


def test_nearly_every_function_is_short() -> None:
    measured = product_functions()
    assert percentile(measured, 0.95) <= LONG_FUNCTION, longest(measured, LONG_FUNCTION)


def test_a_long_file_is_seen() -> None:
    assert list(too_long(sample("x = 1\n" * (LONGEST_FILE + 1))))
    assert list(too_long(sample("x = 1\n" * LONGEST_FILE))) == []


def test_functions_are_measured_without_docstrings_and_signatures() -> None:
    source = sample('''
        class Port:
            def promised(self) -> int:
                """A promise."""
                ...

            def kept(self) -> int:
                """Two lines

                of docstring do not count."""
                first = 1
                return first
    ''')
    assert [(length, where.split()[-1]) for length, where in functions(source)] == [(3, "kept")]


def test_a_long_function_moves_the_percentile() -> None:
    short, long = (5, "short"), (60, "long")
    assert percentile([short] * 19 + [long], 0.95) == 5
    assert percentile([short] * 18 + [long] * 2, 0.95) == 60
    assert longest([short, long], LONG_FUNCTION) == "   60 long"
