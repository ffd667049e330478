"""What an SD-JWT says to whoever holds these disclosures: RFC 9901 §7.1, steps 3 to 5.

Every digest is looked at wherever it stands, each at most once; every disclosure must have been found at the end.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.sd_jwt import RESERVED, Disclosed

DEEPEST: Final = 32


def revealed(payload: Mapping[str, Json], disclosures: Iterable[Disclosed]) -> dict[str, Json]:
    """The processed payload: disclosed claims in their places, digests and `_sd_alg` gone.

    Invalid("disclosure_unsigned") when the payload covers no such disclosure; Invalid("disclosure_repeated") when a
    digest or a claim is there twice; Invalid("malformed_digests") for anything §4.2.4 does not allow.
    """
    given = tuple(disclosures)
    reading = _Reading(given)
    if payload.get("_sd_alg", "sha-256") != "sha-256":
        raise Invalid("malformed_digests")
    claims = reading.members(payload, 0)
    claims.pop("_sd_alg", None)
    if reading.waiting:
        raise Invalid("disclosure_unsigned")
    return claims


class _Reading:
    """One pass over a payload: the disclosures not found yet, and the digests met so far."""

    def __init__(self, given: tuple[Disclosed, ...]) -> None:
        self.waiting = {one.digest: one for one in given}
        self._met = set[str]()
        if len(self.waiting) != len(given):
            raise Invalid("disclosure_repeated")

    def members(self, said: Mapping[str, Json], depth: int) -> dict[str, Json]:
        """An object, processed (§7.1 step 3.c.ii)."""
        if depth > DEEPEST or "..." in said:
            raise Invalid("malformed_digests")
        found = {name: self._value(value, depth) for name, value in said.items() if name != "_sd"}
        digests = said.get("_sd", [])
        if not isinstance(digests, list):
            raise Invalid("malformed_digests")
        for digest in digests:
            one = self._disclosure(digest)
            if one is not None:
                if one.name is None or one.name in RESERVED:
                    raise Invalid("malformed_digests")
                if one.name in found:
                    raise Invalid("disclosure_repeated")
                found[one.name] = self._value(one.value, depth)
        return found

    def _value(self, value: Json, depth: int) -> Json:
        if isinstance(value, dict):
            return self.members(value, depth + 1)
        return self._elements(value, depth + 1) if isinstance(value, list) else value

    def _elements(self, said: list[Json], depth: int) -> list[Json]:
        """An array, processed: what is disclosed in place of its digest, what is not left out (steps 3.c.iii, 3.d)."""
        if depth > DEEPEST:
            raise Invalid("malformed_digests")
        found: list[Json] = []
        for element in said:
            if isinstance(element, dict) and element.keys() == {"..."}:
                one = self._disclosure(element["..."])
                if one is not None:
                    if one.name is not None:
                        raise Invalid("malformed_digests")
                    found.append(self._value(one.value, depth))
            else:
                found.append(self._value(element, depth))
        return found

    def _disclosure(self, digest: Json) -> Disclosed | None:
        """What was disclosed for the digest, which must not have been met before (step 4)."""
        if not isinstance(digest, str):
            raise Invalid("malformed_digests")
        if digest in self._met:
            raise Invalid("disclosure_repeated")
        self._met.add(digest)
        return self.waiting.pop(digest, None)
