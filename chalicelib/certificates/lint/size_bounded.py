"""The credential stays within what readers take."""

from typing import Final

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import Json, canonical_json
from chalicelib.signing.jose import signing_input
from chalicelib.signing.sd_jwt import MOST_DISCLOSURES, Disclosure

LARGEST_HEADER: Final = 8192
LARGEST_CREDENTIAL: Final = 49_152
_SIGNATURE: Final = len(".") + 86  # 64 bytes in base64url
_DIGEST: Final[Json] = "d" * 43  # as long as a SHA-256 in base64url


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    try:
        header = len(canonical_json(dict(draft.header)))
        short = header <= LARGEST_HEADER and credential_size(draft) <= LARGEST_CREDENTIAL
    except (ValueError, RecursionError):
        return False  # what cannot be written cannot be measured
    return short and len(draft.disclosed) <= MOST_DISCLOSURES


def credential_size(draft: Draft) -> int:
    """How many characters the credential with all its disclosures has (RFC 9901 §4)."""
    encoded = [
        Disclosure(name, value, salt).encoded
        for (name, value), salt in zip(draft.disclosed.items(), draft.salts, strict=False)
    ]
    digests: list[Json] = [_DIGEST] * len(encoded)
    payload = canonical_json({**draft.visible, "_sd": digests, "_sd_alg": "sha-256"})
    jws = len(signing_input(draft.header, payload)) + _SIGNATURE
    return jws + sum(len("~") + len(one) for one in encoded) + len("~")


RULE = Rule(
    "size_bounded",
    "RFC 9901 §4 · what this platform's and others' readers take",
    "凭证大小在读者可接受范围内",
    "The header has at most 8 KiB, the credential 48 KiB and 300 disclosures",
    keeps,
)
