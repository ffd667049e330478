"""A checker is silenced for one named finding and for a stated reason, or not at all."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.architecture.source import Source, offences, python, sample

# After the marker its code, then a second comment that gives the reason.
SILENCER: Final = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no (?:cover|branch)|nosec)\b")
REASONED: Final = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\]|pragma:\s*no (?:cover|branch))\s+(?:#|-|–)\s*\S.{7,}"
)


def unreasoned(source: Source) -> Iterator[str]:
    """No `noqa`, `type: ignore` or `no cover` without its code and, after it, its reason."""
    for line, comment in source.comments:
        if SILENCER.search(comment) and not REASONED.search(comment):
            yield f"line {line} silences without code and reason: {comment}"


def test_no_checker_is_silenced_without_a_reason() -> None:
    found = offences(unreasoned, python())
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "comment",
    [
        "# no" + "qa",
        "# no" + "qa: S311",
        "# type: " + "ignore",
        "# type: " + "ignore[arg-type]",
        "# pragma: " + "no cover",
    ],
)
def test_silencers_without_code_or_reason_are_seen(comment: str) -> None:
    assert list(unreasoned(sample(f"x = 1  {comment}\n")))


@pytest.mark.parametrize(
    "comment",
    [
        "# no" + "qa: S311  # jitter, not a secret",
        "# type: " + "ignore[attr-defined]  # pydantic's own hook",
        "# pragma: " + "no cover - reached only when the disk is full",
    ],
)
def test_reasoned_silencers_may_stand(comment: str) -> None:
    assert list(unreasoned(sample(f"x = 1  {comment}\n"))) == []


def test_a_string_that_looks_like_a_silencer_is_none() -> None:
    assert list(unreasoned(sample('x = "# no' + 'qa"\n'))) == []
