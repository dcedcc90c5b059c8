from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.findings import has_errors
from gateway.formats.format import Format, load_format
from gateway.formats.tree import Tree

NUMBERS = ["1", "+1.5", " 12 ", "0.", ".5", "-1", "99999999", "1e3", "x", ""]
CODES = ["ABC", " ABC\n", "12", "A B", "abcd", "TOOLONG", "\tA"]
TEXTS = ["a", "", "  ", "x" * 10, "x" * 11, "two words", "é\u00a0", "true", "1"]

MEASURE = st.sampled_from(NUMBERS) | st.fixed_dictionaries(
    {"value": st.sampled_from(NUMBERS), "@unitCode": st.sampled_from(CODES)}
)
LINE = st.fixed_dictionaries(
    {"SequenceNumeric": st.sampled_from(NUMBERS)},
    optional={
        "Gross": MEASURE,
        "Mark": st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4),
        "Remark": st.lists(
            st.fixed_dictionaries({"value": st.sampled_from(TEXTS), "@kind": st.sampled_from(CODES)}), min_size=1
        ),
        "Urgent": st.sampled_from(["true", "false", "1", "0", " true ", "yes"]),
    },
)
CARGO = st.fixed_dictionaries(
    {"ID": st.sampled_from(TEXTS), "Truck": st.sampled_from(CODES)},
    optional={
        "Trailer": st.sampled_from(CODES),
        "Line": st.lists(LINE, min_size=1, max_size=2),
        "Empty": st.just({}),
        "@calendar": st.sampled_from(CODES),
        "Issue": st.just({"DateTimeString": {"value": "x", "@formatCode": "102"}}),
    },
).map(lambda content: {"Cargo": content})


@pytest.fixture(name="schema", scope="session")
def schema_fixture(cargo: Format) -> Any:
    return jsonschema_rs.Draft202012Validator(cargo.json_schema())


@given(tree=CARGO)
@settings(max_examples=400)
def test_accepts_whatever_the_validator_accepts(cargo: Format, schema: Any, tree: Tree) -> None:
    if not cargo.judge(tree):
        assert schema.is_valid(tree), [error.instance_path for error in schema.iter_errors(tree)]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"ID": "a", "More": "x"},
        {"ID": 1},
        {"ID": ["a"]},
        {"ID": "x" * 11},
        {"ID": "a", "Truck": "TOOLONG"},
        {"ID": "a", "Truck": "abc"},
        {"ID": "a", "Line": {}},
        {"ID": "a", "Line": []},
        {"ID": "a", "Line": [{"SequenceNumeric": "one"}]},
        {"ID": "a", "Line": [{"SequenceNumeric": "1", "Mark": ["", "", "", ""]}]},
        {"ID": "a", "Issue": {"DateTimeString": "20240101"}},
        {"ID": "a", "Line": [{"SequenceNumeric": "1", "Gross": {"value": "1", "@unit": "KGM"}}]},
    ],
)
def test_refuses_what_it_can(schema: Any, content: Any) -> None:
    assert not schema.is_valid({"Cargo": content})


def test_is_a_schema_of_its_dialect_and_carries_the_notes(cargo: Format) -> None:
    schema = cargo.json_schema()
    jsonschema_rs.meta.validate(schema)
    assert schema["$id"] == "urn:sarhad:format:aa-cargo-1.0"
    identity = schema["$defs"]["Cargo"]["properties"]["ID"]
    assert identity["x-sarhad"] == {"wcoId": "D014", "format": "an..10", "edifact": "1004", "codeList": "aa-ids"}
    assert orjson.loads(orjson.dumps(schema)) == schema


def test_empty_as_absent_and_kept_aside_loosen_it(write_format: Callable[..., Path]) -> None:
    found = load_format(write_format(more='[absent]\nmeans = "empty"\n[unknown]\nelements = "kept-aside"\n'))
    schema = jsonschema_rs.Draft202012Validator(found.json_schema())
    document = {"Cargo": {"ID": "a", "Truck": "1", "Owner": {"Code": ""}, "New": 1, "Line": [{"SequenceNumeric": ""}]}}
    assert schema.is_valid(document)
    reading = found.read(orjson.dumps({"Cargo": {"ID": "a", "Truck": "1", "Owner": {"Code": ""}, "New": 1}}))
    assert not has_errors(reading.findings)
