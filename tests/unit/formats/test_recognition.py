from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from gateway.catalogue import Judging, load_judging
from gateway.formats.format import Format
from gateway.formats.recognition import RootIndex, score_xml

BODIES = ("", "<Declaration/>", "<x:Response xmlns:x='urn:any'/>", "<WCOTypeName>CRI</WCOTypeName><Declaration/>")


@pytest.fixture(name="formats", scope="module")
def formats_fixture(project_root: Path, derived: Path) -> list[Format]:
    judging: Judging = load_judging(project_root, cache=derived)
    return [judging.formats.get(name) for name in judging.formats.names()]


def document(local: str, space: str, body: str) -> etree._Element:
    named = f" xmlns='{space}'" if space else ""
    return etree.fromstring(f"<{local}{named}>{body}</{local}>")


@pytest.mark.parametrize("body", BODIES)
def test_the_index_scores_as_holding_a_document_against_every_head_does(formats: list[Format], body: str) -> None:
    index = RootIndex(formats)
    xml = [one for one in formats if one.structure.syntax == "xml"]
    spaces = {space for one in xml for space in one.head.recognise_namespaces} | {"", "urn:example:other"}
    compared = 0
    for local in {one.head.root for one in xml} | {"Nobody"}:
        for space in spaces:
            root = document(local, space, body)
            told = {one.name: score for score, one in index.scores(root) if score}
            assert told == {one.name: score for one in xml if (score := score_xml(one.head, root))}, (local, space)
            compared += bool(told)
    assert compared or not body


def test_conditions_add_up(formats: list[Format]) -> None:
    dms = next(one for one in formats if one.name == "dms-3.6")
    index = RootIndex([dms])
    (own,) = dms.head.recognise_namespaces
    assert index.scores(document("MetaData", own, "<Declaration/>")) == [(3, dms)]
    assert index.scores(document("MetaData", own, "<Other/>")) == [(0, dms)]
    assert index.scores(document("MetaData", "", "<Response/>")) == [(2, dms)]
    assert index.scores(document("MetaData", "urn:example:other", "<Response/>")) == []
    assert index.scores(document("Metadata", own, "<Response/>")) == []


def test_formats_that_are_written_in_json_are_left_out(formats: list[Format]) -> None:
    native = [one for one in formats if one.structure.syntax == "json"]
    assert native
    assert RootIndex(native).scores(document(native[0].head.root or "a", "", "")) == []
