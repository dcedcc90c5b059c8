"""A profile never makes a message valid that says two things, or another one than its bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import load_library
from gateway.findings import Severity
from gateway.formats.locations import located
from gateway.validation.verdict import Verdict, verdict

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "vectors" / "profiles"
LIBRARY = load_library(ROOT, cache=ROOT / ".sarhad" / "cache")
OLD, BARE, SPACELESS = "wco-3.2/inward-cargo-report.xml", "wco-cri-1/cargo-report.xml", "wco-body/without-namespace.xml"

CONTENT = "<Content>Two reefer units are plugged in on deck.</Content>"
OTHER = "<StatementDescription>Other</StatementDescription>"
DATE = 'formatCode="204">20260316083000<'
PLAIN = "2026-03-16T08:30:00"
ZONED = "2026-03-24T14:00:00+05:00"
NAME = "<WCODocumentName>CRI</WCODocumentName>"
DATE_PATH = "Declaration/IssueDateTime"
TEXT_PATH = "Declaration/AdditionalInformation[1]/StatementDescription"

TWICE = [
    (OLD, CONTENT, CONTENT + OTHER, "schema.too-many", f"{TEXT_PATH}[2]", 21),
    (OLD, CONTENT, OTHER + CONTENT, "schema.too-many", f"{TEXT_PATH}[2]", 21),
    (OLD, CONTENT, f"{CONTENT}\n{CONTENT}", "schema.too-many", f"{TEXT_PATH}[2]", 22),
    (OLD, NAME, f"{NAME}\n<WCODocumentName>ICR</WCODocumentName>", "schema.too-many", "WCOTypeName[2]", 5),
    (OLD, NAME, f"{NAME}\n<WCOTypeName>CRI</WCOTypeName>", "schema.too-many", "WCOTypeName[2]", 5),
    (OLD, NAME, f"<WCOTypeName>CRE</WCOTypeName>\n{NAME}", "schema.facet", "WCOTypeName", 4),
    (OLD, DATE, f'listID="x" {DATE}', "schema.attribute-unknown", f"{DATE_PATH}@listID", 18),
    (
        OLD,
        DATE,
        f'xmlns:q="urn:q" q:formatCode="102" {DATE}',
        "schema.attribute-unknown",
        f"{DATE_PATH}@formatCode",
        18,
    ),
    (
        *(OLD, DATE, 'formatCode="204"><DateTimeString formatCode="102">20260316</DateTimeString><'),
        *("schema.attribute-unknown", f"{DATE_PATH}@formatCode", 18),
    ),
    (
        BARE,
        f"<IssueDateTime>{PLAIN}<",
        f'<IssueDateTime formatCode="204">{PLAIN}<',
        "schema.attribute-unknown",
        f"{DATE_PATH}@formatCode",
        5,
    ),
    (BARE, PLAIN, f'{PLAIN}<DateTimeString formatCode="102">20260316</DateTimeString>', "schema.text", DATE_PATH, 5),
    (
        BARE,
        f"<IssueDateTime>{PLAIN}",
        f"<IssueDateTime>2026-03-17</IssueDateTime>\n<IssueDateTime>{PLAIN}",
        "schema.too-many",
        f"{DATE_PATH}[2]",
        6,
    ),
    (
        BARE,
        "<FunctionCode>9</FunctionCode>",
        '<FunctionCode>9</FunctionCode><FunctionCode xmlns="urn:sarhad:wco:3.6:cri:1">1</FunctionCode>',
        "schema.too-many",
        "Declaration/FunctionCode[2]",
        3,
    ),
    (
        SPACELESS,
        "<GoodsItemQuantity>",
        '<GoodsItemQuantity xmlns="urn:elsewhere">',
        "schema.namespace",
        "Declaration/GoodsItemQuantity",
        9,
    ),
]
DATES = [
    (
        OLD,
        "202603220600",
        "202613450600",
        "schema.facet",
        "Declaration/BorderTransportMeans/ArrivalDateTime/DateTimeString",
        29,
    ),
    (
        OLD,
        "202603220600",
        "20260322060015",
        "schema.facet",
        "Declaration/BorderTransportMeans/ArrivalDateTime/DateTimeString",
        29,
    ),
    (
        OLD,
        "202603220600",
        "2026032206",
        "schema.facet",
        "Declaration/BorderTransportMeans/ArrivalDateTime/DateTimeString",
        29,
    ),
    (BARE, PLAIN, "2026-03-16T25:30:00", "schema.facet", f"{DATE_PATH}/DateTimeString", 5),
    (BARE, PLAIN, "-2026-03-16T08:30:00", "schema.facet", f"{DATE_PATH}/DateTimeString", 5),
    (BARE, PLAIN, "20260316083000", "schema.attribute-missing", f"{DATE_PATH}/DateTimeString@formatCode", 5),
    (BARE, PLAIN, "20260316083000Z", "schema.attribute-missing", f"{DATE_PATH}/DateTimeString@formatCode", 5),
    (
        BARE,
        ZONED,
        "2026-03-24T14:00:00+99:99",
        "schema.facet",
        "Declaration/BorderTransportMeans/ArrivalDateTime/DateTimeString",
        21,
    ),
    (
        BARE,
        ZONED,
        "2026-03-24T14:00:00+15:45",
        "schema.facet",
        "Declaration/BorderTransportMeans/ArrivalDateTime/DateTimeString",
        21,
    ),
]


def judged(text: str) -> Verdict:
    return verdict(LIBRARY, text.encode())


def first_error(found: Verdict) -> tuple[str, str, int | None]:
    first = next(one for one in found.findings if one.severity is Severity.ERROR)
    return first.code, first.path, first.line


@pytest.mark.parametrize(("file", "old", "new", "code", "path", "line"), [*TWICE, *DATES])
def test_two_ways_of_saying_it_or_an_impossible_date_stay_refused(
    file: str, old: str, new: str, code: str, path: str, line: int
) -> None:
    text = (FOLDER / file).read_text()
    assert old in text
    found = judged(text.replace(old, new, 1))
    assert not found.valid
    assert found.tree is None
    assert first_error(found) == (code, path, line)


@pytest.fixture(name="wrapper", scope="module")
def wrapper_fixture() -> tuple[str, str]:
    """The wrapped report of the vectors, and the message in it."""
    text = (FOLDER / "wrapped" / "cargo-report.xml").read_text()
    found = re.search(r"<MetaData.*</MetaData>", text, re.DOTALL)
    assert found is not None
    return text, found[0]


@pytest.mark.parametrize(
    "second",
    [
        "{message}",
        "<deeper>{message}</deeper>",
        "{damaged}",
        '<MetaData xmlns="urn:elsewhere"><Declaration/></MetaData>',
        '<d:Declaration xmlns:d="urn:wco:datamodel:WCO:CRI:1"/>',
        "<Declaration><TypeCode>IMA</TypeCode></Declaration>",
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_a_second_message_is_never_dropped(wrapper: tuple[str, str], second: str, *, before: bool) -> None:
    text, message = wrapper
    damaged = message.replace("<MetaData", "<MetaDta").replace("</MetaData", "</MetaDta")
    other = second.format(message=message, damaged=damaged)
    found = judged(text.replace(message, other + message if before else message + other))
    assert first_error(found)[0] == "profile.several"


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({"inner": {"MetaData": "MESSAGE"}}, "profile.several"),
        ({"MetaDta": "MESSAGE"}, "profile.several"),
        ({"Declaration": {"TypeCode": "IMA"}}, "profile.several"),
        ({"inner": [{"Response": [{"FunctionCode": "9"}]}]}, "profile.several"),
        ({"Metadata": {"from": "x"}, "Response": "done"}, ""),
    ],
)
def test_the_same_in_json(second: dict[str, Any], code: str) -> None:
    message = json_message()
    beside = json.loads(json.dumps(second).replace('"MESSAGE"', json.dumps(message)))
    found = judged(json.dumps({"call": {"Response": {"a": {"MetaData": message}, "b": beside}}}))
    assert found.valid == (not code)
    assert code in ("", found.findings[0].code)
    found = judged(json.dumps({"call": {"MetaData": message, **beside}}))
    assert found.valid == (not code)


@pytest.mark.parametrize("second", [{"$schema": "x"}, {"MetaDta": {}}, {"inner": {"MetaData": {}}}, {"a/b~c": 1}])
@pytest.mark.parametrize("before", [False, True])
def test_nothing_stands_beside_a_json_message_at_the_root(second: dict[str, Any], *, before: bool) -> None:
    message = {"MetaData": json_message()}
    found = judged(json.dumps({**second, **message} if before else {**message, **second}))
    assert not found.valid
    assert found.format
    assert found.findings[0].code == "schema.unknown-element"


def test_it_is_pointed_at() -> None:
    found = judged(json.dumps({"schema": "x", "MetaData": json_message()}))
    assert found.found is not None
    assert located(found.findings, found.found.structure)[0].json_pointer == "/schema"


def json_message() -> Any:
    return json.loads((FOLDER / "wrapped" / "cargo-report.json").read_text())["request"]["message"]["MetaData"]


def test_what_only_has_the_name_of_an_envelope_is_no_message(wrapper: tuple[str, str]) -> None:
    text, message = wrapper
    assert judged(text.replace(message, f"<Metadata><From>x</From></Metadata>{message}")).valid


@pytest.mark.parametrize(("depth", "code"), [(6, ""), (7, "message.unknown-format"), (5000, "parse.too-deep")])
def test_six_transport_elements_and_no_more(wrapper: tuple[str, str], depth: int, code: str) -> None:
    found = judged("<a>" * depth + wrapper[1] + "</a>" * depth)
    assert found.valid == (not code)
    assert code in ("", first_error(found)[0] if not found.valid else "")


def test_a_finding_tells_the_name_of_the_document() -> None:
    text = (FOLDER / OLD).read_text()
    found = judged(text.replace("<Content>", "<Content>" + "x" * 600))
    (error,) = [one for one in found.findings if one.severity is Severity.ERROR]
    assert (error.path, error.line) == (TEXT_PATH, 21)
    assert error.message == "it is too long (the document calls it Content)"
    tags = next(one for one in found.findings if one.code == "profile.tag")
    assert "StatementDescription for Content" in tags.expected
