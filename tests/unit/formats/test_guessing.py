"""What a document that nothing recognises may have been meant as."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from gateway.formats.dialect import Dialect
from gateway.formats.guessing import KnownRoot, known_roots, resembles_envelope, unknown_json, unknown_xml

ROOTS = (
    KnownRoot("aa-1", "MetaData", ("urn:aa:meta:1",), envelope=True),
    KnownRoot("bb-1", "Manifest", ("urn:bb:manifest:1", "")),
)


@pytest.mark.parametrize(
    ("document", "message", "remedy"),
    [
        ('<MetaData xmlns="urn:aa:meta:1"/>', "says of itself another kind", "(aa-1)"),
        ('<MetaData xmlns="urn:aa:meta:2"/>', "not in this namespace", "nearest: urn:aa:meta:1 (aa-1)"),
        ("<MetaData/>", "not in no namespace", "nearest: urn:aa:meta:1 (aa-1)"),
        ('<Metadta xmlns="urn:aa:meta:1"/>', "a name that no format knows", "did you mean MetaData, as in aa-1?"),
        ("<manifest/>", "a name that no format knows", "did you mean Manifest?"),
        ('<Goods xmlns="urn:bb:manifest:1"/>', "in a namespace of bb-1", "begin it with Manifest"),
        ("<Goods/>", "no known format", "known document elements: Manifest, MetaData"),
    ],
)
def test_the_nearest_guess(document: str, message: str, remedy: str) -> None:
    refusal = unknown_xml(etree.fromstring(document), ROOTS)
    assert message in refusal.message
    assert remedy in refusal.remedy
    assert refusal.line == 1


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ([], "begin it with {"),
        ({"MetaDta": {}}, "did you mean MetaData?"),
        ({"MetaData": {}}, "look at WCOTypeName and TypeCode"),
        ({"x": 1, "y": 2}, "a message has a single member: one of MetaData"),
    ],
)
def test_the_nearest_guess_in_json(value: object, remedy: str) -> None:
    assert remedy in unknown_json(value, ["MetaData"]).remedy


@pytest.mark.parametrize(
    ("document", "like"),
    [
        ('<x:Anything xmlns:x="urn:aa:meta:1"/>', True),
        ('<metadta xmlns="urn:else"/>', True),
        ("<Manifst/>", False),
        ("<request/>", False),
    ],
)
def test_only_an_envelope_may_be_a_damaged_one(document: str, *, like: bool) -> None:
    assert resembles_envelope(etree.fromstring(document), ROOTS) is like


def test_dialects_tell_their_roots_too() -> None:
    dialect = Dialect(
        file=Path("d"), name="d", title="t", source="s", roots=("A", "B"), root_namespaces=("urn:d",), enveloped=False
    )
    assert known_roots((), (dialect,)) == (KnownRoot("d", "A", ("urn:d",)), KnownRoot("d", "B", ("urn:d",)))
