from __future__ import annotations

import pytest

from gateway.errors import GatewayError, MalformedMessage, MessageTooLarge
from gateway.formats.limits import ParseLimits
from gateway.formats.parsing import line_of, parse_xml


def code_of(data: bytes, limits: ParseLimits | None = None) -> tuple[type[GatewayError], str]:
    with pytest.raises(GatewayError) as caught:
        parse_xml(data, limits or ParseLimits())
    return type(caught.value), caught.value.stable_code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "parse.empty"),
        (b"text", "parse.empty"),
        (b"<a/><b/>", "parse.not-well-formed"),
        (b"<a><b></a>", "parse.not-well-formed"),
        (b"<a><!-- a -- b --></a>", "parse.not-well-formed"),
        (b"<a b='1' b='2'/>", "parse.not-well-formed"),
        (b"<a>&b;</a>", "parse.entity"),
        (b"<a>&#0;</a>", "parse.character"),
        (b"<a>\x01</a>", "parse.character"),
        (b"<a>\xff</a>", "parse.encoding"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a/>", "parse.encoding"),
        (b"<?xml version='1.0' encoding='IBM037'?><a/>", "parse.encoding"),
        ("<a/>".encode("utf-32"), "parse.encoding"),
        (b"<x:a/>", "parse.namespace-prefix"),
        (b"<!DOCTYPE a><a/>", "parse.doctype"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "parse.doctype"),
        ("\ufeff<!DOCTYPE a><a/>".encode("utf-16-be"), "parse.doctype"),
    ],
)
def test_malformed(data: bytes, code: str) -> None:
    assert code_of(data) == (MalformedMessage, code)


@pytest.mark.parametrize(
    ("data", "path", "line", "shown"),
    [
        (b"<a>\n<b>x</b>\n<b>\n<c>y</c><d>cut", "b[2]/d", 4, "inside b[2]/d, which opens on line 4"),
        (b"<a>\n<b>x</b>\n<b>\n<c>y</c><d", "b[2]", 3, "inside b[2], which opens on line 3"),
        (b"<a>\n<b>\n<!-- cut", "b", 2, "inside b"),
        (b"<?xml version='1.0'?>\n<a>\n\n", "", 2, "inside a"),
        (b"<a>\n<b>\n</a>", "b", 3, "(line 3), inside b"),
        (b"<a><b/>\n<b>\n<!-- x -- y --></b></a>", "b[2]", 3, "a comment holds a double hyphen (line 3), inside b[2]"),
        (b"<a>\n<b>&c;</b><d/></a>", "b", 2, "an entity"),
        (b"<a>\n<b/><x:b/><d/></a>", "x:b", 2, "a prefix"),
        (b"<a>\n<b><c x:y='1'/></b></a>", "b/c", 2, "a prefix"),
        (b"<a/>\n<b/>", "", 2, "after the end"),
        ("<a>\n<b>\u00fc<c>".encode("utf-16"), "b/c", 2, "inside b/c"),
        (b"<a>\n<b>" + b"<c/>" * 40_000 + b"<c>\x01", "b/c[40001]", 2, "inside b/c[40001]"),
    ],
)
def test_a_refusal_names_the_innermost_open_element(data: bytes, path: str, line: int, shown: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_xml(data)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert shown in caught.value.message


def test_no_text_of_the_document_is_told() -> None:
    for data in (b"<a>\n<b x='secret'>secret\n</a>", b"<a><b>secret", b"<a><b>&secret;</b></a>", b"<a><b secret='x"):
        with pytest.raises(MalformedMessage) as caught:
            parse_xml(data)
        assert "secret" not in repr(vars(caught.value))


def test_limits() -> None:
    assert code_of(b"<a>12345</a>", ParseLimits(bytes=10)) == (MessageTooLarge, "parse.too-large")
    assert code_of(b"<a><b><c/></b></a>", ParseLimits(depth=2)) == (MessageTooLarge, "parse.too-deep")
    assert code_of(b"<a><b/><b/></a>", ParseLimits(elements=2)) == (MessageTooLarge, "parse.too-many-elements")
    assert code_of(b"<a b='' c=''/>", ParseLimits(attributes=1)) == (MessageTooLarge, "parse.too-many-attributes")
    assert parse_xml(b"<a>a=b&lt;=c</a>", ParseLimits(elements=2, attributes=1, depth=1)).text == "a=b<=c"


def test_comments_and_instructions_do_not_split_a_text() -> None:
    assert parse_xml(b"<a>x<!-- c -->y<?p i?>z</a>").text == "xyz"


def test_doctype_as_text_is_text() -> None:
    assert parse_xml(b"<a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"
    assert parse_xml(b"<!-- <!DOCTYPE a> --><a/>").tag == "a"


def test_accepted_encodings() -> None:
    assert parse_xml("<a>ü</a>".encode()).text == "ü"
    assert parse_xml("<a>ü</a>".encode("utf-16")).text == "ü"
    assert parse_xml("<?xml version='1.0' encoding='windows-1251'?><a>ж</a>".encode("cp1251")).text == "ж"
    assert parse_xml("<?xml version='1.0' encoding='GB18030'?><a>号</a>".encode("gb18030")).text == "号"


def test_line_of_an_element() -> None:
    root = parse_xml(b"<a>\n\n<b/></a>")
    assert line_of(root[0]) == 3
