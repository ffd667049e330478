"""Every signed part of a credential, changed: one at a time, the rest left as it was."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.interop.verifiers import part, split, unpadded


def mutations(credential: str) -> Iterator[tuple[str, str]]:
    """(what was changed, the credential so changed): header members, claims, disclosures, signature, certificates."""
    jws, disclosures = split(credential)
    header, payload, signature = jws.split(".")
    rest = "~".join(["", *disclosures, ""])
    for what, changed in _members(part(jws, 0)):
        yield f"header {what}", f"{_encoded(changed)}.{payload}.{signature}{rest}"
    for what, changed in _members(part(jws, 1)):
        yield f"payload {what}", f"{header}.{_encoded(changed)}.{signature}{rest}"
    for at, flipped in _flips(unpadded(signature)):
        yield f"signature byte {at}", f"{header}.{payload}.{_b64(flipped)}{rest}"
    yield "signature away", f"{header}.{payload}.{rest}"
    for index, disclosure in enumerate(disclosures):
        for what, altered in _elements(json.loads(unpadded(disclosure))):
            others = [*disclosures[:index], _encoded(altered), *disclosures[index + 1 :]]
            yield f"disclosure {index} {what}", "~".join([jws, *others, ""])


def _members(said: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in said.items():
        yield f"{name} away", {key: one for key, one in said.items() if key != name}
        if name == "x5c":
            for index, certificate in enumerate(value):
                for at, flipped in _flips(base64.b64decode(certificate)):
                    chain = [*value[:index], base64.b64encode(flipped).decode(), *value[index + 1 :]]
                    yield f"x5c {index} byte {at}", {**said, name: chain}
        else:
            yield name, {**said, name: _other(value)}
    yield "one more", {**said, "another": 1}


def _elements(said: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    for index, what in enumerate(("salt", "name", "value")):
        yield what, [*said[:index], _other(said[index]), *said[index + 1 :]]


def _other(value: Any) -> Any:
    """A value of the same kind that is another."""
    if isinstance(value, str):
        return value[:-1] + ("0" if value[-1:] != "0" else "1")
    if isinstance(value, dict):
        return {name: _other(one) for name, one in value.items()}
    return [*value[:-1], _other(value[-1])] if isinstance(value, list) else value + 1


def _flips(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Some bytes, spread over all of it, each with its lowest bit turned."""
    for at in sorted({0, len(data) // 3, len(data) // 2, 2 * len(data) // 3, len(data) - 1}):
        yield at, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _encoded(value: Any) -> str:
    return _b64(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
