"""Generated messages of every format of the data model leave no leaf out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.codes.scheme_files import read_schemes
from gateway.formats.generator import Vocabulary, generate, read_vocabulary
from gateway.formats.tree import general_path, leaves
from tests.unit.schemas.facts import CANONICAL, DMS, SCHEMAS, load

HEADS = [*sorted(CANONICAL.glob("*.format.toml")), DMS]
LISTS = SCHEMAS / "codelists"


@pytest.fixture(name="lists", scope="module")
def lists_fixture() -> Mapping[str, CodeList]:
    read = {}
    for file in sorted(LISTS.glob("*.csv")):
        head = file.with_suffix(".toml").read_text(encoding="utf-8")
        found, _ = read_code_list(file.read_text(encoding="utf-8"), head, file.name)
        if found is not None:
            read[found.name] = found
    return read


@pytest.fixture(name="schemes", scope="module")
def schemes_fixture() -> Mapping[str, IdentifierScheme]:
    return read_schemes((LISTS / "identifier-schemes.toml").read_text(encoding="utf-8"), "schemes")[0]


@pytest.fixture(name="words", scope="module")
def words_fixture() -> Vocabulary:
    return read_vocabulary((LISTS / "generator" / "vocabulary.toml").read_text(encoding="utf-8"))


def named(head: Path) -> str:
    return head.name.partition(".format")[0]


def test_the_set_is_whole() -> None:
    assert [named(head) for head in HEADS] == [
        "conv-3.6", "cre-3.6", "cri-3.6", "dec-3.6", "dec-amendment-3.6", "dec-cancellation-3.6", "res-3.6", "trt-3.6",
        "dms-3.6",
    ]  # fmt: skip


@pytest.mark.parametrize("head", HEADS, ids=named)
def test_a_full_instance_reaches_every_leaf(
    head: Path, lists: Mapping[str, CodeList], schemes: Mapping[str, IdentifierScheme], words: Vocabulary
) -> None:
    found = load(head)
    missing = {path for path, element in found.structure.root.walk() if element.is_leaf}
    for seed in range(8):
        tree = generate(found.structure, seed=seed, code_lists=lists, schemes=schemes, vocabulary=words, richness=1.0)
        missing -= {general_path(path) for path, _ in leaves(tree)}
        if not missing:
            break
    assert sorted(missing) == []
