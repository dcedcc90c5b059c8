"""Findings: their JSON, their pointers, and the problem document that carries them."""

from __future__ import annotations

import pytest

from gateway.findings import Finding, Layer, Severity, has_errors, pointer_levels, problem_document

FINDING = Finding(
    severity=Severity.ERROR,
    code="schema.facet",
    layer=Layer.SCHEMA,
    path="Declaration/Item[2]/ID",
    pointer="42A.68A.$2.D005",
    line=7,
    message="it is too long",
    expected="at most 3 characters",
    remedy="shorten it",
)


@pytest.mark.parametrize(
    ("pointer", "levels"),
    [
        ("", ()),
        ("42A", ({"DocumentSectionCode": "42A"},)),
        ("42A.D026", ({"DocumentSectionCode": "42A", "TagID": "D026"},)),
        (
            "42A.67A.68A.$1.02A.$2.360",
            (
                {"DocumentSectionCode": "42A"},
                {"DocumentSectionCode": "67A"},
                {"SequenceNumeric": "1", "DocumentSectionCode": "68A"},
                {"SequenceNumeric": "2", "DocumentSectionCode": "02A", "TagID": "360"},
            ),
        ),
        ("D014", ({"TagID": "D014"},)),
    ],
)
def test_a_pointer_is_one_class_a_level(pointer: str, levels: tuple[dict[str, str], ...]) -> None:
    assert pointer_levels(pointer) == levels


def test_the_attribute_stands_on_the_last_level_only() -> None:
    told = pointer_levels("42A.28A.$3.31B.$1.159")
    assert [list(level) for level in told] == [
        ["DocumentSectionCode"],
        ["SequenceNumeric", "DocumentSectionCode"],
        ["SequenceNumeric", "DocumentSectionCode", "TagID"],
    ]


def test_a_finding_as_json_has_all_that_is_known() -> None:
    told = FINDING.as_json()
    assert list(told) == [
        "code", "severity", "layer", "path", "pointer", "pointers", "json_pointer", "xpath", "line", "message",
        "expected", "remedy", "row",
    ]  # fmt: skip
    assert told["pointers"] == list(FINDING.pointers)
    assert told["severity"] == "error"


def test_a_finding_is_read_again_from_its_json() -> None:
    assert Finding.from_json(FINDING.as_json()) == FINDING
    older = {
        name: text for name, text in FINDING.as_json().items() if name not in ("pointers", "json_pointer", "xpath")
    }
    assert Finding.from_json(older) == FINDING


def test_a_problem_document_leaves_out_what_is_empty() -> None:
    assert problem_document("x.y", 400, "no") == {
        "type": "urn:sarhad:problem:x.y", "title": "x.y", "status": 400, "detail": "no"
    }  # fmt: skip
    told = problem_document("x.y", 422, "no", path="A", remedy="mend", exchange_id="e1", findings=[FINDING])
    assert told["findings"] == [FINDING.as_json()]
    assert (told["path"], told["remedy"], told["exchange_id"]) == ("A", "mend", "e1")


def test_only_errors_refuse() -> None:
    assert has_errors([FINDING])
    assert not has_errors([])
