"""The one way in which a correction takes a method's place."""

from collections.abc import Callable
from typing import Any


def replace(owner: type, name: str, made: Callable[[Any], Any]) -> None:
    """Put `made(original)` in the place of the owner's method."""
    setattr(owner, name, made(getattr(owner, name)))
