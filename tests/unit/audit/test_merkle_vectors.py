"""Other people's Merkle vectors: transparency-dev/merkle's proofs, good and bad, and the reference tree of RFC 6962."""

import base64
import itertools
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from chalicelib.audit.merkle import (
    EMPTY_ROOT,
    ProofRejected,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

PUBLISHED: Final = Path(__file__).parents[2] / "vectors/published/transparency_dev_merkle"
CONSTANTS: Final = (PUBLISHED / "testonly/constants.go").read_text(encoding="utf-8")


def probes(kind: str) -> dict[str, Any]:
    """Path → what the file says."""
    folder = PUBLISHED / "testdata" / kind
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.json"))}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items()}


INCLUSION: Final = probes("inclusion")
CONSISTENCY: Final = probes("consistency")


def unpacked(value: str | None) -> bytes:
    return base64.b64decode(value or "", validate=True)


def proof_of(probe: Any) -> list[bytes]:
    return [unpacked(one) for one in probe["proof"] or ()]


def constants(function: str) -> list[list[bytes]]:
    """What a function of the Go file returns: the byte strings of each group, in its order."""
    body = CONSTANTS.partition(f"func {function}(")[2].partition("\n}")[0]
    groups = [re.findall(r'hd\("([0-9a-f]*)"\)', group) for group in body.split("}, {")]
    return [[bytes.fromhex(one) for one in group] for group in groups]


LEAVES: Final = [leaf_hash(data) for data in constants("LeafInputs")[0]]
ROOTS: Final = [*constants("EmptyRootHash")[0], *constants("RootHashes")[0]]


def subtree(level: int, index: int) -> bytes:
    """A node of the reference tree, as published."""
    return constants("NodeHashes")[level][index]


def check_inclusion(probe: Any) -> None:
    root, leaf = unpacked(probe["root"]), unpacked(probe["leafHash"])
    verify_inclusion(probe["leafIdx"], probe["treeSize"], leaf, proof_of(probe), root)


def check_consistency(probe: Any) -> None:
    roots = unpacked(probe["root1"]), unpacked(probe["root2"])
    verify_consistency(probe["size1"], probe["size2"], proof_of(probe), *roots)


def good(found: dict[str, Any]) -> dict[str, Any]:
    return {name: probe for name, probe in found.items() if not probe["wantErr"]}


def bad(found: dict[str, Any]) -> dict[str, Any]:
    return {name: probe for name, probe in found.items() if probe["wantErr"]}


@pytest.mark.parametrize("name", good(INCLUSION))
def test_an_inclusion_proof_is_accepted(name: str) -> None:
    check_inclusion(INCLUSION[name])


@pytest.mark.parametrize("name", bad(INCLUSION))
def test_a_bad_inclusion_proof_is_refused(name: str) -> None:
    with pytest.raises(ProofRejected):
        check_inclusion(INCLUSION[name])


@pytest.mark.parametrize("name", good(CONSISTENCY))
def test_a_consistency_proof_is_accepted(name: str) -> None:
    check_consistency(CONSISTENCY[name])


@pytest.mark.parametrize("name", bad(CONSISTENCY))
def test_a_bad_consistency_proof_is_refused(name: str) -> None:
    with pytest.raises(ProofRejected):
        check_consistency(CONSISTENCY[name])


def test_all_that_was_published_is_here() -> None:
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)
    assert (len(good(INCLUSION)), len(good(CONSISTENCY))) == (6, 6)


def test_the_reference_trees_roots_are_ours() -> None:
    assert [tree_root(LEAVES[:size]) for size in range(9)] == ROOTS
    assert ROOTS[0] == EMPTY_ROOT


def test_another_leaf_leads_to_another_root() -> None:
    for place in range(8):
        altered = [*LEAVES[:place], leaf_hash(b"another"), *LEAVES[place + 1 :]]
        assert tree_root(altered) != ROOTS[8]


def test_the_reference_trees_nodes_are_ours() -> None:
    levels = constants("NodeHashes")
    assert levels[0] == LEAVES
    for lower, upper in itertools.pairwise(levels):
        pairs = zip(lower[::2], lower[1::2], strict=True)
        assert [node_hash(left, right) for left, right in pairs] == upper


def test_the_published_inclusion_proofs_are_the_ones_we_make() -> None:
    made = 0
    for probe in good(INCLUSION).values():
        index, size = probe["leafIdx"], probe["treeSize"]
        if unpacked(probe["root"]) == ROOTS[size]:
            assert inclusion_proof(index, size, subtree) == proof_of(probe)
            made += 1
    assert made == 5


def test_the_published_consistency_proofs_are_the_ones_we_make() -> None:
    made = 0
    for probe in good(CONSISTENCY).values():
        first, second = probe["size1"], probe["size2"]
        if (unpacked(probe["root1"]), unpacked(probe["root2"])) == (ROOTS[first], ROOTS[second]):
            assert consistency_proof(first, second, subtree) == proof_of(probe)
            made += 1
    assert made == 5
