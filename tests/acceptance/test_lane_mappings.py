"""The mappings of the first lane on random valid messages: what converts, what is lost, which rows are at work."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from gateway.conversion.account import Account
from gateway.conversion.check.coverage import coverage_of
from gateway.conversion.mapping import Conversion
from gateway.findings import Finding
from gateway.formats.tree import Tree, leaves, root_of
from tests.acceptance.lanes import context_of, declared_losses, differences, errors, load_lanes

SOAK = os.environ.get("SARHAD_SOAK") == "1"
COUNT = 1000 if SOAK else 150
EACH_ROW_FIRES = 20 if SOAK else 1
REFERENCE = "5b0c2a3e7f4d4c1b9a602f1d7c9e0007"

MANIFEST, DECLARATION, EXTRACT, NATIONAL = (
    "cn-mt2401-1.0",
    "cn-decmessage-1.0",
    "cn-gd-extract-1.0",
    "pk-gd-1.0",
)
FROM_ELSEWHERE = {"pk19", "pk20", "pk21"}
"""Rows that act only on a WCO declaration that was not made from the national form."""


@dataclass(slots=True)
class Campaign:
    """What a series of messages gave.

    Attributes:
        refused: findings of the messages that were not converted.
        rows: how often each row was at work, both ways together.
    """

    converted: int = 0
    refused: list[tuple[Finding, ...]] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    pairs: list[tuple[Tree, Conversion, Conversion | None]] = field(default_factory=list)


def rows_at_work(account: Account) -> set[str]:
    named = [line.row for line in account.source] + [line.row for line in account.target]
    return {row for rows in named for row in rows.split()}


def reference_of(tree: Tree) -> str:
    head: Any = root_of(tree).get("Head", {})
    return str(head.get("MessageID", REFERENCE))


@cache
def campaign_of(name: str) -> Campaign:
    """Convert a series of messages to WCO and, where the mapping works so, back."""
    lanes = load_lanes()
    mapping = lanes.mappings[name]
    campaign = Campaign()
    for tree in lanes.instances(name, COUNT):
        context = context_of(reference_of(tree))
        there = mapping.to_wco(tree, context)
        working = rows_at_work(there.account)
        if errors(there.findings):
            campaign.refused.append(there.findings)
            continue
        campaign.converted += 1
        back = mapping.from_wco(there.tree, context) if "from-wco" in mapping.ways else None
        campaign.rows.update(working | (rows_at_work(back.account) if back is not None else set()))
        campaign.pairs.append((tree, there, back))
    return campaign


def test_the_tables_have_no_static_fault() -> None:
    assert load_lanes().faults == ()


@pytest.mark.parametrize("name", [MANIFEST, DECLARATION, NATIONAL, EXTRACT])
def test_nearly_all_valid_messages_convert_and_a_refusal_names_its_row(name: str) -> None:
    campaign = campaign_of(name)
    assert campaign.converted >= COUNT * 95 // 100
    for findings in campaign.refused:
        assert all(finding.row and finding.path and finding.remedy for finding in errors(findings))


@pytest.mark.parametrize("name", [MANIFEST, DECLARATION, NATIONAL, EXTRACT])
def test_what_comes_out_is_valid_on_the_other_side(name: str) -> None:
    lanes = load_lanes()
    wco, national = lanes.formats[lanes.mappings[name].wco], lanes.formats[name]
    for _, there, back in campaign_of(name).pairs:
        assert not errors(wco.judge(there.tree))
        if back is not None:
            assert not errors(back.findings)
            assert not errors(national.judge(back.tree))


@pytest.mark.parametrize("name", [MANIFEST, DECLARATION, NATIONAL, EXTRACT])
def test_no_leaf_is_lost_without_a_reason(name: str) -> None:
    for tree, there, _ in campaign_of(name).pairs:
        fates = there.account.fates()
        assert fates["unmapped"] == 0
        assert sum(fates.values()) == sum(1 for _ in leaves(tree))
        assert all(line.reason and line.row for line in there.account.source if line.fate == "dropped")


@pytest.mark.parametrize("name", [MANIFEST, DECLARATION, NATIONAL, EXTRACT])
def test_every_row_is_at_work(name: str) -> None:
    fired = campaign_of(name).rows
    rows = {row.id for row in load_lanes().mappings[name].table.rows} - FROM_ELSEWHERE
    assert {row: fired[row] for row in rows if fired[row] < EACH_ROW_FIRES} == {}


def test_most_leaves_of_the_manifest_go_both_ways() -> None:
    lanes = load_lanes()
    coverage = coverage_of(lanes.mappings[MANIFEST].table, lanes.formats[MANIFEST].structure)
    assert coverage.homeless == ()
    assert coverage.both * 100 >= coverage.leaves * 70


@pytest.mark.parametrize("name", [MANIFEST, EXTRACT])
def test_a_message_comes_back_as_it_was_up_to_declared_losses(name: str) -> None:
    structure = load_lanes().formats[name].structure
    for tree, there, back in campaign_of(name).pairs:
        assert back is not None
        allowed = declared_losses(there.account) | {"Header/MessageID", "Header/AgreementID", "Header/SenderID"}
        assert set(differences(tree, back.tree, structure)) <= allowed


def test_differences_are_seen() -> None:
    structure = load_lanes().formats[MANIFEST].structure
    tree = next(load_lanes().instances(MANIFEST, 1))
    changed = {"Manifest": {**tree["Manifest"], "Head": {**tree["Manifest"]["Head"], "SendTime": "20260101"}}}
    assert list(differences(tree, changed, structure)) == ["Head/SendTime"]
    assert list(differences(tree, tree, structure)) == []


def test_a_declaration_from_elsewhere_gets_a_national_type() -> None:
    """Without the national type, which only our own form brings, the WCO type decides."""
    mapping = load_lanes().mappings[NATIONAL]
    fired: Counter[str] = Counter()
    for _, there, _ in campaign_of(NATIONAL).pairs:
        declaration = root_of(there.tree)["Declaration"]
        kept = [entry for entry in declaration["AdditionalInformation"] if entry.get("StatementTypeCode") != "GDT"]
        tree = {"MetaData": {**root_of(there.tree), "Declaration": {**declaration, "AdditionalInformation": kept}}}
        back = mapping.from_wco(tree, context_of(REFERENCE))
        assert not errors(back.findings)
        expected = {"IM": "Home Consumption", "EX": "Export", "TR": "Transit"}[declaration["TypeCode"]]
        assert root_of(back.tree)["data"]["gdType"] == expected
        fired.update(rows_at_work(back.account) & FROM_ELSEWHERE)
    assert {row for row in FROM_ELSEWHERE if fired[row] < EACH_ROW_FIRES} == set()


def test_an_export_declaration_becomes_an_extract() -> None:
    lanes = load_lanes()
    extract, exports = lanes.mappings[EXTRACT], 0
    for _, there, _ in campaign_of(NATIONAL).pairs:
        made = extract.from_wco(there.tree, context_of(REFERENCE))
        if root_of(there.tree)["Declaration"]["TypeCode"] == "EX":
            exports += 1
            assert not errors(made.findings)
            assert not errors(lanes.formats[EXTRACT].judge(made.tree))
        else:
            assert "gx11" in {finding.row for finding in errors(made.findings)}
    assert exports >= COUNT // 4
