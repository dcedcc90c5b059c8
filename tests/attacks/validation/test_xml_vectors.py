"""XML messages with one defect each, through the whole validation: each has its own code and place.

A row is named by its defect and says what of the sound response is replaced. Faults of bare syntax and size stand in
tests/attacks/test_parsing.py and tests/unit/formats/test_parsing.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.validation.verdict import Verdict

FORM = b'formatCode="304"'
DATE = b"20260316120509Z"
TEXT = b"held for a look at the papers"
VERSION = b"<VersionID>1</VersionID>"
XSI = b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'

ISSUED = "Response[1]/IssueDateTime/DateTimeString"
TOLD = "Response[1]/AdditionalInformation[1]/StatementDescription"
NUMBERED = "Response[1]/Declaration/VersionID"

REFUSED: dict[str, tuple[bytes, bytes, str, str]] = {
    "formatCode is empty": (FORM, b'formatCode=""', "schema.facet", f"{ISSUED}@formatCode"),
    "formatCode that nobody knows": (FORM, b'formatCode="999"', "schema.facet", f"{ISSUED}@formatCode"),
    "formatCode in other digits": (FORM, 'formatCode="٣٠٤"'.encode(), "schema.facet", f"{ISSUED}@formatCode"),
    "formatCode of another form": (FORM, b'formatCode="102"', "rule.date", ISSUED),
    "formatCode is missing": (b" " + FORM, b"", "schema.attribute-missing", f"{ISSUED}@formatCode"),
    "formatCode in a namespace": (FORM, b"x:" + FORM, "schema.attribute-unknown", f"{ISSUED}@formatCode"),
    "impossible date behind a formatCode with blanks": (
        FORM + b">20260316", b'formatCode=" 304 ">20260230', "rule.date", ISSUED
    ),
    "impossible date behind a formatCode with a line end": (
        FORM + b">20260316", b'formatCode="304&#10;">20260230', "rule.date", ISSUED
    ),
    "date in other digits": (DATE, "٢٠٢٦٠٣١٦١٢٠٥٠٩Z".encode(), "schema.facet", ISSUED),
    "date with day 00": (DATE, b"20260300120509Z", "rule.date", ISSUED),
    "date with month 00": (DATE, b"20260016120509Z", "rule.date", ISSUED),
    "date with hour 24": (DATE, b"20260316240000Z", "rule.date", ISSUED),
    "date with second 60": (DATE, b"20260316235960Z", "rule.date", ISSUED),
    "date in a zone that is none": (DATE, b"20260316120509+99", "rule.date", ISSUED),
    "date with a blank behind it": (DATE, DATE + b" ", "schema.facet", ISSUED),
    "impossible date split by a comment": (DATE, b"202602<!-- 16 -->30120509Z", "rule.date", ISSUED),
    "impossible date in CDATA": (DATE, b"<![CDATA[20260230]]>120509Z", "rule.date", ISSUED),
    "impossible date in character references": (DATE, b"202602&#51;&#x30;120509Z", "rule.date", ISSUED),
    "xsi:type that nobody knows": (
        b"<VersionID>", b"<VersionID " + XSI + b' i:type="nobody">', "schema.retyped", NUMBERED
    ),
    "xsi:type of the schema language": (
        b"<VersionID>",
        b"<VersionID " + XSI + b' xmlns:s="http://www.w3.org/2001/XMLSchema" i:type="s:string">',
        "schema.retyped",
        NUMBERED,
    ),
    "xsi:nil": (VERSION, b"<VersionID " + XSI + b' i:nil="true"/>', "schema.retyped", NUMBERED),
    "xsi:nil that says no": (b"<VersionID>", b"<VersionID " + XSI + b' i:nil="false">', "schema.retyped", NUMBERED),
    "xsi:nil with its namespace in character references": (
        VERSION,
        b'<VersionID xmlns:i="http://www.w3.org/2001/XMLSchema&#45;instance" i:nil="true"/>',
        "schema.retyped",
        NUMBERED,
    ),
    "xml:lang": (
        b"<StatementDescription>", b'<StatementDescription xml:lang="en">', "schema.attribute-unknown", f"{TOLD}@lang"
    ),
    "xml:base": (
        b"<Response ", b'<Response xml:base="http://127.0.0.1:1/" ', "schema.attribute-unknown", "Response[1]@base"
    ),
    "half a surrogate pair as a reference": (TEXT, b"&#xD800;", "parse.character", TOLD.replace("[1]", "")),
    "a reference beyond Unicode": (TEXT, b"&#x110000;", "parse.character", TOLD.replace("[1]", "")),
    "a noncharacter": (TEXT, "a\ufffeb".encode(), "parse.character", TOLD.replace("[1]", "")),
    "an overlong byte sequence": (TEXT, b"\xc0\xaf", "parse.encoding", TOLD.replace("[1]", "")),
    "an encoding declared that it is not": (b"UTF-8", b"UTF-16", "parse.not-well-formed", ""),
    "an encoding that nobody knows": (b"UTF-8", b"X-NOBODY", "parse.encoding", ""),
    "the end of CDATA in a text": (TEXT, b"]]>", "parse.not-well-formed", TOLD.replace("[1]", "")),
    "a declaration in a text": (TEXT, b'<?xml version="1.0"?>', "parse.not-well-formed", TOLD.replace("[1]", "")),
    "namespace declared anew": (
        b"<Declaration>", b'<Declaration xmlns="urn:example:other">', "schema.namespace", "Response[1]/Declaration"
    ),
    "namespace taken away": (
        b"<Declaration>", b'<Declaration xmlns="">', "schema.namespace", "Response[1]/Declaration"
    ),
    "namespace of one leaf": (
        VERSION, b'<q:VersionID xmlns:q="urn:example:other">1</q:VersionID>', "schema.namespace", NUMBERED
    ),
    "namespace in another case": (
        b"DocumentMetaData-DMS:2", b"documentmetadata-dms:2", "message.unknown-format", ""
    ),
    "prefix xml bound anew": (b"<VersionID>", b'<VersionID xmlns:xml="urn:x">', "parse.not-well-formed", ""),
    "a class inside a leaf": (VERSION, b"<VersionID><ID>1</ID></VersionID>", "schema.content", NUMBERED),
    "a leaf twice": (VERSION, 2 * VERSION, "schema.too-many", f"{NUMBERED}[2]"),
    "a message inside a message": (
        b"<Declaration>", b"<MetaData/><Declaration>", "schema.unknown-element", "Response[1]/MetaData"
    ),
}  # fmt: skip


@pytest.mark.parametrize("defect", REFUSED)
def test_one_defect_has_one_code_and_its_place(judge: Callable[[bytes], Verdict], sound: bytes, defect: str) -> None:
    old, new, code, path = REFUSED[defect]
    assert sound.count(old) == 1
    judged = judge(sound.replace(old, new))
    assert not judged.valid
    assert judged.tree is None or code.startswith("rule.")
    assert (judged.findings[0].code, judged.findings[0].path) == (code, path)
    assert all(one.remedy for one in judged.findings)


SAME: dict[str, tuple[bytes, bytes]] = {
    "a comment inside a date": (DATE, b"20260316<!-- 99 -->120509Z"),
    "an instruction inside a date": (DATE, b"20260316<?x y?>120509Z"),
    "a date in CDATA": (DATE, b"<![CDATA[20260316120509Z]]>"),
    "a date in character references": (DATE, b"&#50;0260316120509&#x5A;"),
    "a schema offered at another place": (
        b"<Response ", b"<Response " + XSI + b' i:schemaLocation="urn:x http://127.0.0.1:1/x.xsd" '
    ),
    "the same namespace declared again": (
        b"<Declaration>", b'<Declaration xmlns="urn:wco:datamodel:WCO:RES-DMS:2" xmlns:spare="urn:spare">'
    ),
    "another prefix for the same namespace": (
        VERSION, b'<r:VersionID xmlns:r="urn:wco:datamodel:WCO:RES-DMS:2">1</r:VersionID>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("writing", SAME)
def test_another_way_of_writing_is_the_same_message(
    judge: Callable[[bytes], Verdict], sound: bytes, writing: str
) -> None:
    old, new = SAME[writing]
    assert sound.count(old) == 1
    judged = judge(sound.replace(old, new))
    assert judged.findings == ()
    assert judged.tree == judge(sound).tree


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes_before_the_declared_encoding(
    judge: Callable[[bytes], Verdict], sound: bytes, encoding: str
) -> None:
    assert judge(sound.decode().encode(encoding)).tree == judge(sound).tree
