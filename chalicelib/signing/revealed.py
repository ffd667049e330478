"""What an SD-JWT says to whoever holds these disclosures: RFC 9901 §7.1, steps 3 to 5.

Every digest is looked at wherever it stands, each at most once; every disclosure must have been found at the end.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.sd_jwt import SdJwt

DEEPEST: Final = 32
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})  # what no digest can hide in


class Revealed(NamedTuple):
    """The processed payload, disclosed claims in their places; and how many digests stayed without a disclosure."""

    claims: dict[str, Json]
    withheld: int


def revealed(payload: Mapping[str, Json], given: SdJwt) -> Revealed:
    """What the payload says with these disclosures; digests and `_sd_alg` are gone.

    Invalid("disclosure_unsigned") when the payload covers no such disclosure; Invalid("disclosure_repeated") when a
    digest or a claim is there twice; Invalid("malformed_digests") for anything §4.2.4 does not allow.
    """
    reading = _Reading(given)
    if payload.get("_sd_alg", "sha-256") != "sha-256":
        raise Invalid("malformed_digests")
    claims = reading.members(payload, 0)
    claims.pop("_sd_alg", None)
    if reading.waiting:
        raise Invalid("disclosure_unsigned")
    return Revealed(claims, len(reading.met) - len(given.digests))


class _Reading:
    """One pass over a payload: the disclosures not found yet by digest, and the digests met so far."""

    def __init__(self, given: SdJwt) -> None:
        self.waiting = dict(zip(given.digests, zip(given.names, given.values, strict=True), strict=True))
        self.met: set[str] = set()
        if len(self.waiting) != len(given.digests):
            raise Invalid("disclosure_repeated")

    def members(self, said: Mapping[str, Json], depth: int) -> dict[str, Json]:
        """An object, processed (§7.1 step 3.3.2)."""
        if depth > DEEPEST or "..." in said:
            raise Invalid("malformed_digests")
        found = dict(said)
        digests = found.pop("_sd", None)
        for name, value in found.items():
            if type(value) not in _PLAIN:
                found[name] = self._value(value, depth)
        if "_sd" in said:
            self._disclose(digests, found, depth)
        return found

    def _disclose(self, digests: Json, found: dict[str, Json], depth: int) -> None:
        """Put into an object what was disclosed for its digests."""
        if not isinstance(digests, list):
            raise Invalid("malformed_digests")
        for name, value in self._disclosed(digests):
            if name is None:
                raise Invalid("malformed_digests")
            if name in found:
                raise Invalid("disclosure_repeated")
            found[name] = value if type(value) in _PLAIN else self._value(value, depth)

    def _value(self, value: Json, depth: int) -> Json:
        if isinstance(value, dict):
            return self.members(value, depth + 1)
        return self._elements(value, depth + 1) if isinstance(value, list) else value

    def _elements(self, said: list[Json], depth: int) -> list[Json]:
        """An array, processed: disclosed elements in their places, the others left out (steps 3.3.3, 3.4)."""
        if depth > DEEPEST:
            raise Invalid("malformed_digests")
        found: list[Json] = []
        for element in said:
            if isinstance(element, dict) and "..." in element and len(element) == 1:
                for name, value in self._disclosed([element["..."]]):
                    if name is not None:
                        raise Invalid("malformed_digests")
                    found.append(self._value(value, depth))
            else:
                found.append(element if type(element) in _PLAIN else self._value(element, depth))
        return found

    def _disclosed(self, digests: list[Json]) -> list[tuple[str | None, Json]]:
        """(name, value) of those disclosed; no digest may have been met before (step 4)."""
        fresh = {digest for digest in digests if type(digest) is str}
        if len(fresh) != len(digests):
            repeated = all(type(digest) is str for digest in digests)
            raise Invalid("disclosure_repeated" if repeated else "malformed_digests")
        if not fresh.isdisjoint(self.met):
            raise Invalid("disclosure_repeated")
        self.met |= fresh
        waiting = self.waiting
        return [waiting.pop(digest) for digest in digests if digest in waiting]
