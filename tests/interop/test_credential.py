"""A genuine credential is accepted, and one with any signed part changed is rejected, by software of four other houses."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from chalicelib.signing.sd_jwt import reduce_to
from chalicelib.verification.verdict import Result
from chalicelib.verification.verifier import Verifier
from tests.interop.mutations import mutations
from tests.interop.verifiers import (
    PYTHON_VERIFIERS,
    Accepts,
    Presented,
    by_node,
    certvalidator_accepts_chain,
    openssl_accepts_chain,
)
from tests.unit.verification.forge import (
    HIDDEN,
    ISSUED,
    METADATA,
    NOON,
    Forge,
    at_noon,
    authority,
    credential,
    status_list,
    unit_name,
)

FORGE = Forge()
GENUINE = credential(FORGE.unit())
ROOTS = FORGE.root.pem
MUTATIONS = dict(mutations(GENUINE))
LIST = status_list(FORGE.status_signer())


def by_us(text: str, roots: bytes) -> bool:
    verifier = Verifier(x509.load_pem_x509_certificates(roots))
    return verifier.verify(text, at_noon()).result is Result.GENUINE


ALL = {"ours": by_us, **PYTHON_VERIFIERS}


@pytest.mark.parametrize("accepts", ALL.values(), ids=ALL)
def test_a_genuine_credential_is_accepted(accepts: Accepts) -> None:
    assert accepts(GENUINE, ROOTS)


@pytest.mark.parametrize("accepts", ALL.values(), ids=ALL)
def test_a_presentation_of_some_claims_is_accepted(accepts: Accepts) -> None:
    assert accepts(reduce_to(GENUINE, ["holder_name", "items"]), ROOTS)
    assert accepts(reduce_to(GENUINE, []), ROOTS)


@pytest.mark.parametrize("accepts", ALL.values(), ids=ALL)
def test_every_mutation_is_rejected(accepts: Accepts) -> None:
    assert [what for what, changed in MUTATIONS.items() if accepts(changed, ROOTS)] == []


@pytest.mark.parametrize("accepts", ALL.values(), ids=ALL)
def test_another_root_is_no_root_of_it(accepts: Accepts) -> None:
    assert not accepts(GENUINE, authority().pem)


def test_every_signed_part_was_changed() -> None:
    kinds = {what.split()[0] for what in MUTATIONS}
    assert kinds == {"header", "payload", "signature", "disclosure"}
    assert sum(what.startswith("disclosure") for what in MUTATIONS) == 3 * len(HIDDEN)
    assert {f"x5c {index}" in " ".join(MUTATIONS) for index in (0, 1)} == {True}
    assert len(MUTATIONS) > 50


def presented(text: str, **changes: str) -> Presented:
    parts = {
        "credential": text,
        "roots": ROOTS.decode(),
        "statusList": LIST,
        "metadata": METADATA.decode(),
        **changes,
    }
    return Presented(now=int(NOON.timestamp()), **parts)


@pytest.mark.needs_node
def test_node_accepts_the_genuine_one_and_rejects_every_mutation() -> None:
    answers = by_node([presented(GENUINE), *map(presented, MUTATIONS.values())])
    assert answers[0].accepted, answers[0].reason
    accepted = [what for what, answer in zip(MUTATIONS, answers[1:], strict=True) if answer.accepted]
    assert accepted == []


@pytest.mark.needs_node
def test_node_reads_status_metadata_and_roots_as_we_do() -> None:
    signer = FORGE.status_signer()
    answers = by_node(
        [
            presented(reduce_to(GENUINE, ["holder_name"])),
            presented(GENUINE, statusList=status_list(signer, {1234: 1})),
            presented(GENUINE, metadata=METADATA.decode() + " "),
            presented(GENUINE, roots=authority().pem.decode()),
            presented(GENUINE, statusList=status_list(signer, {1235: 1, 1233: 1})),
        ]
    )
    assert [answer.accepted for answer in answers] == [True, False, False, False, True], answers


def chains() -> dict[str, str]:
    """Credentials whose leaf is not one that the root may have issued for this."""
    late = ISSUED.replace(year=2027)
    return {
        "elsewhere": credential(FORGE.unit(unit_name(place=[(NameOID.COUNTRY_NAME, "US")]))),
        "later": credential(FORGE.unit(start=late, end=late.replace(year=2028))),
        "stranger": credential(Forge().unit()),
    }


@pytest.mark.needs_openssl
def test_openssl_judges_the_chain_as_we_do() -> None:
    assert openssl_accepts_chain(GENUINE, ROOTS, ISSUED)
    assert [what for what, text in chains().items() if openssl_accepts_chain(text, ROOTS, ISSUED)] == []


def test_certvalidator_judges_the_path_as_we_do() -> None:
    assert certvalidator_accepts_chain(GENUINE, ROOTS, ISSUED)
    accepted = [what for what, text in chains().items() if certvalidator_accepts_chain(text, ROOTS, ISSUED)]
    assert accepted == ["elsewhere"]  # an anchor's own name constraints are beyond it


@pytest.mark.parametrize("what", chains())
def test_we_reject_those_chains(what: str) -> None:
    assert not by_us(chains()[what], ROOTS)


@pytest.mark.needs_openssl
def test_openssl_honours_the_same_crl() -> None:
    signer = FORGE.unit()
    text = credential(signer)
    clean, listed = (
        x509.load_der_x509_crl(FORGE.root.crl(revoked)).public_bytes(Encoding.PEM)
        for revoked in ([], [(signer.certificate, ISSUED, x509.ReasonFlags.key_compromise)])
    )
    assert openssl_accepts_chain(text, ROOTS, NOON, clean)
    assert not openssl_accepts_chain(text, ROOTS, NOON, listed)
