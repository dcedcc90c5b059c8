"""How the command speaks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.cli.output import emit_json, examples, show_faults, show_findings, table, tell_error
from gateway.errors import ContentRefused, GatewayError
from gateway.findings import Fault, Finding, Layer, Severity


def finding(**more: Any) -> Finding:
    return Finding(severity=Severity.ERROR, code="schema.facet", layer=Layer.SCHEMA, message="it is too long", **more)


def test_one_document_a_line_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"text": "حد\nline", "number": 1})
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert json.loads(shown) == {"text": "حد\nline", "number": 1}


def test_cells_are_text_and_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table("Title", ("one", "two"), [("[bold]x[/bold]", "[/]")])
    shown = capsys.readouterr().out
    assert shown.startswith("Title\n")
    assert "[bold]x[/bold]" in shown
    assert "[/]" in shown


def test_a_table_without_rows_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    table("Lanes", ("one",), [])
    table("", ("one",), iter(()))
    assert capsys.readouterr().out == "Lanes: none\nnone\n"


def test_a_finding_is_advice(capsys: pytest.CaptureFixture[str]) -> None:
    show_findings([finding(path="Head[1]/ID", expected="at most 3", remedy="shorten it", row="r1"), finding()])
    shown = capsys.readouterr().out
    assert "1. error  head 1: ID" in shown
    for words in (
        "It is too long.",
        "What belongs there: at most 3",
        "What to do: shorten it",
        "[schema.facet, Head[1]/ID, r1]",
    ):
        assert words in shown
    assert "the document" in shown


def test_a_fault_names_file_and_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_faults([Fault(file="a.csv", row="r1", code="x.y", message="wrong", remedy="mend it")])
    assert capsys.readouterr().out == "a.csv, row r1: x.y: wrong\n    what to do: mend it\n"


def test_an_error_goes_to_standard_error_with_its_findings(capsys: pytest.CaptureFixture[str]) -> None:
    refused = ContentRefused("not valid", path="Head", remedy="mend it", findings=[finding(path="Head/ID")])
    refused.exchange_id = "e1"  # type: ignore[attr-defined] # as lodgements carry it
    assert tell_error(refused) == 1
    assert tell_error(GatewayError("broken")) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    for words in ("content.refused at Head: not valid", "what to do: mend it", "kept as exchange e1", "Head/ID"):
        assert words in shown.err


def test_examples_stand_one_a_line() -> None:
    assert examples("sarhad one", "sarhad two").splitlines()[2:] == ["  sarhad one", "  sarhad two"]
