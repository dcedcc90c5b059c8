"""Examples: run like tests, and an example that proves nothing is a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.agreement.examples import read_example, run_example
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree

FILE = "agreements/aa-xx-goods-v1.examples/one.toml"
ALLOWED = """
title = "a declaration leaves without its importer"
expect = "allowed"
type = "goods"
direction = "out"
purpose = "RISK"
at = 2026-03-01T12:00:00+05:00
message = "one.json"
released = ["Declaration/ID"]
withheld = ["Declaration/Importer/Name"]
"""
MESSAGE: Tree = {"Envelope": {"Declaration": {"ID": "1", "Importer": {"Name": "n"}, "Seller": {"Name": "s"}}}}


@pytest.fixture(scope="module")
def agreement(compiling: Callable[..., Any], text: str) -> Any:
    return compiling(text[text.index("[[fields.goods-out.allow]]") :])[0]


def run(content: str, agreement: Any, structure: Structure) -> list[str]:
    example, faults = read_example(content.encode(), FILE)
    assert example is not None, faults
    return [fault.message for fault in run_example(example, agreement, FILE, tree=MESSAGE, structure=structure)]


def test_an_example_that_holds_says_nothing(agreement: Any, structure: Structure) -> None:
    assert run(ALLOWED, agreement, structure) == []
    refused = ALLOWED.replace('"allowed"', '"refused"\ncode = "agreement.expired"').replace("2026-03", "2027-03")
    assert run(refused, agreement, structure) == []


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("2026-03", "2027-03", "answers agreement.expired, the example expects agreement.permitted"),
        (
            'released = ["Declaration/ID"',
            'released = ["Declaration/Seller/Name"',
            "nothing leaves at Declaration/Seller",
        ),
        (
            'withheld = ["Declaration/Importer/Name"',
            'withheld = ["Declaration/ID"',
            "what stands at Declaration/ID leaves",
        ),
        ("Importer/Name", "Importer/ID", "the example proves nothing"),
    ],
)
def test_an_example_that_fails_says_why(
    agreement: Any, structure: Structure, was: str, becomes: str, said: str
) -> None:
    assert was in ALLOWED
    (message,) = run(ALLOWED.replace(was, becomes), agreement, structure)
    assert said in message


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('expect = "allowed"', 'expect = "refused"'),
        ('message = "one.json"', ""),
        ("+05:00", ""),
        ('message = "one.json"', 'message = "../../secret.json"'),
        ('title = "a declaration leaves without its importer"', "titel = 1"),
    ],
)
def test_an_example_that_says_too_little_is_a_fault(was: str, becomes: str) -> None:
    assert was in ALLOWED
    example, faults = read_example(ALLOWED.replace(was, becomes).encode(), FILE)
    assert example is None
    assert {fault.code for fault in faults} == {"agreement.example"}
