"""What looks like a message by its name and the names in it, and what only shares a name with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from gateway.formats.dialect import Dialect
from gateway.formats.dialect_doubts import Doubts, doubts_of
from gateway.formats.guessing import KnownRoot

ROOTS = (KnownRoot("aa-1", "MetaData", ("urn:aa",), envelope=True), KnownRoot("bb-1", "Manifest", ("urn:bb",)))
BARE = Dialect(file=Path("b"), name="b", title="t", source="s", roots=("Declaration", "Response"), enveloped=False)
OLD = Dialect(file=Path("o"), name="o", title="t", source="s", roots=("OldData",))


@pytest.fixture(name="doubts")
def doubts_fixture() -> Doubts:
    return doubts_of(ROOTS, (BARE, OLD))


@pytest.mark.parametrize(
    ("name", "members", "like"),
    [
        ("MetaData", ["Declaration"], True),
        ("metadta", ["Declaraton"], True),
        ("MetaData", ["From", "To"], False),
        ("MetaData", [], False),
        ("Declaration", ["ID"], True),
        ("Declaraton", ["ID"], False),
        ("Response", [], False),
        ("Manifest", ["Declaration"], False),
        ("request", ["Declaration"], False),
    ],
)
def test_name_and_members_tell(doubts: Doubts, name: str, members: list[str], *, like: bool) -> None:
    assert doubts.like(name, members) is like
    assert doubts.like(name, members) is like
    node = etree.Element(f"{{urn:elsewhere}}{name}")
    for member in members:
        etree.SubElement(node, member)
    assert doubts.xml(node) is like
