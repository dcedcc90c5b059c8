"""Golden cases: every folder of tests/vectors with a ``case.toml``, whatever country it is of.

A case names its format, the input, and what must come out: the WCO message leaf for leaf, the same message again on the
way back, another partner's message onward, or the refusal with the row and the place that declare it.
"""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.conversion.mapping import Conversion
from gateway.conversion.run import ConversionContext
from gateway.formats.format import Reading
from gateway.formats.tree import Tree, general_path
from tests.acceptance.lanes import ROOT, declared_losses, differences, errors, load_lanes

CASES = sorted((ROOT / "tests" / "vectors").rglob("case.toml"))
KEYS = {"title", "shows", "format", "wco", "input", "expected", "back", "context", "refused", "onward"}


class Case:
    """One folder: what it says, its message and the conversion of it."""

    def __init__(self, file: Path) -> None:
        self.folder = file.parent
        self.says: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        self.format = load_lanes().formats[self.says["format"]]
        self.wco = load_lanes().formats[self.says["wco"]]

    def read(self) -> Reading:
        return self.format.read((self.folder / self.says["input"]).read_bytes())

    def message(self) -> Tree:
        reading = self.read()
        assert reading.tree is not None, reading.findings
        return reading.tree

    def context(self) -> ConversionContext:
        given = self.says["context"]
        return ConversionContext(
            reference=given["reference"],
            sender=given["sender"],
            received=datetime.fromisoformat(given["received"]),
            agreement_id=given["agreement"],
            partner=given.get("partner", {}),
        )

    def to_wco(self) -> Conversion:
        return load_lanes().mappings[self.format.name].to_wco(self.message(), self.context())


def name_of(file: Path) -> str:
    return "/".join(file.parent.parts[-2:])


def cases_with(key: str) -> list[Path]:
    return [file for file in CASES if key in tomllib.loads(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("file", CASES, ids=name_of)
def test_a_case_says_what_it_shows_and_expects_something(file: Path) -> None:
    says = Case(file).says
    assert set(says) <= KEYS
    assert says["title"]
    assert says["shows"]
    assert ("expected" in says) != ("refused" in says)


@pytest.mark.parametrize("file", cases_with("expected"), ids=name_of)
def test_the_wco_message_is_the_expected_one(file: Path) -> None:
    case = Case(file)
    there = case.to_wco()
    expected = json.loads((case.folder / case.says["expected"]).read_text(encoding="utf-8"))
    assert errors(there.findings) == []
    assert there.tree == expected
    assert errors(case.wco.judge(there.tree)) == []
    assert there.account.fates()["unmapped"] == 0


@pytest.mark.parametrize("file", cases_with("back"), ids=name_of)
def test_the_message_comes_back_up_to_declared_losses(file: Path) -> None:
    case = Case(file)
    there = case.to_wco()
    back = load_lanes().mappings[case.format.name].from_wco(there.tree, case.context())
    assert errors(back.findings) == []
    assert errors(case.format.judge(back.tree)) == []
    lost = declared_losses(there.account)
    changed = set(differences(case.message(), back.tree, case.format.structure))
    assert {path for path in changed if not any(path == one or path.startswith(f"{one}/") for one in lost)} == set()


@pytest.mark.parametrize("file", cases_with("onward"), ids=name_of)
def test_the_message_goes_onward_in_another_form(file: Path) -> None:
    case = Case(file)
    onward = load_lanes().formats[case.says["onward"]["format"]]
    made = load_lanes().mappings[onward.name].from_wco(case.to_wco().tree, case.context())
    assert errors(made.findings) == []
    assert errors(onward.judge(made.tree)) == []
    expected = (case.folder / case.says["onward"]["expected"]).read_bytes()
    assert canonical(onward.to_xml(made.tree)) == canonical(expected)


def canonical(document: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    return bytes(etree.tostring(etree.fromstring(document, parser), method="c14n"))


@pytest.mark.parametrize("file", cases_with("refused"), ids=name_of)
def test_the_refusal_names_what_declares_it(file: Path) -> None:
    case = Case(file)
    reading = case.read()
    findings = reading.findings if reading.tree is None else case.to_wco().findings
    found = [(one.layer.value, one.row, general_path(one.path)) for one in errors(findings)]
    for wanted in case.says["refused"]:
        assert (wanted["layer"], wanted.get("row", ""), wanted["path"]) in found
    assert all(one.remedy for one in errors(findings))
