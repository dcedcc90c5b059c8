"""The Merkle tree of RFC 6962 over SHA-256: hashing, appending, proofs and their verification.

Leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right) (RFC 6962 section 2.1, RFC 9162 section 2.1.1).
The two prefixes keep a node from being passed off as an entry. No shortcut of our own is taken anywhere: a proof is
verified by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2, and always against a root that the caller took
from a signed checkpoint (a proof checked against an unsigned root proves nothing).

Policy beyond the RFC, as the published vectors have it: a consistency proof from size 0 is an error, and so is a hash
of any length but 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from gateway.errors import GatewayError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree of size 0."""


RootOver = Callable[[int, int], bytes]
"""Hash over the leaves from the first number up to, but not including, the second."""


class ProofRefused(GatewayError):
    """A proof does not show what it claims, or was asked for an entry that the tree does not hold."""

    code = "log.proof-refused"


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one log entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The right edge of a growing tree: at most one hash for each bit of its size, enough to append and to take roots.

    Args:
        size: number of leaves so far.
        hashes: roots of the perfect subtrees that the size is made of, the largest first.

    Raises:
        ProofRefused: the number or length of the hashes does not fit the size.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self._size = size
        self._hashes = list(hashes)
        if size < 0 or len(self._hashes) != size.bit_count():
            raise ProofRefused("A compact range has one hash for each bit set in its size.", code="log.range")
        _check_hashes(self._hashes)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """What must be stored to go on later, the largest subtree first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        _check_hashes([leaf])
        carry, size = leaf, self._size
        while size & 1:
            carry = node_hash(self._hashes.pop(), carry)
            size >>= 1
        self._hashes.append(carry)
        self._size += 1

    def root(self) -> bytes:
        """Root of the tree as it stands."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Root over leaf hashes."""
    edge = CompactRange()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of one leaf (RFC 9162 section 2.1.3.1), from the leaf upwards.

    Args:
        leaves: the leaf hashes of the tree of the wanted size.
        index: 0-based place of the leaf.

    Raises:
        ProofRefused: the tree has no such leaf.
    """
    return inclusion_path(len(leaves), index, lambda start, end: tree_root(leaves[start:end]))


def inclusion_path(size: int, index: int, root_over: RootOver) -> tuple[bytes, ...]:
    """The audit path of one leaf in a tree whose leaves lie elsewhere; see `inclusion_proof`.

    Args:
        size: number of leaves.
        index: 0-based place of the leaf.
        root_over: gives the hashes that the path is made of.
    """
    if not 0 <= index < size:
        raise ProofRefused("The log of that size has no entry of that index.", code="log.index")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            path.append(root_over(middle, end))
            end = middle
        else:
            path.append(root_over(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(leaves: Sequence[bytes], size1: int) -> tuple[bytes, ...]:
    """Proof that the tree over all ``leaves`` continues the tree over the first ``size1`` (RFC 9162 s. 2.1.4.1).

    Raises:
        ProofRefused: ``size1`` is 0 or larger than the tree.
    """
    return consistency_path(len(leaves), size1, lambda start, end: tree_root(leaves[start:end]))


def consistency_path(size2: int, size1: int, root_over: RootOver) -> tuple[bytes, ...]:
    """The consistency proof of a tree whose leaves lie elsewhere; see `consistency_proof`.

    Args:
        size2: number of leaves.
        size1: number of leaves of the earlier tree.
        root_over: gives the hashes that the proof is made of.
    """
    if not 0 < size1 <= size2:
        raise ProofRefused("The first size must be from 1 to the second.", code="log.size")
    proof: list[bytes] = []
    start, end, whole = 0, size2, True
    while size1 < end:
        middle = start + split_of(end - start)
        if size1 <= middle:
            proof.append(root_over(middle, end))
            end = middle
        else:
            proof.append(root_over(start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(root_over(start, end))
    return tuple(reversed(proof))


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check an audit path (RFC 9162 section 2.1.3.2).

    Raises:
        ProofRefused: the leaf is not shown to be at ``index`` of the tree of ``size`` with ``root``.
    """
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise ProofRefused("The index lies outside the tree.", code="log.index")
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofRefused("The inclusion proof is too long.")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last != 0 or computed != root:
        raise ProofRefused("The inclusion proof does not lead to the root.")


def verify_consistency(*, size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check a consistency proof (RFC 9162 section 2.1.4.2).

    Raises:
        ProofRefused: the second tree is not shown to continue the first.
    """
    _check_hashes([root1, root2, *proof])
    if not 0 < size1 <= size2:
        raise ProofRefused("The first size must be from 1 to the second.", code="log.size")
    if size1 == size2:
        if proof or root1 != root2:
            raise ProofRefused("Two trees of one size must have one root and need no proof.")
        return
    path = [root1, *proof] if size1.bit_count() == 1 else list(proof)
    if not path:
        raise ProofRefused("The consistency proof is too short.")
    first, second = _roots_of_path(size1 - 1, size2 - 1, path)
    if first != root1 or second != root2:
        raise ProofRefused("The consistency proof does not lead to both roots.")


def _roots_of_path(node: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a consistency path leads to (RFC 9162 section 2.1.4.2, steps 3 to 6)."""
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofRefused("The consistency proof is too long.")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofRefused("The consistency proof is too short.")
    return first, second


def split_of(size: int) -> int:
    """The largest power of two that is smaller than ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofRefused("A hash does not have 32 bytes.", code="log.hash")
