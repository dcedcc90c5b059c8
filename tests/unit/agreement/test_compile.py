"""Compiling: an agreement that does not fit its schema or itself does not load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.agreement.compile import MappedPlaces
from gateway.agreement.fields import Overflow
from gateway.findings import Fault
from gateway.formats.paths import parse_path

Compiling = Callable[..., tuple[Any, tuple[Fault, ...]]]
CNM = "Declaration/AdditionalInformation{StatementTypeCode=CNM}/StatementDescription"


def group(*paths: str, side: str = "allow", extra: str = "") -> str:
    listed = ", ".join(f'"{path}"' for path in paths)
    said = 'says = "x"' if side == "allow" else 'why = "x"'
    return f'\n[[fields.goods-out.{side}]]\nclause = "A1"\n{said}\npaths = [{listed}]\n{extra}\n'


def codes(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.code.removeprefix("agreement.") for fault in faults]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("Declaration/Nonsense", "unknown-field"),
        ("Nonsense", "unknown-field"),
        ("Declaration/ID@nonsense", "unknown-field"),
        ("Declaration/Item{Nonsense=1}/Value", "unknown-field"),
        ("Declaration/Item[i]/Value", "unknown-field"),
        ("$message/reference", "unknown-field"),
        ("Declaration//ID", "path-syntax"),
        ("Declaration/Item", "class-not-whole"),
        ("Declaration/Item/Value@currencyID", "attribute-of-leaf"),
        ("Declaration/Seller/Contact/Name", "personal-not-explicit"),
    ],
)
def test_a_path_that_cannot_be_released_is_a_fault_with_its_line(compiling: Compiling, path: str, code: str) -> None:
    made, faults = compiling(group("Declaration/ID", path))
    assert made is None
    assert codes(faults) == [code]
    assert faults[0].file == "agreements/aa-xx-goods-v1.toml"
    assert faults[0].row.startswith("fields.goods-out.allow[1].paths[2] (line ")


@pytest.mark.parametrize(
    ("path", "extra", "code"),
    [
        ("Declaration/ID", "whole = true", "whole-of-leaf"),
        ("Declaration/Importer/Name", 'transform = "coarsen to 5"', "transform"),
        ("Declaration/Importer", 'whole = true\ntransform = "hash"', "transform"),
        ("Declaration/ID", 'transform = "rot13"', "unknown-transform"),
    ],
)
def test_what_cannot_be_done_to_a_field_is_a_fault(compiling: Compiling, path: str, extra: str, code: str) -> None:
    assert codes(compiling(group(path, extra=extra))[1]) == [code]


def test_two_grants_of_one_field_that_differ_are_a_fault(compiling: Compiling) -> None:
    rules = group("Declaration/Importer/Name") + group("Declaration/Importer/Name", extra='transform = "mask"')
    assert set(codes(compiling(rules)[1])) == {"ambiguous"}
    under = group("Declaration/Importer", extra="whole = true") + group(
        "Declaration/Importer/Name", extra='transform = "mask"'
    )
    assert set(codes(compiling(under)[1])) == {"ambiguous"}


def test_an_overflow_place_is_listed_only_with_its_home(compiling: Compiling) -> None:
    mapped = MappedPlaces(overflow=(Overflow(home="Declaration/Importer/Name", over=CNM),))
    assert codes(compiling(group(CNM), mapped)[1]) == ["overflow-without-home"]
    made, faults = compiling(group(CNM, "Declaration/Importer/Name"), mapped)
    assert not faults
    assert made.permits[0].fields.releases(parse_path(CNM))


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ('clause = "A1"\nfields', 'clause = "A9"\nfields', "unknown-clause"),
        ('purposes = ["RISK"]', 'purposes = ["OTHER"]', "unknown-purpose"),
        ('fields = "goods-out"', 'fields = "goods-else"', "unknown-fields"),
        ('wco = "dec-0.1"', 'wco = "dec-9"', "unknown-format"),
        ("in_force_to = 2026-07-01", "in_force_to = 2024-01-01", "dates"),
        ('{ code = "xx"', '{ code = "yy"', "parties"),
        ('{ id = "A2"', '{ id = "A1"', "duplicate-clause"),
    ],
)
def test_parts_that_do_not_quote_each_other_rightly(
    compiling: Compiling, head: str, was: str, becomes: str, code: str
) -> None:
    assert was in head
    assert code in codes(compiling(group("Declaration/ID"), head=head.replace(was, becomes))[1])


def test_a_denial_of_an_unknown_field_is_a_fault_too(compiling: Compiling) -> None:
    rules = group("Declaration/ID") + group("Declaration/Nonsense", side="deny")
    assert codes(compiling(rules)[1]) == ["unknown-field"]


def test_releases_answers_for_paths_of_mappings(compiling: Compiling) -> None:
    rules = (
        group("Declaration/ID", "Declaration/IssueDateTime")
        + group("Declaration/Item", extra="whole = true")
        + group("Declaration/Item/Marks", side="deny")
    )
    fields = compiling(rules)[0].permits[0].fields
    answers = {
        "Declaration/ID": True,
        "Declaration/IssueDateTime/DateTimeString": True,
        "Declaration/Item[i]/Value@currencyID": True,
        "Declaration/Item[i]/Marks[m]": False,
        "Declaration/Importer/Name": False,
    }
    assert {path: fields.releases(parse_path(path)) for path in answers} == answers
