from __future__ import annotations

import pytest

from gateway.errors import UnknownFormat
from gateway.findings import Layer, Severity
from gateway.formats.library import FormatLibrary
from gateway.validation.rulebook import RuleBook
from gateway.validation.verdict import verdict

DATE = b'<Report><Issue><DateTimeString formatCode="102">%s</DateTimeString></Issue></Report>'


def test_valid(library: FormatLibrary) -> None:
    judged = verdict(library, DATE % b"20240229")
    assert (judged.valid, judged.format, judged.profile, judged.findings, judged.syntax) == (
        True,
        "aa-report-1",
        "",
        (),
        "xml",
    )
    assert judged.tree is not None


def test_warnings_leave_a_message_valid(library: FormatLibrary, book: RuleBook) -> None:
    data = b"<Report><Equipment><ID>CSQU3054384</ID></Equipment></Report>"
    judged = verdict(library, data, rules=book)
    assert judged.valid
    assert [finding.severity for finding in judged.findings] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("data", "layer", "code"),
    [
        (b"<Report>\n<", Layer.PARSE, "parse.not-well-formed"),
        (b"", Layer.PARSE, "parse.empty"),
        (b'{"a":1,"a":2}', Layer.PARSE, "parse.duplicate-key"),
        (b"<Other/>", Layer.PARSE, "message.unknown-format"),
        (b"<Report><Nobody/></Report>", Layer.SCHEMA, "schema.unknown-element"),
        (b'{"Report": {"Nobody": "x"}}', Layer.SCHEMA, "schema.unknown-element"),
        (DATE % b"20230229", Layer.RULE, "rule.date"),
    ],
)
def test_whatever_is_wrong_is_a_finding(
    library: FormatLibrary, book: RuleBook, data: bytes, layer: Layer, code: str
) -> None:
    judged = verdict(library, data, rules=book)
    assert not judged.valid
    assert [(finding.layer, finding.code) for finding in judged.findings] == [(layer, code)]
    assert judged.findings[0].remedy


def test_the_line_of_a_parse_fault_is_a_number(library: FormatLibrary) -> None:
    assert verdict(library, b"<Report>\n<Issue>\n").findings[0].line == 2  # of the last open element


def test_a_named_format(library: FormatLibrary) -> None:
    judged = verdict(library, b"<Other/>", "aa-report-1")
    assert [finding.code for finding in judged.findings] == ["schema.root"]
    with pytest.raises(UnknownFormat):
        verdict(library, b"<Report/>", "aa-other-1")
    with pytest.raises(UnknownFormat):
        verdict(library, b"not even a document", "aa-other-1")
