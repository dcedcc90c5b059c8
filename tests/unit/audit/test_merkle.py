from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    ProofRefused,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

# The entries and roots that Certificate Transparency implementations test against (sizes 0 to 8)
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
CHANGES = st.sampled_from(["leaf", "root", "drop-first", "drop-last", "add-first", "add-last", "flip", "index", "size"])


def naive_root(entries: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


def numbered(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def test_the_published_roots() -> None:
    assert [tree_root(LEAVES[:size]).hex() for size in range(9)] == ROOTS
    assert ROOTS[0] == EMPTY_ROOT.hex()


def test_published_proofs_of_transparency_dev_merkle() -> None:
    # testdata/consistency/2/happy-path.json and testdata/inclusion/3/happy-path.json, Apache-2.0
    proof = [
        "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
        "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
        "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    ]
    root6, root8 = (
        base64.b64decode(text)
        for text in ("duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=", "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=")
    )
    assert [base64.b64encode(part).decode() for part in consistency_proof(LEAVES, 6)] == proof
    verify_consistency(size1=6, size2=8, root1=root6, root2=root8, proof=[base64.b64decode(part) for part in proof])
    verify_inclusion(
        index=2,
        size=3,
        leaf=base64.b64decode("ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c="),
        root=base64.b64decode("rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc="),
        proof=[base64.b64decode("+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=")],
    )


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_appending_gives_the_root_of_the_definition(entries: list[bytes]) -> None:
    edge = CompactRange()
    for size, entry in enumerate(entries, start=1):
        edge.append(leaf_hash(entry))
        edge = CompactRange(edge.size, edge.hashes)  # as if stored and read again
        assert edge.size == size
    assert edge.root() == naive_root(entries)


@given(st.data())
def test_every_inclusion_proof_verifies_and_no_changed_one_does(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    claim = {"index": index, "size": size, "leaf": leaves[index], "root": tree_root(leaves)}
    proof = inclusion_proof(leaves, index)
    verify_inclusion(**claim, proof=proof)  # type: ignore[arg-type]
    change = data.draw(CHANGES)
    if change == "size":
        # the audit path alone does not fix the size where the right edge is the same: the signed checkpoint does
        claim["size"] = data.draw(st.sampled_from([2 * size + 1, index, 0]))
    elif change == "index":
        claim["index"] = data.draw(st.integers(-1, size).filter(lambda other: other != index))
    proof, claim = spoil(change, proof, claim, data)
    with pytest.raises(ProofRefused):
        verify_inclusion(**claim, proof=proof)  # type: ignore[arg-type]


def spoil(
    change: str, proof: tuple[bytes, ...], claim: dict[str, object], data: st.DataObject
) -> tuple[tuple[bytes, ...], dict[str, object]]:
    """The proof or the claim with one thing changed."""
    junk = hashlib.sha256(b"junk").digest()
    if change in {"leaf", "root"} or (not proof and change in {"drop-first", "drop-last", "flip"}):
        claim = {**claim, "root" if change == "root" or "leaf" not in claim else "leaf": junk}
    elif change == "drop-first":
        proof = proof[1:]
    elif change == "drop-last":
        proof = proof[:-1]
    elif change == "add-first":
        proof = (junk, *proof)
    elif change == "add-last":
        proof = (*proof, junk)
    elif change == "flip":
        place = data.draw(st.integers(0, len(proof) - 1))
        proof = (*proof[:place], bytes([proof[place][0] ^ 1]) + proof[place][1:], *proof[place + 1 :])
    return proof, claim


@given(st.data())
def test_every_consistency_proof_verifies_and_no_changed_one_does(data: st.DataObject) -> None:
    size2 = data.draw(st.integers(1, 70))
    size1 = data.draw(st.integers(1, size2))
    leaves = numbered(size2)
    root1, root2 = tree_root(leaves[:size1]), tree_root(leaves)
    proof = consistency_proof(leaves, size1)
    verify_consistency(size1=size1, size2=size2, root1=root1, root2=root2, proof=proof)
    forked = [*numbered(size1 - 1), leaf_hash(b"rewritten")]
    with pytest.raises(ProofRefused):
        verify_consistency(size1=size1, size2=size2, root1=tree_root(forked), root2=root2, proof=proof)
    change = data.draw(st.sampled_from(["drop-first", "drop-last", "add-first", "add-last", "flip"]))
    spoiled, _ = spoil(change, proof, {}, data)
    if spoiled != proof:
        with pytest.raises(ProofRefused):
            verify_consistency(size1=size1, size2=size2, root1=root1, root2=root2, proof=spoiled)


@given(st.data())
def test_roots_of_two_histories_are_never_consistent(data: st.DataObject) -> None:
    size2 = data.draw(st.integers(2, 40))
    size1 = data.draw(st.integers(1, size2))
    changed = data.draw(st.integers(0, size1 - 1))
    leaves = numbered(size2)
    other = [*leaves[:changed], leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
    with pytest.raises(ProofRefused):
        verify_consistency(
            size1=size1,
            size2=size2,
            root1=tree_root(leaves[:size1]),
            root2=tree_root(other),
            proof=consistency_proof(other, size1),
        )


def test_a_consistency_proof_does_not_serve_a_larger_tree() -> None:
    proof, root4, root5 = consistency_proof(LEAVES[:5], 4), tree_root(LEAVES[:4]), tree_root(LEAVES[:5])
    verify_consistency(size1=4, size2=5, root1=root4, root2=root5, proof=proof)
    with pytest.raises(ProofRefused):
        verify_consistency(size1=4, size2=9, root1=root4, root2=root5, proof=proof)


@pytest.mark.parametrize("size1", [0, -1, 9])
def test_there_is_no_consistency_from_nothing_or_from_the_future(size1: int) -> None:
    with pytest.raises(ProofRefused):
        consistency_proof(LEAVES, size1)
    with pytest.raises(ProofRefused):
        verify_consistency(size1=size1, size2=8, root1=EMPTY_ROOT, root2=tree_root(LEAVES), proof=[])


@pytest.mark.parametrize("empty", [b"", bytes(31), bytes(33)])
def test_a_hash_of_another_length_is_an_error(empty: bytes) -> None:
    root = tree_root(LEAVES[:1])
    with pytest.raises(ProofRefused):
        verify_inclusion(index=0, size=1, leaf=empty, root=root, proof=[])
    with pytest.raises(ProofRefused):
        verify_inclusion(index=0, size=1, leaf=LEAVES[0], root=empty, proof=[])
    with pytest.raises(ProofRefused):
        verify_consistency(size1=1, size2=1, root1=empty, root2=empty, proof=[])
    with pytest.raises(ProofRefused):
        verify_consistency(size1=1, size2=2, root1=root, root2=root, proof=[empty])
    with pytest.raises(ProofRefused):
        CompactRange().append(empty)


def test_a_node_is_never_taken_for_an_entry() -> None:
    # second preimage: the two halves of the root as one entry
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_compact_range_fits_its_size() -> None:
    for size, hashes in ((1, []), (2, LEAVES[:2]), (-1, []), (0, LEAVES[:1])):
        with pytest.raises(ProofRefused):
            CompactRange(size, hashes)


def test_an_entry_that_the_tree_does_not_hold_has_no_proof() -> None:
    for index in (-1, 8):
        with pytest.raises(ProofRefused):
            inclusion_proof(LEAVES, index)
