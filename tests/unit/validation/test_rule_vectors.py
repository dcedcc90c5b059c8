"""Every rule that ships passes and fails as its vectors say, alone, and alike in XML and JSON."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import Judging, load_judging
from gateway.formats.format import Format
from gateway.formats.tree import Tree
from gateway.validation.verdict import verdict
from tests.conftest import ROOT

VECTORS = ROOT / "tests" / "vectors" / "rules"


def vectors() -> list[tuple[str, dict[str, Any]]]:
    files = sorted(VECTORS.glob("*.toml"))
    return [
        (rule, vector)
        for file in files
        for rule, listed in tomllib.loads(file.read_text(encoding="utf-8")).items()
        for vector in listed
    ]


ALL = vectors()
NAMES = [f"{rule}-{number}" for number, (rule, _) in enumerate(ALL)]


@pytest.fixture(name="judging", scope="module")
def judging_fixture(derived: Path) -> Judging:
    return load_judging(ROOT, cache=derived)


def base(name: str) -> tuple[str, Tree]:
    told = json.loads((VECTORS / "bases" / f"{name}.json").read_text(encoding="utf-8"))
    return told["format"], told["message"]


def made_from(vector: dict[str, Any]) -> tuple[str, Tree]:
    name, message = base(vector["base"])
    for path in vector.get("drop", []):
        change(message["MetaData"], path, None)
    for path, value in vector.get("set", {}).items():
        change(message["MetaData"], path, copy.deepcopy(value))
    return name, message


def change(here: Any, path: str, value: Any) -> None:
    """Put a value at a path with positions, or take away what is there (None)."""
    *above, last = path.split("/")
    for step in above:
        key, _, position = step.partition("[")
        here = here.setdefault(key, [] if position else {})
        if position:
            at = int(position.rstrip("]")) - 1
            here.extend({} for _ in range(at + 1 - len(here)))
            here = here[at]
    key, _, position = last.partition("[")
    if position:
        entries, at = here[key], int(position.rstrip("]")) - 1
        entries[at : at + 1] = [] if value is None else [value]
    elif value is None:
        del here[key]
    else:
        here[key] = value


def found_in(judging: Judging, found: Format, tree: Tree) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in judging.rules.check(found, tree)]


@pytest.mark.parametrize("file", sorted((VECTORS / "bases").glob("*.json")), ids=lambda file: file.stem)
def test_a_base_message_breaks_nothing(judging: Judging, file: Path) -> None:
    name, message = base(file.stem)
    judged = verdict(judging.formats, json.dumps(message).encode(), name, rules=judging.rules)
    assert judged.findings == ()
    assert judged.format == name


@pytest.mark.parametrize(("rule", "vector"), ALL, ids=NAMES)
def test_a_vector_breaks_its_rule_alone_and_where_it_says(judging: Judging, rule: str, vector: dict[str, Any]) -> None:
    name, message = made_from(vector)
    found = judging.formats.get(name)
    tree = found.read(json.dumps(message).encode()).tree or message
    assert found_in(judging, found, tree) == [(rule, path) for path in vector["breaks"]]


@pytest.mark.parametrize(("rule", "vector"), [one for one in ALL if one[1]["breaks"]])
def test_xml_and_json_have_one_verdict(judging: Judging, rule: str, vector: dict[str, Any]) -> None:
    name, message = made_from(vector)
    found = judging.formats.get(name)
    as_json = verdict(judging.formats, json.dumps(message).encode(), name, rules=judging.rules)
    if as_json.tree is None:
        assert not as_json.valid  # the schema refuses this value before any rule does
        return
    as_xml = verdict(judging.formats, found.to_xml(as_json.tree), name, rules=judging.rules)
    assert [(one.code, one.path, one.severity) for one in as_json.findings] == [
        (one.code, one.path, one.severity) for one in as_xml.findings
    ]
    assert rule in [one.code for one in as_xml.findings]


def test_no_rule_lacks_identity_source_or_vectors(judging: Judging) -> None:
    rules = judging.rules.rules
    passing = {rule for rule, vector in ALL if not vector["breaks"]}
    failing = {rule for rule, vector in ALL if vector["breaks"]}
    assert passing == failing == {rule.id for rule in rules}
    assert all(rule.source and rule.text and rule.remedy for rule in rules)


def test_the_format_of_a_passing_vector_is_one_that_the_rule_looks_at(judging: Judging) -> None:
    for rule, vector in ALL:
        name, _ = base(vector["base"])
        assert rule in judging.rules.plan(judging.formats.get(name)).used, rule


def test_no_finding_of_a_rule_holds_a_value(judging: Judging) -> None:
    for _, vector in ALL:
        name, message = made_from(vector)
        found = judging.formats.get(name)
        for finding in judging.rules.check(found, message):
            told = f"{finding.message} {finding.expected} {finding.remedy} {finding.path}"
            for value in vector.get("set", {}).values():
                text = value["value"] if isinstance(value, dict) and "value" in value else value
                assert not isinstance(text, str) or len(text) < 4 or text not in told
