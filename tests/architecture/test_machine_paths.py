"""Nothing that is committed knows a folder of somebody's machine."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.architecture.source import Source, offences, read, sample, tracked

MACHINE_PATH: Final = re.compile(
    r"(?<![\w./:}-])/(?:home|root|Users|work|workspaces?|builds|mnt|private/var)/[\w.]"
)


def machine_paths(source: Source) -> Iterator[str]:
    """An absolute path under a home, a mount or a build folder; the paths of web addresses are none."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := MACHINE_PATH.search(line):
            yield f"line {number} names a path of a machine: {found[0]}…"


def text_files() -> Iterator[Source]:
    """Every committed file that is text; published vectors stay as they were published."""
    for name in tracked():
        if name.startswith("tests/vectors/published/"):
            continue
        try:
            yield read(name)
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_path_of_a_machine() -> None:
    found = offences(machine_paths, text_files())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", ["home", "Users", "root"])
def test_paths_of_machines_are_seen(folder: str) -> None:
    assert list(machine_paths(sample(f"see /{folder}/somebody/notes.txt", "docs/sample.md")))
    assert list(machine_paths(sample(f"https://example.org/{folder}/somebody", "docs/sample.md"))) == []
