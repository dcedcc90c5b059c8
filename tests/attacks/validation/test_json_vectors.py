"""JSON messages with one defect each, through the whole validation: each has its own code and place.

A row is named by its defect and says what of the sound response is replaced. Faults of bare syntax and size stand in
tests/attacks/test_parsing.py and tests/unit/formats/test_json_parsing.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.formats.locations import located
from gateway.validation.verdict import Verdict

VERSION = b'"VersionID":"1"'
FORM = b'"@formatCode":"304"'
TEXT = b'"LOCAL-7"'
LIST = b'"Response":['

CLASS = "/MetaData/Response/0/Declaration"
AT_CLASS = "Response[1]/Declaration"
AT_VERSION = "Response[1]/Declaration/VersionID"
AT_TEXT = "Response[1]/Declaration/FunctionalReferenceID"
AT_DATE = "Response[1]/IssueDateTime/DateTimeString"
TYPE, UNKNOWN, BROKEN = "schema.json-type", "schema.unknown-element", "parse.not-well-formed"

REFUSED: dict[str, tuple[bytes, bytes, str, str]] = {
    "the same key behind an escape": (
        VERSION, VERSION + b',"Version\\u0049D":"2"', "parse.duplicate-key", f"{CLASS}/VersionID"
    ),
    "the same key with the same value": (
        VERSION, VERSION + b"," + VERSION, "parse.duplicate-key", f"{CLASS}/VersionID"
    ),
    "the same attribute twice": (
        FORM,
        FORM + b',"@formatCode":"102"',
        "parse.duplicate-key",
        "/MetaData/Response/0/IssueDateTime/DateTimeString/@formatCode",
    ),
    "Infinity deep inside": (VERSION, b'"VersionID":Infinity', "parse.not-a-number", f"{CLASS}/VersionID"),
    "an exponent that changes nothing": (VERSION, b'"VersionID":1e0', "parse.exponent", f"{CLASS}/VersionID"),
    "a float where text is due": (VERSION, b'"VersionID":1.0', TYPE, AT_VERSION),
    "a whole number where text is due": (VERSION, b'"VersionID":1', TYPE, AT_VERSION),
    "a negative zero where text is due": (VERSION, b'"VersionID":-0', TYPE, AT_VERSION),
    "a number of 25 digits": (VERSION, b'"VersionID":' + b"9" * 25, TYPE, AT_VERSION),
    "a number with a zero before it": (VERSION, b'"VersionID":01', BROKEN, CLASS),
    "a number with a plus": (VERSION, b'"VersionID":+1', BROKEN, CLASS),
    "a number in hexadecimal": (VERSION, b'"VersionID":0x1', BROKEN, CLASS),
    "null": (VERSION, b'"VersionID":null', TYPE, AT_VERSION),
    "true": (VERSION, b'"VersionID":true', TYPE, AT_VERSION),
    "a list for a single leaf": (VERSION, b'"VersionID":["1"]', TYPE, AT_VERSION),
    "a leaf of attributes without a value": (VERSION, b'"VersionID":{"@listID":"x"}', TYPE, AT_VERSION),
    "a value inside a value": (VERSION, b'"VersionID":{"value":{"value":"1"}}', TYPE, AT_VERSION),
    "an attribute that is null": (FORM, b'"@formatCode":null', TYPE, f"{AT_DATE}@formatCode"),
    "an attribute that is a number": (FORM, b'"@formatCode":304', TYPE, f"{AT_DATE}@formatCode"),
    "an attribute without its sign": (FORM, b'"formatCode":"304"', UNKNOWN, f"{AT_DATE}/formatCode"),
    "an impossible date behind a formatCode with blanks": (
        b'20260316120509Z",' + FORM, b'20260230120509Z","@formatCode":" 304 "', "rule.date", AT_DATE
    ),
    "xsi:nil as an attribute": (
        VERSION, b'"VersionID":{"value":"1","@xsi:nil":"true"}', UNKNOWN, f"{AT_VERSION}/@xsi:nil"
    ),
    "a namespace as an attribute": (VERSION, VERSION + b',"@xmlns":"urn:x"', UNKNOWN, f"{AT_CLASS}/@xmlns"),
    "the text under the name of another convention": (VERSION, b'"VersionID":{"#text":"1"}', TYPE, AT_VERSION),
    "a key that scripts give a meaning": (VERSION, VERSION + b',"__proto__":{}', UNKNOWN, f"{AT_CLASS}/__proto__"),
    "a name in another case": (b'"VersionID"', b'"versionid"', UNKNOWN, f"{AT_CLASS}/versionid"),
    "a name with its namespace": (b'"VersionID"', b'"{urn:x}VersionID"', UNKNOWN, f"{AT_CLASS}/?"),
    "a name with a blank behind it": (b'"VersionID"', b'"VersionID "', UNKNOWN, f"{AT_CLASS}/?"),
    "a name in wide letters": (b'"VersionID"', '"ＶersionID"'.encode(), UNKNOWN, f"{AT_CLASS}/?"),
    "a name that is empty": (VERSION, VERSION + b',"":"x"', UNKNOWN, f"{AT_CLASS}/?"),
    "a name with the signs of a pointer": (VERSION, VERSION + b',"a/b~c":"x"', UNKNOWN, f"{AT_CLASS}/?"),
    "half a surrogate pair in a name": (VERSION, VERSION + b',"\\udead":"x"', "parse.surrogate", CLASS),
    "half a surrogate pair in bytes": (TEXT, b'"\xed\xa0\x80"', "parse.encoding", CLASS),
    "the character zero": (TEXT, b'"a\\u0000b"', "schema.character", AT_TEXT),
    "a noncharacter": (TEXT, b'"\\uffff"', "schema.character", AT_TEXT),
    "a control character in bytes": (TEXT, b'"a\x01b"', BROKEN, CLASS),
    "a line end in a text": (TEXT, b'"a\nb"', BROKEN, CLASS),
    "an escape that JSON lacks": (TEXT, b'"\\x41"', BROKEN, CLASS),
    "a comma too many": (VERSION, VERSION + b",", BROKEN, CLASS),
    "a comment": (VERSION, VERSION + b"/* x */", BROKEN, CLASS),
    "single quotes": (VERSION, b"'VersionID':'1'", BROKEN, CLASS),
    "null in a list": (LIST, LIST + b"null,", TYPE, "Response[1]"),
    "a list in a list": (LIST, LIST + b"[],", TYPE, "Response[1]"),
    "a text in a list of classes": (LIST, LIST + b'"",', TYPE, "Response[1]"),
}  # fmt: skip


@pytest.mark.parametrize("defect", REFUSED)
def test_one_defect_has_one_code_and_its_place(
    judge: Callable[[bytes], Verdict], sound_json: bytes, defect: str
) -> None:
    old, new, code, path = REFUSED[defect]
    assert sound_json.count(old) == 1
    judged = judge(sound_json.replace(old, new))
    assert not judged.valid
    assert judged.tree is None or code.startswith("rule.")
    assert (judged.findings[0].code, judged.findings[0].path) == (code, path)
    assert all(one.remedy for one in judged.findings)
    structure = judged.found.structure if judged.found is not None else None
    assert located(judged.findings[:1], structure)[0].json_pointer.startswith(
        CLASS.rpartition("/")[0].rpartition("/")[0]
    )


WHOLE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing but blanks": (lambda _: b" \n\t", "parse.empty"),
    "null": (lambda _: b"null", "parse.unknown-syntax"),
    "a number": (lambda _: b"1", "parse.unknown-syntax"),
    "a text": (lambda _: b'"x"', "message.unknown-format"),
    "an empty object": (lambda _: b"{}", "message.unknown-format"),
    "the message in a list": (lambda data: b"[" + data + b"]", "message.unknown-format"),
    "the message twice": (lambda data: data + data, BROKEN),
    "one message a line": (lambda data: data + b"\n" + data, BROKEN),
    "something behind the message": (lambda data: data + b"x", BROKEN),
    "a zero byte behind the message": (lambda data: data + b"\x00", BROKEN),
    "a zero byte before the message": (lambda data: b"\x00" + data, BROKEN),
    "UTF-16 without a mark": (lambda data: data.decode().encode("utf-16-le"), BROKEN),
    "UTF-32": (lambda data: data.decode().encode("utf-32"), "parse.unknown-syntax"),
    "the message twice under its root": (lambda data: data.rstrip()[:-1] + b',"MetaData":{}}', "parse.duplicate-key"),
    "levels of objects": (lambda data: data.replace(b'"1"', b'{"a":' * 5000 + b"1" + b"}" * 5000), "parse.too-deep"),
}


@pytest.mark.parametrize("defect", WHOLE)
def test_a_defect_of_the_whole_document_has_its_code(
    judge: Callable[[bytes], Verdict], sound_json: bytes, defect: str
) -> None:
    make, code = WHOLE[defect]
    judged = judge(make(sound_json))
    assert [one.code for one in judged.findings] == [code]
    assert not judged.valid


def test_what_looks_like_markup_is_text(judge: Callable[[bytes], Verdict], sound_json: bytes) -> None:
    judged = judge(sound_json.replace(TEXT, b'"<ID/>]]>&x;"'))
    assert judged.valid
    assert judged.tree is not None
    assert judged.tree["MetaData"]["Response"][0]["Declaration"]["FunctionalReferenceID"] == "<ID/>]]>&x;"
