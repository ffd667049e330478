"""Every text in a JSON value, member names among them, with the path that leads to it."""

from collections.abc import Iterator

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.text import within


def texts(value: Json) -> Iterator[tuple[str, str]]:
    """(path, text) in the order written; a member's name stands under its own path. Any nesting: no recursion.

    The path names members only, never content.
    """
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            yield path or "value", one
        elif isinstance(one, dict):
            members = [(within(path, name), name, member) for name, member in one.items()]
            waiting += [
                found for at, name, member in reversed(members) for found in ((at, member), (at, name))
            ]
        elif isinstance(one, list):
            waiting += [(f"{path}[{index}]", one[index]) for index in reversed(range(len(one)))]
