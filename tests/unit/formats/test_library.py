from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import MalformedMessage, UnknownFormat
from gateway.formats.document import parse_document
from gateway.formats.format import Format, load_format
from gateway.formats.library import FormatLibrary
from gateway.formats.limits import ParseLimits

HEAD = 'name = "{}"\nversion = "1"\nschema = "cargo.xsd"\nroot = "Cargo"\nnamespace = "urn:aa:cargo"\n'
ALIASES = 'aliases = { t = "urn:aa:types" }\n'


@pytest.fixture(name="variant")
def variant_fixture(write_format: Callable[..., Path]) -> Callable[..., Format]:
    def write(name: str, more: str = "", policy: str = "exact") -> Format:
        namespaces = f'[namespaces]\npolicy = "{policy}"\n{ALIASES}'
        return load_format(write_format(head=HEAD.format(name), more=namespaces + more))

    return write


Variant = Callable[..., Format]


def test_names_and_look_up(cargo: Format) -> None:
    library = FormatLibrary([cargo])
    assert library.names() == ("aa-cargo-1.0",)
    assert library.get("aa-cargo-1.0") is cargo
    with pytest.raises(UnknownFormat) as caught:
        library.get("aa-cargo-1.1")
    assert caught.value.remedy == "did you mean aa-cargo-1.0?"


def test_a_limited_library_knows_and_names_nothing_else(variant: Variant, good: bytes) -> None:
    plain = variant("aa-plain")
    narrow = variant("aa-narrow", '[recognise]\nchildren = ["Line"]\n')
    whole = FormatLibrary([plain, narrow])
    limited = whole.limited_to({"aa-plain-1", "aa-nothing-1"})
    assert limited.names() == ("aa-plain-1",)
    assert whole.recognise(good) is narrow
    assert limited.recognise(good) is plain
    with pytest.raises(UnknownFormat) as caught:
        limited.get("aa-narrow-1")
    assert "narrow" not in caught.value.message + caught.value.remedy


def test_the_most_conditions_win(variant: Variant, good: bytes) -> None:
    plain = variant("aa-plain")
    narrow = variant("aa-narrow", '[recognise]\nleaves = { "ID" = ["A-1", "A-2"] }\nchildren = ["Line"]\n')
    library = FormatLibrary([plain, narrow])
    assert library.recognise(good) is narrow
    assert library.recognise(good.replace(b"A-1", b"A-9")) is plain
    assert library.recognise(narrow.to_json(narrow.read(good).tree or {})) is narrow


def test_nested_leaves_and_children(variant: Variant, good: bytes) -> None:
    nested = variant("aa-nested", '[recognise]\nleaves = { "t:Owner/Name" = "x", "Line/Gross" = "10.500" }\n')
    assert (
        FormatLibrary([nested]).recognise(
            good.replace(b"<Owner><Code>ABC</Code></Owner>", b"").replace(b"Nobody &amp; Sons", b"x")
        )
        is nested
    )
    childless = variant("aa-childless", '[recognise]\nchildren = ["Ship"]\n')
    plain = variant("aa-plain")
    assert FormatLibrary([childless, plain]).recognise(good) is plain


def test_what_begins_like_a_format_is_read_as_it_unless_two_are_as_near(variant: Variant, good: bytes) -> None:
    childless = variant("aa-childless", '[recognise]\nchildren = ["Ship"]\n')
    other = variant("aa-other", '[recognise]\nchildren = ["Plane"]\n')
    assert FormatLibrary([childless]).recognise(good) is childless
    with pytest.raises(UnknownFormat, match="says of itself another kind"):
        FormatLibrary([childless, other]).recognise(good)
    with pytest.raises(UnknownFormat):
        FormatLibrary([childless]).recognise(good.replace(b"urn:aa:cargo", b"urn:aa:cargoes"))


def test_equals_are_refused_but_a_format_goes_before_a_profile(variant: Variant, good: bytes) -> None:
    one, other = variant("aa-one"), variant("aa-other")
    with pytest.raises(UnknownFormat, match="aa-one-1, aa-other-1"):
        FormatLibrary([one, other]).recognise(good)
    profile = variant("aa-profile", '[wco]\ncanonical = "aa-one-1"\n')
    assert FormatLibrary([profile, one]).recognise(good) is one
    assert profile.read(good).profile == "aa-profile-1"
    assert one.read(good).profile == ""


def test_namespaces_decide_unless_the_policy_is_loose(variant: Variant, good: bytes) -> None:
    foreign = good.replace(b"urn:aa:cargo", b"urn:other")
    bare = b"<Cargo><ID>A</ID></Cargo>"
    exact = FormatLibrary([variant("aa-exact")])
    for data in (foreign, bare, b"<Other/>", b"[]", b"{}", b'{"Other": {}}', b'{"Cargo": []}'):
        with pytest.raises(UnknownFormat):
            exact.recognise(data)
    assert FormatLibrary([variant("aa-ignored", policy="ignored")]).recognise(foreign).name == "aa-ignored-1"
    repaired = FormatLibrary([variant("aa-repaired", policy="absent-repaired")])
    assert repaired.recognise(bare).name == "aa-repaired-1"
    with pytest.raises(UnknownFormat):
        repaired.recognise(foreign)


def test_read_parses_once_and_may_be_told_the_format(variant: Variant, good: bytes) -> None:
    one, other = variant("aa-one"), variant("aa-other")
    library = FormatLibrary([one, other])
    found, reading = library.read(good, "aa-other-1")
    assert found is other
    assert reading.tree is not None
    with pytest.raises(UnknownFormat):
        library.read(good)


def test_json_native_documents_are_recognised_by_their_members(tmp_path: Path) -> None:
    (tmp_path / "n.schema.json").write_text(
        '{"type": "object", "additionalProperties": false, "properties": {"kind": {"type": "string"},'
        ' "rows": {"type": "array", "items": {"type": "object", "additionalProperties": false,'
        ' "properties": {"name": {"type": "string"}}}}}}'
    )
    head = tmp_path / "n.format.toml"
    head.write_text(
        'name = "aa-n"\nversion = "1"\nschema = "n.schema.json"\nsyntax = "json"\nroot = "N"\n'
        '[recognise]\nleaves = { "kind" = "n", "rows/name" = "first" }\nchildren = ["rows"]\n'
    )
    library = FormatLibrary([load_format(head)])
    assert library.recognise(b'{"kind": "n", "rows": [{"name": "first"}]}').name == "aa-n-1"
    for data in (b'{"kind": "m", "rows": []}', b'{"kind": "n", "rows": []}', b'{"other": 1}', b"<N/>", b"5"):
        with pytest.raises((UnknownFormat, MalformedMessage)):
            library.recognise(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "parse.empty"),
        (b" \r\n", "parse.empty"),
        (b"UNB+UNOA", "parse.unknown-syntax"),
        (b"%PDF-1.7", "parse.unknown-syntax"),
        (b"\xef\xbb\xbf{}", "parse.byte-order-mark"),
        ("{}".encode("utf-16"), "parse.byte-order-mark"),
    ],
)
def test_syntax_is_told_from_the_first_bytes(data: bytes, code: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_document(data)
    assert caught.value.stable_code == code


def test_xml_with_byte_order_marks_and_limits(cargo: Format, good: bytes) -> None:
    library = FormatLibrary([cargo])
    assert library.recognise(b"\xef\xbb\xbf" + good) is cargo
    assert library.recognise(good.decode().encode("utf-16")) is cargo
    assert library.recognise(b"\n  " + good) is cargo
    with pytest.raises(Exception, match="bytes"):
        FormatLibrary([cargo], ParseLimits(bytes=10)).recognise(good)
