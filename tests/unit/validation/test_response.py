"""A verdict as a WCO response: valid, complete, with pointers, and with nothing of the message but its references."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import DataFolderError
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.formats.format import Format, load_format
from gateway.validation.response import (
    MOST_OF_A_CODE,
    MOST_OF_A_TEXT,
    ResponseForm,
    read_response_form,
    reference_of,
    response_of,
)
from tests.conftest import ROOT

FILE = ROOT / "wco_schemas" / "responses" / "res-3.6.response.toml"
REFERENCE = {"FunctionalReferenceID": "REF-1", "ID": "24XX1"}


@pytest.fixture(name="form", scope="module")
def form_fixture() -> ResponseForm:
    return read_response_form(FILE.read_text(encoding="utf-8"), FILE.name)


@pytest.fixture(name="res", scope="module")
def res_fixture() -> Format:
    return load_format(ROOT / "wco_schemas" / "wco" / "3.6" / "res-3.6.format.toml")


def finding(severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    given = {"code": "schema.facet", "layer": Layer.SCHEMA, "message": "it is too long", "remedy": "shorten it", **more}
    return Finding(severity=severity, **given)


def answer(form: ResponseForm, res: Format, *findings: Finding, reference: dict[str, str] | None = None) -> Any:
    """The response, after the schema has accepted it and XML and JSON were read back to the same."""
    tree = response_of(form, res, findings, REFERENCE if reference is None else reference)
    assert res.judge(tree) == ()
    for written in (res.to_xml(tree), res.to_json(tree)):
        assert res.read(written).tree == tree
    [response] = tree["MetaData"]["Response"]
    return response


def test_a_valid_message_is_accepted_with_its_references(form: ResponseForm, res: Format) -> None:
    assert answer(form, res) == {"FunctionCode": "01", "Declaration": REFERENCE}


def test_each_error_has_code_text_and_a_pointer_a_level(form: ResponseForm, res: Format) -> None:
    response = answer(
        form,
        res,
        finding(pointer="42A.67A.68A.$2.D005", expected="at most 3 characters"),
        finding(code="schema.unknown-element", message="not known", remedy="did you mean ID?"),
    )
    assert response["FunctionCode"] == "03"
    assert response["Error"] == [
        {
            "Description": "It is too long. Expected: at most 3 characters. Shorten it.",
            "ValidationCode": "S0010",
            "Pointer": [
                {"DocumentSectionCode": "42A"},
                {"DocumentSectionCode": "67A"},
                {"SequenceNumeric": "2", "DocumentSectionCode": "68A", "TagID": "D005"},
            ],
        },
        {"Description": "Not known. Did you mean ID?", "ValidationCode": "S0002"},
    ]


def test_what_refuses_nothing_is_told_beside_the_acceptance(form: ResponseForm, res: Format) -> None:
    response = answer(form, res, finding(Severity.WARNING, pointer="42A.131"), finding(Severity.INFO))
    assert response["FunctionCode"] == "01"
    assert "Error" not in response
    assert [one["StatementCode"] for one in response["AdditionalInformation"]] == ["S0010", "S0010"]
    assert response["AdditionalInformation"][0]["Pointer"] == [{"DocumentSectionCode": "42A", "TagID": "131"}]


def test_long_texts_are_cut_at_a_word_and_large_numbers_left_out(form: ResponseForm, res: Format) -> None:
    [error] = answer(form, res, finding(message="word " * 200, pointer="42A.28A.$123456.016"))["Error"]
    assert len(error["Description"]) <= MOST_OF_A_TEXT
    assert error["Description"].endswith("word ...")
    assert error["Pointer"][1] == {"DocumentSectionCode": "28A", "TagID": "016"}


def test_a_reference_that_does_not_fit_is_left_out(form: ResponseForm, res: Format) -> None:
    assert answer(form, res, reference={"FunctionalReferenceID": "R" * 99})["Declaration"] == {}


XML = (
    b'<M xmlns="a"><x:Declaration xmlns:x="b"><x:FunctionalReferenceID> REF-1 </x:FunctionalReferenceID>'
    b"<x:ID>24XX1</x:ID>"
)
QUALIFIED = {"M": {"Declaration": {**REFERENCE, "ID": {"value": "24XX1", "@schemeID": "a"}}}}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (XML + b"</x:Declaration></M>", REFERENCE),
        (XML + b"<x:ID>second</x:ID></x:Declaration></M>", REFERENCE),
        (json.dumps(QUALIFIED).encode(), REFERENCE),
        (json.dumps({"M": [{"Declaration": {"ID": ["24XX1"], "FunctionalReferenceID": 3}}]}).encode(), {}),
        (XML, {}),
        (b"<Note/>", {}),
        (b"<M><Declaration><ID>" + b"9" * 71 + b"</ID></Declaration></M>", {}),
        (b"<M><Declaration><ID>a&#10;b</ID></Declaration></M>", {}),
        (b"", {}),
        (b"[1]", {}),
    ],
)  # fmt: skip
def test_references_of_the_message(data: bytes, found: dict[str, str]) -> None:
    assert reference_of(data) == found


def test_short_codes_fit_and_none_collides(form: ResponseForm) -> None:
    assert all(len(short) <= MOST_OF_A_CODE for short in form.codes.values())
    derived = [form.short_code(f"rule.made-up-{number}") for number in range(2000)]
    assert len({*derived, *form.codes.values()}) == len(derived) + len(form.codes)
    assert all(len(short) == MOST_OF_A_CODE for short in derived)
    assert derived[0] == "R" + derived[0][1:]


def test_every_finding_of_parser_and_schema_has_a_listed_short_code(form: ResponseForm) -> None:
    lists = ("gateway/formats/parsing.py", "gateway/formats/content_model.py", "gateway/formats/explain.py")
    text = "".join((ROOT / file).read_text(encoding="utf-8") for file in lists)
    used = {word for word in text.split('"') if word.startswith(("parse.", "schema."))}
    assert len(used) > 20
    assert used - set(form.codes) == set()


def test_the_rules_of_the_project_have_different_short_codes(form: ResponseForm) -> None:
    files = (ROOT / "wco_schemas" / "rules").glob("*.toml")
    rules = {
        line.split('"')[1]
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith('id = "')
    }
    assert len(rules) > 10
    known = rules | set(form.codes)
    assert len({form.short_code(code) for code in known}) == len(known)


@pytest.mark.parametrize(
    "text",
    [
        "not toml =",
        'format = "res-3.6"',
        'format = 1\n[function]\naccepted = "1"\nrejected = "2"\n[codes]\n',
        'format = "a"\nmore = "b"\n[function]\naccepted = "1"\nrejected = "2"\n[codes]\n',
        'format = "a"\n[function]\naccepted = "1"\nrejected = "2"\n[codes]\n"a.b" = "123456789"\n',
        'format = "a"\n[function]\naccepted = "1"\nrejected = "2"\n[codes]\n"a.b" = "X"\n"a.c" = "X"\n',
    ],
)
def test_a_faulty_form_is_refused_with_its_file(text: str) -> None:
    with pytest.raises(DataFolderError) as refused:
        read_response_form(text, "a.response.toml")
    assert refused.value.path == "a.response.toml"
    assert refused.value.stable_code == "response.form"


def test_a_response_is_judged_by_errors_alone() -> None:
    assert not has_errors([finding(Severity.WARNING)])
