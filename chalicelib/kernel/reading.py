"""JSON values of the kind they should be; TypeError otherwise. Whoever calls says what was being read."""

from chalicelib.kernel.encoding import Json


def text(value: Json) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def count(value: Json) -> int:
    """An integer from 0 on; true is none."""
    if type(value) is not int or value < 0:
        raise TypeError("not a count")
    return value


def array(value: Json) -> list[Json]:
    """An array."""
    if not isinstance(value, list):
        raise TypeError("not an array")
    return value


def members(value: Json) -> dict[str, Json]:
    """An object."""
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value
