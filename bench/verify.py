"""How fast credentials verify offline, against the machine's bare ECDSA rate over the same bytes.

A hundred different credentials of one unit, as in a using unit's queue: the header is read once, everything else anew.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.kernel.encoding import Json, unb64url
from chalicelib.signing.jose import der_signature
from chalicelib.signing.sd_jwt import reduce_to
from chalicelib.verification.verdict import Result
from tests.unit.verification.forge import METADATA, Forge, Signer, at_noon, credential, status_list

CREDENTIALS: Final = 100
ROUNDS: Final = 15
FEW: Final = ("claim_1", "claim_2", "claim_3")
Row = tuple[str, float, str]


def run() -> list[Row]:
    """(what, figure, unit) of each measurement; the best of the rounds counts, since noise only ever adds."""
    forge = Forge()
    unit = forge.unit()
    whole = [
        credential(unit, {"iat": 1_780_000_000 + number}, _claims(number)) for number in range(CREDENTIALS)
    ]
    few = [reduce_to(one, FEW) for one in whole]
    verifier, evidence = (
        forge.verifier(),
        at_noon(status_list=status_list(forge.status_signer()), crl=forge.root.crl(), type_metadata=METADATA),
    )

    def verify(texts: Sequence[str]) -> None:
        if any(verifier.verify(text, evidence).result is not Result.GENUINE for text in texts):
            raise AssertionError("a figure over credentials that do not verify says nothing")

    bare, all_claims, some_claims = _rates(_bare(unit, whole), lambda: verify(whole), lambda: verify(few))
    return [
        ("bare ECDSA P-256 verification", bare, "1/s"),
        ("verify offline, 12 disclosures, status list, CRL and metadata", all_claims, "1/s"),
        ("  share of the bare rate", 100 * all_claims / bare, "%"),
        ("verify offline, presentation of 3 of them", some_claims, "1/s"),
        ("  share of the bare rate", 100 * some_claims / bare, "%"),
    ]


def _claims(number: int) -> dict[str, Json]:
    return {f"claim_{index}": f"申报事项第{number}号之{index}" for index in range(12)}


def _bare(unit: Signer, texts: Sequence[str]) -> Callable[[], None]:
    """Only the signatures, with everything ready for them."""
    key, es256 = unit.key.public_key(), ECDSA(SHA256())
    jws = [text.partition("~")[0].rpartition(".") for text in texts]
    ready = [(der_signature(unb64url(signature)), signed.encode()) for signed, _, signature in jws]

    def verify() -> None:
        for signature, signed in ready:
            key.verify(signature, signed, es256)

    return verify


def _rates(*works: Callable[[], None]) -> list[float]:
    """Credentials a second of each, measured in turns so that a slow moment of the machine meets all alike."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            start = perf_counter()
            work()
            best[index] = min(best[index], perf_counter() - start)
    return [CREDENTIALS / seconds for seconds in best]


if __name__ == "__main__":
    for what, figure, of in run():
        print(f"{what:62} {figure:10.1f} {of}")
