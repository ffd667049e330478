"""A small memory of what was read before: the newest few only, so that a stream of strangers' files cannot fill it."""

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
KEPT: Final = 256


class Memory(Generic[Key, Value]):
    """`memory(key)` is `read(key)`, remembered. Safe for threads: at worst something is read twice."""

    def __init__(self, read: Callable[[Key], Value]) -> None:
        self._read, self._kept = read, dict[Key, Value]()

    def __call__(self, key: Key) -> Value:
        """What reading the key gives."""
        try:
            return self._kept[key]
        except KeyError:
            found = self._read(key)
        while len(self._kept) >= KEPT:
            self._kept.pop(next(iter(self._kept), key), None)
        self._kept[key] = found
        return found
