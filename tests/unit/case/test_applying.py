"""What an amendment changes is what is told, and one that is refused changes nothing, however it is damaged."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.case.amending import Amended, apply
from gateway.case.chain import advance, begin
from gateway.case.differences import Difference, differences
from gateway.case.writing import CannotExpress, amendment_of
from gateway.findings import has_errors
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from tests.unit.case.mutation import versions

SECTIONS = ("42A", "67A", "68A", "28A", "02A", "99Z", "")
NUMBERS = ("0", "1", "2", "3", "99999", "x")
TAGS = ("137", "D014", "103", "ZZZ")


def told(found: Iterable[Difference]) -> list[tuple[str, str, str, str]]:
    """What differs and how, without the version, which is counted up by itself."""
    shown = ((one.kind, one.path, json.dumps(one.before), json.dumps(one.after)) for one in found)
    return sorted(one for one in shown if one[1] != "Declaration/VersionID")


def asked(structure: Structure, seed: int) -> tuple[Tree, Tree] | None:
    """A generated declaration and an amendment of it; None where no amendment can say the change."""
    before, after = versions(structure, seed)
    try:
        return before, amendment_of(structure, before, after, reference="A-1", reason="32")
    except CannotExpress:
        return None


def damaged(message: Tree, chance: random.Random) -> Tree:
    """The amendment with one thing wrong, or at least other than it was."""
    other: Tree = copy.deepcopy(message)
    content = other["MetaData"]["Declaration"]
    entry = chance.choice(content["Amendment"])
    pointer = chance.choice(entry["Pointer"])
    kind = chance.choice(["section", "number", "tag", "level", "change", "content", "unasked", "identity", "function"])
    if kind in {"section", "number", "tag"}:
        key, texts = {"section": ("DocumentSectionCode", SECTIONS), "number": ("SequenceNumeric", NUMBERS),
                      "tag": ("TagID", TAGS)}[kind]  # fmt: skip
        pointer[key] = chance.choice(texts)
    elif kind == "level":
        entry["Pointer"].remove(pointer)
    elif kind == "change":
        content["Amendment"].remove(entry)
    elif kind == "content":
        content.pop(chance.choice(sorted(content)))
    else:
        key = {"unasked": "TotalPackageQuantity", "identity": "ID", "function": "FunctionCode"}[kind]
        content[key] = "77"
    return other


def judged(structure: Structure, before: Tree, message: Tree) -> Amended:
    """What becomes of it; that neither message is touched, and that the account is true, is asserted."""
    texts = json.dumps(before), json.dumps(message)
    done = apply(structure, before, message)
    assert (json.dumps(before), json.dumps(message)) == texts
    assert (done.tree is None) is has_errors(done.findings)
    if done.tree is None:
        assert done.differences == ()
        assert all(one.remedy for one in done.findings)
        standing = begin(before)
        assert advance(structure, standing, message)[0] is standing
    else:
        assert told(done.differences) == told(differences(structure, before, done.tree))
    return done


def test_differencing_after_applying_gives_back_what_the_amendment_changed(structure: Structure, soak: bool) -> None:
    seen = 0
    for seed in range(500_000, 502_000 if soak else 500_020):
        pair = asked(structure, seed)
        if pair is not None:
            assert judged(structure, *pair).differences, seed
            seen += 1
    assert seen >= (1000 if soak else 10)


def test_a_refused_amendment_changes_nothing(structure: Structure, soak: bool) -> None:
    refused: set[str] = set()

    @settings(max_examples=1000 if soak else 12, deadline=None)
    @given(seed=st.integers(0, 900_000), damage=st.integers(0, 900_000))
    def holds(seed: int, damage: int) -> None:
        pair = asked(structure, seed)
        if pair is not None:
            for turn in range(4):
                done = judged(structure, pair[0], damaged(pair[1], random.Random(damage + turn)))
                refused.update(one.code for one in done.findings if done.tree is None)

    holds()
    assert len(refused) >= 5, refused
