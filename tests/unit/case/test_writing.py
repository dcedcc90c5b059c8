"""The amendment between two versions: applied, it makes the second of the first."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.case.amending import apply
from gateway.case.differences import differences
from gateway.case.writing import CannotExpress, amendment_of
from gateway.findings import has_errors
from gateway.formats.format import Format, load_format
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from tests.unit.case.conftest import CACHE, ROOT
from tests.unit.case.mutation import versions


def lines(message: Tree) -> list[str]:
    """The pointers of an amendment, a line each: ``42A/1 67A/1:103``."""
    listed = message["MetaData"]["Declaration"]["Amendment"]
    return [
        " ".join(
            f"{one['DocumentSectionCode']}/{one['SequenceNumeric']}" + (f":{one['TagID']}" if "TagID" in one else "")
            for one in entry["Pointer"]
        )
        for entry in listed
    ]


@pytest.fixture(name="form", scope="module")
def form_fixture() -> Format:
    return load_format(ROOT / "wco_schemas" / "wco" / "3.6" / "dec-amendment-3.6.format.toml", cache=CACHE)


def test_applied_it_makes_the_second_of_the_first(structure: Structure, form: Format) -> None:
    @settings(max_examples=15)
    @given(seed=st.integers(0, 900_000))
    def holds(seed: int) -> None:
        there_and_back(structure, form, seed)

    holds()


def test_the_same_many_times(structure: Structure, form: Format, soak: bool) -> None:
    said = sum(there_and_back(structure, form, seed) for seed in range(3000 if soak else 25))
    assert said >= (1500 if soak else 12)


def there_and_back(structure: Structure, form: Format, seed: int) -> bool:
    """Whether an amendment was written; that it does what it should is asserted."""
    before, after = versions(structure, seed)
    try:
        message = amendment_of(structure, before, after, reference="A-1", reason="32")
    except CannotExpress:
        assert [one for one in differences(structure, before, after) if not one.path.endswith("/VersionID")] == []
        return False
    assert not has_errors(form.judge(message)), seed
    done = apply(structure, before, message)
    assert done.findings == (), seed
    assert done.tree == after, seed
    assert done.differences
    return True


def test_it_is_as_fine_as_ids_allow(structure: Structure, declaration: Tree) -> None:
    after = copy.deepcopy(declaration)
    content = after["MetaData"]["Declaration"]
    content["VersionID"] = "2"
    items = content["GoodsShipment"]["GovernmentAgencyGoodsItem"]
    items[1]["Commodity"]["Description"] = "black tea"
    del items[0]["AdditionalDocument"][1]
    items.append({"SequenceNumeric": "4"})
    message = amendment_of(structure, declaration, after, reference="A-1", reason="32", statement="a correction")
    assert lines(message) == [
        "42A/1 67A/1 68A/1 02A/2",
        "42A/1 67A/1 68A/2 23A/1:137",
        "42A/1 67A/1 68A/4",
    ]
    written = message["MetaData"]["Declaration"]
    assert written["GoodsShipment"]["GovernmentAgencyGoodsItem"] == [
        {"SequenceNumeric": "1"},
        {"SequenceNumeric": "2", "Commodity": {"Description": "black tea"}},
        {"SequenceNumeric": "4"},
    ]
    assert (written["FunctionCode"], written["TypeCode"], written["ID"]) == ("13", "COR", "26XX000000000001")
    assert [one["StatementTypeCode"] for one in written["AdditionalInformation"]] == ["AES"] * 3
    done = apply(structure, declaration, message)
    assert (done.tree, done.findings) == (after, ())


def test_an_entry_removed_and_one_changed_stand_side_by_side(structure: Structure, declaration: Tree) -> None:
    after = copy.deepcopy(declaration)
    after["MetaData"]["Declaration"]["VersionID"] = "2"
    documents = after["MetaData"]["Declaration"]["GoodsShipment"]["GovernmentAgencyGoodsItem"][0]["AdditionalDocument"]
    documents[0]["ID"] = "INV-2"
    documents.pop()
    message = amendment_of(structure, declaration, after, reference="A-1", reason="32")
    [item] = message["MetaData"]["Declaration"]["GoodsShipment"]["GovernmentAgencyGoodsItem"]
    assert item["AdditionalDocument"] == [{"ID": "INV-2"}, {}]
    assert apply(structure, declaration, message).tree == after


def test_what_has_no_id_is_carried_by_the_class_above(structure: Structure, declaration: Tree) -> None:
    after = copy.deepcopy(declaration)
    after["MetaData"]["Declaration"]["VersionID"] = "2"
    shipment = after["MetaData"]["Declaration"]["GoodsShipment"]
    shipment["Consignment"]["TransitDeparture"] = {"ID": "XXAAA"}
    message = amendment_of(structure, declaration, after, reference="A-1", reason="32")
    assert lines(message) == ["42A/1 67A/1 28A/1"]
    assert apply(structure, declaration, message).tree == after


@pytest.mark.parametrize("key", ["ID", "TypeCode", "FunctionalReferenceID"])
def test_what_identifies_a_declaration_cannot_be_amended(structure: Structure, declaration: Tree, key: str) -> None:
    after = copy.deepcopy(declaration)
    after["MetaData"]["Declaration"][key] = "IMD"
    with pytest.raises(CannotExpress) as refused:
        amendment_of(structure, declaration, after, reference="A-1", reason="32")
    assert refused.value.path == f"Declaration/{key}"


def test_two_equal_versions_have_no_amendment(structure: Structure, declaration: Tree) -> None:
    after = copy.deepcopy(declaration)
    after["MetaData"]["Declaration"]["VersionID"] = "2"
    with pytest.raises(CannotExpress):
        amendment_of(structure, declaration, after, reference="A-1", reason="32")
