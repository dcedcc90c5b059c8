"""Which declaration is meant, what a cancellation does, versions, other forms with the same names."""

from __future__ import annotations

import copy

import pytest

from gateway.case.amending import apply, counted_up, shaped
from gateway.case.anatomy import NoDeclaration, declaration_of
from gateway.findings import Severity
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from tests.unit.case.conftest import Request

REASON = {
    "AdditionalInformation": [
        {
            "StatementDescription": "lodged twice",
            "StatementTypeCode": "AES",
            "Pointer": [{"DocumentSectionCode": "42A"}, {"SequenceNumeric": "1", "DocumentSectionCode": "06A"}],
        }
    ]
}
QUANTITY = {"GoodsItemQuantity": "4"}


def without(declaration: Tree, key: str) -> Tree:
    less = copy.deepcopy(declaration)
    del less["MetaData"]["Declaration"][key]
    return less


def codes(structure: Structure, declaration: Tree, message: Tree, number: str = "") -> list[str]:
    return [one.code for one in apply(structure, declaration, message, number=number).findings]


def test_another_number_means_another_declaration(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    message = request_for("42A:228", content=QUANTITY, ID="26XX000000000002")
    assert codes(structure, declaration, message) == ["amend.other-declaration"]
    missing = request_for("42A:228", content=QUANTITY, ID=None)
    assert codes(structure, declaration, missing) == ["amend.other-declaration"]


def test_a_declaration_without_number_is_known_by_number_from_elsewhere_or_by_reference(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    lodged = without(declaration, "ID")
    message = request_for("42A:228", content=QUANTITY)
    assert codes(structure, lodged, message) == ["amend.number-unknown"]
    assert codes(structure, lodged, message, number="26XX000000000001") == []
    assert codes(structure, lodged, message, number="26XX000000000009") == ["amend.other-declaration"]
    by_reference = request_for("42A:228", content=QUANTITY, FunctionalReferenceID="LRN-2026-1")
    done = apply(structure, lodged, by_reference)
    assert (done.findings, done.number) == ((), "26XX000000000001")
    assert done.tree is not None
    assert "ID" not in done.tree["MetaData"]["Declaration"]


def test_an_amendment_is_no_declaration_and_a_declaration_no_amendment(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    message = request_for("42A:228", content=QUANTITY)
    assert "amend.not-a-declaration" in codes(structure, message, message)
    assert "amend.kind" in codes(structure, declaration, declaration)
    presentation = request_for("42A:228", content=QUANTITY, TypeCode="GPR")
    assert codes(structure, declaration, presentation) == ["amend.kind"]


def test_a_message_without_a_declaration_is_refused(structure: Structure, declaration: Tree) -> None:
    with pytest.raises(NoDeclaration):
        apply(structure, declaration, {"MetaData": {"Response": [{"FunctionCode": "01"}]}})


def test_a_cancellation_changes_nothing_and_ends_it(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    message = request_for("", reason="1", content={**REASON, "Submitter": {"ID": ["TRADER-1"]}}, TypeCode="INV")
    done = apply(structure, declaration, message)
    assert (done.kind, done.findings, done.differences, done.reasons) == ("cancellation", (), (), ("1",))
    assert done.tree is declaration


def test_a_cancellation_points_at_no_place_and_carries_no_other_content(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    pointed = request_for("42A:228", content=QUANTITY, TypeCode="INV")
    assert codes(structure, declaration, pointed) == ["amend.pointer-unwanted", "amend.unnamed-change"]


def test_no_amendment_at_all(structure: Structure, declaration: Tree, request_for: Request) -> None:
    assert codes(structure, declaration, request_for()) == ["amend.none"]


def test_a_missing_reason_and_a_statement_about_nothing_are_warnings(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    statement = copy.deepcopy(REASON)
    statement["AdditionalInformation"][0]["Pointer"][1]["SequenceNumeric"] = "2"  # type: ignore[index]
    done = apply(structure, declaration, request_for("42A:228", reason="", content={**QUANTITY, **statement}))
    assert [(one.code, one.severity) for one in done.findings] == [
        ("amend.reason-missing", Severity.WARNING),
        ("amend.statement-unresolved", Severity.WARNING),
    ]
    assert done.tree is not None


def test_findings_carry_pointers_and_no_value(structure: Structure, declaration: Tree, request_for: Request) -> None:
    secret = "SECRET-TEXT"
    message = request_for(
        "42A 67A SEC", content={"Declarant": {"Name": secret}, "GoodsShipment": {"ExportCountry": {"ID": "ZZ"}}}
    )
    findings = apply(structure, declaration, message).findings
    assert [(one.code, one.pointer) for one in findings] == [
        ("amend.pointer-section", "42A.06A.$1.97A.$3"),
        ("amend.unnamed-change", "42A.57B.R124"),
        ("amend.unnamed-change", "42A.67A.95B"),
    ]
    said = " ".join(f"{one.message} {one.expected} {one.remedy} {one.path}" for one in findings)
    assert "SECRET" not in said
    assert "SEC" not in said.replace("SequenceNumeric", "")
    assert "68A GovernmentAgencyGoodsItem" in findings[0].expected


@pytest.mark.parametrize(
    ("before", "after"), [("1", "2"), ("09", "10"), ("99", "100"), ("A1", "A1"), ("", ""), ("١", "١")]
)
def test_versions_count_up_where_they_are_numbers(structure: Structure, before: str, after: str) -> None:
    root = declaration_of(structure)
    assert counted_up(root, {"VersionID": before}) == {"VersionID": after}
    assert counted_up(root, {"VersionID": {"value": before, "@schemeID": "X"}})["VersionID"]["value"] == after
    assert counted_up(root, {}) == {}


def test_a_message_of_a_like_form_is_brought_into_shape(structure: Structure) -> None:
    other = {"Envelope": {"Declaration": {"Declarant": {"ID": "A"}, "ExitOffice": [{"ID": "B"}]}}}
    tree, findings = shaped(structure, other)
    assert tree == {"MetaData": {"Declaration": {"Declarant": {"ID": ["A"]}, "ExitOffice": {"ID": "B"}}}}
    assert findings == ()


def test_a_message_with_other_names_is_refused(structure: Structure, declaration: Tree, request_for: Request) -> None:
    message = request_for("42A:228", content={**QUANTITY, "Colour": "red"})
    done = apply(structure, declaration, message)
    assert (done.tree, [one.code for one in done.findings]) == (None, ["schema.unknown-element"])
