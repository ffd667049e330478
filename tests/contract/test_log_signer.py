"""`LogSigner`: one suite for the fake and for KMS on the local AWS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.adapters.kms_log_signer import KmsLogSigner
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import ED25519, ML_DSA_65, Note
from chalicelib.audit.sealing import LogSigner
from chalicelib.kernel.errors import DomainError
from tests.fakes.ambient import NOON
from tests.fakes.log import ORIGIN, LocalLogSigner
from tests.fakes.troubled import Troubled, fault

pytestmark = pytest.mark.aws

CHECKPOINT = Checkpoint(ORIGIN, 1002, bytes(range(32)))


@dataclass(frozen=True, slots=True)
class Signing:
    """A signer, and how its second key is disabled."""

    signer: LogSigner
    disable: Callable[[], object]


def key(kms: Any, spec: str) -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])


@pytest.fixture
def kms(aws: Any) -> Any:
    return aws("kms")


@pytest.fixture(params=["memory", "kms"])
def signing(request: pytest.FixtureRequest) -> Signing:
    if request.param == "memory":
        signer = LocalLogSigner()
        return Signing(signer, lambda: setattr(signer, "disabled", True))
    kms = request.getfixturevalue("kms")
    names = key(kms, "ECC_NIST_EDWARDS25519"), key(kms, "ML_DSA_65")
    return Signing(KmsLogSigner(kms, ORIGIN, *names), lambda: kms.disable_key(KeyId=names[1]))


def test_both_keys_sign_the_checkpoint_and_nothing_else(signing: Signing) -> None:
    keys = signing.signer.verifier_keys()
    assert [(one.name, one.kind) for one in keys] == [(ORIGIN, ED25519), (ORIGIN, ML_DSA_65)]
    note = Note.parse(signing.signer.sign(CHECKPOINT, NOON))
    assert note.text == CHECKPOINT.text()
    assert [(one.name, one.key_id) for one in note.signatures] == [(one.name, one.id) for one in keys]
    other = Note(replace(CHECKPOINT, size=1003).text(), note.signatures)
    for one in keys:
        assert one.verifies(note)
        assert not one.verifies(other)


def test_the_quantum_safe_signature_states_the_time(signing: Signing) -> None:
    classic, quantum = signing.signer.verifier_keys()
    note = Note.parse(signing.signer.sign(CHECKPOINT, NOON))
    assert quantum.verified_time(note) == int(NOON.timestamp())
    assert not classic.verified_time(note)


def test_a_disabled_key_signs_no_checkpoint(signing: Signing) -> None:
    signing.signer.sign(CHECKPOINT, NOON)
    signing.disable()
    with pytest.raises(DomainError) as refused:
        signing.signer.sign(CHECKPOINT, NOON)
    assert refused.value == DomainError("signing_key_unavailable")


# -- KMS alone


def test_one_call_a_key_and_the_public_halves_once(kms: Any) -> None:
    public = Troubled(kms, "get_public_key", [])
    counted = Troubled(public, "sign", [])
    signer = KmsLogSigner(counted, ORIGIN, key(kms, "ECC_NIST_EDWARDS25519"), key(kms, "ML_DSA_65"))  # type: ignore[arg-type]  # passes everything else on
    for _ in range(3):
        signer.sign(CHECKPOINT, NOON)
    assert (public.calls, counted.calls) == (2, 6)


@pytest.mark.parametrize("operation", ["sign", "get_public_key"])
def test_a_service_that_does_not_answer_is_told_from_a_key_that_may_not(kms: Any, operation: str) -> None:
    names = key(kms, "ECC_NIST_EDWARDS25519"), key(kms, "ML_DSA_65")
    for code, said in (
        ("KMSInternalException", "signing_service_unavailable"),
        ("DisabledException", "signing_key_unavailable"),
    ):
        client = Troubled(kms, operation, [fault(code)])
        signer = KmsLogSigner(client, ORIGIN, *names)  # type: ignore[arg-type]  # passes everything else on
        with pytest.raises(DomainError) as refused:
            signer.sign(CHECKPOINT, NOON)
        assert refused.value == DomainError(said)
        assert signer.sign(CHECKPOINT, NOON)


def test_a_key_of_another_kind_is_no_key_of_the_log(kms: Any) -> None:
    edwards, lattice = key(kms, "ECC_NIST_EDWARDS25519"), key(kms, "ML_DSA_65")
    for names in ((lattice, lattice), (edwards, edwards), (key(kms, "ECC_NIST_P256"), lattice)):
        with pytest.raises(DomainError, match="signing_key_unavailable"):
            KmsLogSigner(kms, ORIGIN, *names).verifier_keys()


def test_an_alias_that_was_moved_spoils_one_checkpoint_and_no_more(kms: Any) -> None:
    alias = "alias/moved-" + key(kms, "ML_DSA_65")[-12:]
    kms.create_alias(AliasName=alias, TargetKeyId=key(kms, "ECC_NIST_EDWARDS25519"))
    signer = KmsLogSigner(kms, ORIGIN, alias, key(kms, "ML_DSA_65"))
    before = signer.verifier_keys()
    kms.update_alias(AliasName=alias, TargetKeyId=key(kms, "ECC_NIST_EDWARDS25519"))
    with pytest.raises(DomainError) as refused:
        signer.sign(CHECKPOINT, NOON)
    assert refused.value == DomainError("signature_does_not_verify")
    assert signer.sign(CHECKPOINT, NOON)
    assert signer.verifier_keys() != before
