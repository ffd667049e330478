"""The Merkle tree of RFC 9162 §2.1 (RFC 6962's, same bytes): roots, inclusion and consistency proofs, and their checks.

A proof is a list of hashes of ranges of leaves. Each range is a perfect subtree or, at the right edge, a few of them
folded together, so any proof can be made from the hashes of perfect subtrees alone: whoever has tiles can prove.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
HASH_SIZE: Final = 32
# (level, index) → hash of the perfect subtree over leaves [index << level, (index + 1) << level).
Subtree = Callable[[int, int], bytes]


class ProofRejected(ValueError):
    """The proof does not lead from what it starts with to the root."""


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162 §2.1.1: the hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 §2.1.1: the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2^n hashes."""
    level, sha256 = list(hashes), hashlib.sha256
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over any number of leaf hashes."""
    return fold([perfect_root(leaf_hashes[begin:end]) for begin, end in _peaks(0, len(leaf_hashes))])


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling size, left to right."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def _peaks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """[begin, end) as perfect subtrees, left to right, each as large as its place allows."""
    while begin < end:
        size = 1 << ((end - begin).bit_length() - 1)
        aligned = begin & -begin
        size = min(size, aligned) if aligned else size
        yield begin, begin + size
        begin += size


def range_hash(begin: int, end: int, subtree: Subtree) -> bytes:
    """The hash of the leaves [begin, end), where `begin` is a multiple of the least power of two ≥ the length."""
    return fold(
        [
            subtree((stop - start).bit_length() - 1, start // (stop - start))
            for start, stop in _peaks(begin, end)
        ]
    )


def root(size: int, subtree: Subtree) -> bytes:
    """The tree's root at that size."""
    return range_hash(0, size, subtree)


def _split(size: int) -> int:
    """The largest power of two less than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[0:size]), RFC 9162 §2.1.3.1, nearest sibling first. ValueError when there is no such leaf."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in the tree")
    siblings, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((begin, middle))
            begin = middle
    return [range_hash(start, stop, subtree) for start, stop in reversed(siblings)]


def consistency_proof(first: int, second: int, subtree: Subtree) -> list[bytes]:
    """PROOF(first, D[0:second]), RFC 9162 §2.1.4.1. ValueError unless 0 ≤ first ≤ second."""
    if not 0 <= first <= second:
        raise ValueError("a tree does not shrink")
    if first in (0, second):
        return []
    siblings, begin, end = [], 0, second
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((begin, middle))
            begin = middle
    ranges = [*siblings, *([(begin, end)] if begin else [])]
    return [range_hash(start, stop, subtree) for start, stop in reversed(ranges)]


def _climb(place: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Each hash of a proof with whether it stands to the left, from `place` in a level that ends at `last` up to the root."""
    for hashed in proof:
        if last == 0:
            raise ProofRejected("the proof is too long")
        left = bool(place & 1) or place == last
        if left:
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        yield left, hashed
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofRejected("the proof is too short")


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 §2.1.3.2. `leaf` is the leaf's hash. ProofRejected when it does not lead to the root."""
    if not 0 <= index < size or len(leaf) != HASH_SIZE:
        raise ProofRejected("no such leaf in the tree")
    found = leaf
    for left, hashed in _climb(index, size - 1, proof):
        found = node_hash(hashed, found) if left else node_hash(found, hashed)
    if found != root:
        raise ProofRejected("the proof does not lead to the root")


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """RFC 9162 §2.1.4.2: the tree of size `second` begins with the tree of size `first`. ProofRejected otherwise.

    That it begins with an empty tree says nothing of its root, so nobody is told that it was proven.
    """
    if not 0 < first <= second:
        raise ProofRejected("a tree does not shrink, and nothing is proven by an empty one")
    if first == second:
        if proof or first_root != second_root:
            raise ProofRejected("the roots do not fit the sizes")
        return
    if not proof:
        raise ProofRejected("the proof is too short")
    whole = first & (first - 1) == 0  # the old root is itself a node of the new tree, and is not sent
    old = new = first_root if whole else proof[0]
    place = first - 1
    turns = (
        ~place & first
    ).bit_length() - 1  # trailing ones of `place`: up to where the old tree's last subtree ends
    for left, hashed in _climb(place >> turns, (second - 1) >> turns, proof if whole else proof[1:]):
        old = node_hash(hashed, old) if left else old
        new = node_hash(hashed, new) if left else node_hash(new, hashed)
    if old != first_root or new != second_root:
        raise ProofRejected("the proof does not lead to both roots")
