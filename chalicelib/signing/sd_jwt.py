"""SD-JWT (RFC 9901) in compact form: disclosures, the bytes to be signed, presentations, strict reading.

    <JWS>~<disclosure>~<disclosure>~…~          base64url parts, the last tilde always there (§4)

Salts come from the caller; claims at the top level only, each its own disclosure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chalicelib.kernel.encoding import Json, b64url, canonical_json, parse_json, sha256, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.jose import signing_input

LONGEST: Final = 65_536
MOST_DISCLOSURES: Final = 300
# Names that a disclosure may not carry (§4.2.1, §7.1; SD-JWT VC §3.2.2.2: what is never selectively disclosable).
NEVER_DISCLOSED: Final = frozenset(
    {"_sd", "...", "_sd_alg", "iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}
)


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
    """A disclosure as it was read."""

    name: str
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
    """The signing input: `visible` claims, and of the hidden ones their digests, sorted so that order tells nothing."""
    names = [one.name for one in hidden]
    if (
        len(set(names)) != len(names)
        or NEVER_DISCLOSED.intersection(names)
        or set(names).intersection(visible)
    ):
        raise Invalid("invalid_disclosure")
    digests: list[Json] = [*sorted(one.digest for one in hidden)]
    return signing_input(header, canonical_json({**visible, "_sd": digests, "_sd_alg": "sha-256"}))


def assemble(jws: str, disclosures: Iterable[str]) -> str:
    """The credential from its JWS and encoded disclosures."""
    return "~".join((jws, *disclosures, ""))


def parse_sd_jwt(text: str) -> SdJwt:
    """Take apart strictly, or Invalid("malformed_sd_jwt"); a key-binding JWT is Invalid("key_binding_unexpected")."""
    if len(text) > LONGEST or "~" not in text:
        raise Invalid("malformed_sd_jwt")
    jws, *disclosures, end = text.split("~")
    if not jws or len(disclosures) > MOST_DISCLOSURES:
        raise Invalid("malformed_sd_jwt")
    if end:
        raise Invalid("key_binding_unexpected")
    return SdJwt(jws, tuple(_disclosed(one) for one in disclosures))


def _disclosed(encoded: str) -> Disclosed:
    try:
        parsed = parse_json(unb64url(encoded))
    except (ValueError, Invalid) as error:
        raise Invalid("malformed_sd_jwt") from error
    if not (isinstance(parsed, list) and len(parsed) == len(("salt", "name", "value"))):
        raise Invalid("malformed_sd_jwt")
    salt, name, value = parsed
    if not isinstance(salt, str) or not isinstance(name, str) or name in NEVER_DISCLOSED:
        raise Invalid("malformed_sd_jwt")
    return Disclosed(name, value, b64url(sha256(encoded.encode("ascii"))), encoded)


def reduce_to(credential: str, names: Iterable[str]) -> str:
    """A presentation of only those claims; the issuer's signature still verifies on it."""
    parsed, wanted = parse_sd_jwt(credential), frozenset(names)
    return assemble(parsed.jws, (one.encoded for one in parsed.disclosures if one.name in wanted))
