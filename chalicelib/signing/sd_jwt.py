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


@dataclass(frozen=True, slots=True)
class SdJwt:
    """A credential taken apart; the signature is not verified yet."""

    jws: str
    disclosures: tuple[Disclosed, ...]


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
    if len(text) > LONGEST:
        raise Invalid("malformed_sd_jwt")
    jws, *disclosures = text.split("~")
    if not jws or not disclosures or len(disclosures) > MOST_DISCLOSURES + 1:
        raise Invalid("malformed_sd_jwt")
    if disclosures.pop():
        raise Invalid("key_binding_unexpected")
    try:
        return SdJwt(jws, tuple(map(_disclosed, disclosures)))
    except (ValueError, Invalid) as error:
        raise Invalid("malformed_sd_jwt") from error


def _disclosed(encoded: str) -> Disclosed:
    """ValueError or Invalid when it is not a disclosure."""
    parsed = parse_json(unb64url(encoded))
    if not isinstance(parsed, list) or not isinstance(parsed[0] if parsed else None, str):
        raise ValueError("not a disclosure")
    digest = b64url(sha256(encoded.encode("ascii")))
    if len(parsed) == _CLAIM:
        _, name, value = parsed
        if not isinstance(name, str) or name in RESERVED:
            raise ValueError("not a claim's name")
        return Disclosed(name, value, digest, encoded)
    if len(parsed) != _ELEMENT:
        raise ValueError("not a disclosure")
    return Disclosed(None, parsed[1], digest, encoded)


def reduce_to(credential: str, names: Iterable[str]) -> str:
    """A presentation of only those claims; the issuer's signature still verifies on it."""
    parsed, wanted = parse_sd_jwt(credential), frozenset(names)
    return assemble(parsed.jws, (one.encoded for one in parsed.disclosures if one.name in wanted))
