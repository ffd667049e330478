"""A log proof that stands on its own: read strictly, and held against entry, checkpoint and keys."""

import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib.audit.merkle import ProofRejected
from chalicelib.audit.note import ED25519, VerifierKey
from chalicelib.audit.proof import Proof, signed_by_log
from chalicelib.kernel.encoding import Json
from tests.unit.transfers.workshop import ORIGIN, Log, base64_of, proof_with


@pytest.fixture
def log() -> Log:
    made = Log()
    for number in range(11):
        made.append(f"certificate-{number}", "certificate_issued")
    return made


@pytest.mark.parametrize("index", range(11))
def test_every_entry_is_proven_and_no_other(log: Log, index: int) -> None:
    logged = log.logged(index)
    proof = Proof.of(logged, log.checkpoint().decode())
    assert Proof.parse(proof.canonical()) == proof
    proof.verify(logged.entry)
    with pytest.raises(ProofRejected):
        proof.verify(log.logged((index + 1) % 11).entry)


def test_the_file_has_the_members_that_are_documented(log: Log) -> None:
    proof = Proof.of(log.logged(4), log.checkpoint().decode())
    said = json.loads(proof.canonical())
    assert set(said) == {"index", "size", "leaf_hash", "salt", "hashes", "checkpoint"}
    assert (said["index"], said["size"], len(said["salt"])) == (4, 11, 43)
    assert said["leaf_hash"] == base64_of(proof.leaf_hash)
    assert said["checkpoint"].startswith(f"{ORIGIN}\n11\n")


MALFORMED: Mapping[str, Mapping[str, Json]] = {
    "index negative": {"index": -1},
    "index true": {"index": True},
    "size a text": {"size": "11"},
    "leaf short": {"leaf_hash": base64_of(b"x")},
    "leaf no base64": {"leaf_hash": "!"},
    "leaf with spare bits": {"leaf_hash": base64_of(bytes(32)).replace("A=", "B=")},
    "salt short": {"salt": "AA"},
    "salt padded": {"salt": "A" * 43 + "="},
    "hashes no array": {"hashes": "x"},
    "a hash no text": {"hashes": [1]},
    "checkpoint no text": {"checkpoint": None},
}


@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED)
def test_a_proof_is_read_strictly(log: Log, changes: Mapping[str, Json]) -> None:
    data = Proof.of(log.logged(4), log.checkpoint().decode()).canonical()
    assert Proof.parse(data).index == 4
    with pytest.raises(ValueError, match=r"proof|hash|base64"):
        Proof.parse(proof_with(data, **changes))


def test_one_spelling(log: Log) -> None:
    data = Proof.of(log.logged(4), log.checkpoint().decode()).canonical()
    with pytest.raises(ValueError, match="only spelling"):
        Proof.parse(json.dumps(json.loads(data), ensure_ascii=False).encode())


def test_a_checkpoint_is_the_log_s_when_its_key_signed_it(log: Log) -> None:
    other = Ed25519PrivateKey.generate()
    stranger = VerifierKey(ORIGIN, ED25519, other.public_key().public_bytes_raw())
    of_another_log = VerifierKey("zz.example.cn/other", ED25519, log.verifier_key.public)
    assert signed_by_log(log.checkpoint(), [stranger, log.verifier_key])
    assert not signed_by_log(log.checkpoint(), [stranger])
    assert not signed_by_log(log.checkpoint(), [of_another_log])
    assert not signed_by_log(log.checkpoint(), [])
    assert not signed_by_log(log.checkpoint(other), [log.verifier_key])
    assert not signed_by_log(log.checkpoint().replace(b"11", b"12", 1), [log.verifier_key])
    assert not signed_by_log(b"x", [log.verifier_key])
    assert not signed_by_log(b"\xff", [log.verifier_key])
