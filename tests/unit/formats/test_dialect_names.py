"""The name that stands in the document is told, and only where it is certain."""

from __future__ import annotations

from gateway.findings import Finding, Layer, Severity
from gateway.formats.dialect_names import DocumentNames


def finding(path: str, line: int | None, code: str = "schema.facet") -> Finding:
    return Finding(severity=Severity.ERROR, code=code, layer=Layer.SCHEMA, path=path, line=line, message="too long")


def told(names: DocumentNames, one: Finding) -> str:
    (found,) = names.tell([one])
    return found.message


def test_a_renamed_element_is_told_by_line_and_name() -> None:
    names = DocumentNames()
    names.add(4, "Remark", "Text")
    assert told(names, finding("Cargo/Remark[2]", 4)) == "too long (the document calls it Text)"
    assert told(names, finding("Cargo/Remark[2]@lang", 4)) == "too long (the document calls it Text)"
    for path, line in (("Cargo/Remark", 5), ("Cargo/Remark", None), ("Cargo", 4), ("", 4)):
        assert told(names, finding(path, line)) == "too long"


def test_a_missing_element_has_no_name_in_the_document() -> None:
    names = DocumentNames()
    names.add(4, "Remark", "Text")
    assert told(names, finding("Cargo/Remark", 4, "schema.missing-element")) == "too long"


def test_one_line_with_both_names_tells_neither() -> None:
    names = DocumentNames()
    for written in ("Remark", "Text", "Remark"):
        names.add(1, "Remark", written)
    assert told(names, finding("Cargo/Remark", 1)) == "too long"
    assert DocumentNames().tell([finding("Cargo", 1)]) == (finding("Cargo", 1),)
