"""A port at whose calls something else happens first, or instead: races are run, not imagined."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

Port = TypeVar("Port")


def interrupted(
    real: Port,
    name: str,
    *,
    before: Callable[..., object] | None = None,
    after: Callable[..., object] | None = None,
) -> Port:
    """`real`, but each call of `name` runs `before` and then `after` with the same arguments; what they raise is raised."""
    return cast("Port", _Interrupted(real, name, before, after))


def once(act: Callable[[], object]) -> Callable[..., None]:
    """The act at the first call, whatever its arguments, and nothing at those that follow."""
    acts = [act]

    def run(*_: object) -> None:
        if acts:
            acts.pop()()

    return run


class _Interrupted:
    def __init__(
        self,
        real: object,
        name: str,
        before: Callable[..., object] | None,
        after: Callable[..., object] | None,
    ) -> None:
        self._real, self._name, self._before, self._after = real, name, before, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return found if name != self._name else self._around(found)

    def _around(self, found: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            if self._before is not None:
                self._before(*arguments)
            result = found(*arguments)
            if self._after is not None:
                self._after(*arguments)
            return result

        return call
