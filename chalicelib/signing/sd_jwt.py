"""SD-JWT (RFC 9901) in compact form: disclosures, the bytes to be signed, presentations, strict reading.

    <JWS>~<disclosure>~<disclosure>~…~          base64url parts, the last tilde always there (§4)

Salts come from the caller. What we issue discloses claims of the top level only; what we read may nest (`revealed`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chalicelib.kernel.encoding import Json, b64url, canonical_json, parse_json, sha256, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.jose import signing_input

LONGEST: Final = 65_536
MOST_DISCLOSURES: Final = 300
RESERVED: Final = frozenset({"_sd", "..."})  # §4.2.1: no claim may be called that
# SD-JWT VC, "Registered JWT Claims": what a verifier decides by is never selectively disclosable.
NEVER_DISCLOSED: Final = RESERVED | {"_sd_alg", "iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}
_ELEMENT: Final = len(("salt", "value"))
_CLAIM: Final = len(("salt", "name", "value"))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One claim with its salt (§4.2.1); `encoded` is what travels, `digest` what is signed."""

    name: str
    value: Json
    salt: bytes

    @property
    def encoded(self) -> str:
        """base64url of the JSON array [salt, name, value]."""
        return b64url(canonical_json([b64url(self.salt), self.name, self.value]))

    @property
    def digest(self) -> str:
        """base64url of the SHA-256 over the encoded disclosure (§4.2.3)."""
        return b64url(sha256(self.encoded.encode("ascii")))


class Disclosed(NamedTuple):
    """A disclosure as it was read; an array element's has no name (§4.2.2)."""

    name: str | None
    value: Json
    digest: str
    encoded: str


class SdJwt(NamedTuple):
    """A credential taken apart; the signature is not verified yet. All but `jws` are parallel."""

    jws: str
    encoded: list[str]
    names: list[str | None]
    values: list[Json]
    digests: list[str]

    @property
    def disclosures(self) -> tuple[Disclosed, ...]:
        """The disclosures one by one."""
        return tuple(map(Disclosed, self.names, self.values, self.digests, self.encoded))


def prepare_sd_jwt(
    header: Mapping[str, Json], visible: Mapping[str, Json], hidden: Sequence[Disclosure]
) -> bytes:
    """The signing input: `visible` claims, and of the hidden ones their digests, sorted so that order tells nothing.

    Invalid("invalid_disclosure") when a name comes twice, is visible already, or may not be disclosable.
    """
    names, taken = [one.name for one in hidden], NEVER_DISCLOSED.union(visible)
    digests = sorted({one.digest for one in hidden})
    if len(set(names)) != len(names) or taken.intersection(names) or len(digests) != len(names):
        raise Invalid("invalid_disclosure")
    if {"_sd_alg", *RESERVED}.intersection(visible):
        raise Invalid("invalid_disclosure")
    return signing_input(header, canonical_json({**visible, "_sd": [*digests], "_sd_alg": "sha-256"}))


def assemble(jws: str, disclosures: Iterable[str]) -> str:
    """The credential from its JWS and encoded disclosures."""
    return "~".join((jws, *disclosures, ""))


def parse_sd_jwt(text: str) -> SdJwt:
    """Take apart strictly, or Invalid("malformed_sd_jwt"); a key-binding JWT is Invalid("key_binding_unexpected").

    At most 65 536 characters and 300 disclosures. A key binding is refused, not ignored: a certificate names no holder
    key, so nobody can have bound anything to it.
    """
    if len(text) > LONGEST or not text.isascii():
        raise Invalid("malformed_sd_jwt")
    jws, *encoded = text.split("~")
    if not jws or not encoded or len(encoded) > MOST_DISCLOSURES + 1:
        raise Invalid("malformed_sd_jwt")
    if encoded.pop():
        raise Invalid("key_binding_unexpected")
    try:
        read = [_disclosed(parse_json(unb64url(one))) for one in encoded]
    except (ValueError, Invalid) as error:
        raise Invalid("malformed_sd_jwt") from error
    digests = [b64url(sha256(one.encode("ascii"))) for one in encoded]
    return SdJwt(jws, encoded, [name for name, _ in read], [value for _, value in read], digests)


def _disclosed(parsed: Json) -> tuple[str | None, Json]:
    """(name, value) of [salt, name, value]; (None, value) of an array element's [salt, value]."""
    if isinstance(parsed, list) and parsed and isinstance(parsed[0], str):
        if len(parsed) == _ELEMENT:
            return None, parsed[1]
        name = parsed[1] if len(parsed) == _CLAIM else None
        if isinstance(name, str) and name not in RESERVED:
            return name, parsed[2]
    raise Invalid("malformed_sd_jwt")


def reduce_to(credential: str, names: Iterable[str]) -> str:
    """A presentation of only those claims; the issuer's signature still verifies on it."""
    parsed, wanted = parse_sd_jwt(credential), frozenset(names)
    kept = [one for name, one in zip(parsed.names, parsed.encoded, strict=True) if name in wanted]
    return assemble(parsed.jws, kept)
