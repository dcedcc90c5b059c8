from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import DataFolderError, GatewayError
from gateway.formats.codec import TreeUnfit
from gateway.formats.format import Format, load_format

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["number", "items"],
    "oneOf": [{"required": ["buyer"]}, {"required": ["seller"]}],
    "properties": {
        "number": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$", "maxLength": 8, "x-sarhad": {"wcoId": "D014"}},
        "buyer": {"type": "string"},
        "seller": {"type": "string"},
        "paid": {"type": "boolean"},
        "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/$defs/item"}},
    },
    "$defs": {
        "item": {
            "type": "object",
            "additionalProperties": False,
            "required": ["count"],
            "description": "One line.",
            "properties": {
                "count": {"type": "integer", "minimum": 1},
                "price": {"type": "number", "minimum": 0, "maximum": 1000, "multipleOf": 0.01},
                "unit": {"enum": ["KG", "NO"], "type": "string"},
                "marks": {"type": "array", "items": {"type": "string"}},
            },
        }
    },
}
GOOD = b'{"items":[{"price":1.10,"count":3,"marks":["a","b"]}],"number":"AA-1","paid":true,"buyer":"me"}'
TREE = {
    "Order": {
        "number": "AA-1",
        "buyer": "me",
        "paid": "true",
        "items": [{"count": "3", "price": "1.10", "marks": ["a", "b"]}],
    }
}

Writer = Callable[..., Path]


@pytest.fixture(name="write_order")
def write_order_fixture(tmp_path: Path) -> Writer:
    def write(schema: dict[str, Any], more: str = "") -> Path:
        (tmp_path / "order.schema.json").write_text(json.dumps(schema))
        head = tmp_path / "aa-order.format.toml"
        head.write_text(
            f'name = "aa-order"\nversion = "1"\nschema = "order.schema.json"\nsyntax = "json"\nroot = "Order"\n{more}'
        )
        return head

    return write


@pytest.fixture(name="order")
def order_fixture(write_order: Writer) -> Format:
    return load_format(write_order(SCHEMA))


def test_reads_numbers_by_their_text_and_restores_order(order: Format) -> None:
    reading = order.read(GOOD)
    assert (reading.tree, reading.findings, reading.syntax) == (TREE, (), "json")
    assert list(TREE["Order"]) == list(reading.tree["Order"])  # type: ignore[index]


def test_writes_numbers_and_booleans_as_tokens_from_their_text(order: Format) -> None:
    assert order.write(TREE) == (
        b'{"number":"AA-1","buyer":"me","paid":true,"items":[{"count":3,"price":1.10,"marks":["a","b"]}]}'
    )
    with pytest.raises(GatewayError, match="JSON only"):
        order.to_xml(TREE)


def test_structure(order: Format) -> None:
    root = order.structure.root
    assert order.structure.syntax == "json"
    assert [(child.key, child.minimum, child.maximum) for child in root.children] == [
        ("number", 1, 1),
        ("buyer", 0, 1),
        ("seller", 0, 1),
        ("paid", 0, 1),
        ("items", 1, 3),
    ]
    assert root.choices == ((("buyer",), ("seller",)),)
    number = root.by_key["number"]
    assert number.type is not None
    assert (number.type.patterns, number.annotation.wco_id) == (("[A-Z]{2}-[0-9]+",), "D014")
    price = order.structure.find("items/price")
    assert price is not None
    assert price.type is not None
    assert (price.json_type, price.type.fraction_digits, price.type.max_inclusive) == ("number", 2, "1000")
    items = root.by_key["items"]
    assert items.annotation.text == "One line."


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        (b"AA-1", b"aa-1", "schema.facet", "number"),
        (b"AA-1", b"AA-123456", "schema.facet", "number"),
        (b'"count":3,', b"", "schema.missing-element", "items[1]/count"),
        (b'"count":3', b'"count":"3"', "schema.json-type", "items[1]/count"),
        (b'"count":3', b'"count":3.5', "schema.json-type", "items[1]/count"),
        (b'"count":3', b'"count":0', "schema.facet", "items[1]/count"),
        (b"1.10", b"1.105", "schema.facet", "items[1]/price"),
        (b"1.10", b"1000.01", "schema.facet", "items[1]/price"),
        (b'"paid":true', b'"paid":"true"', "schema.json-type", "paid"),
        (b'"paid":true', b'"paid":null', "schema.json-type", "paid"),
        (b'"number":"AA-1"', b'"number":5', "schema.json-type", "number"),
        (b'"paid":true', b'"peid":true', "schema.unknown-element", "peid"),
        (b',"buyer":"me"', b"", "schema.facet", ""),
        (b'"marks":["a","b"]', b'"marks":"a"', "schema.json-type", "items[1]/marks"),
        (b'[{"price":1.10,"count":3,"marks":["a","b"]}]', b'[{"count":1},{"count":1},{"count":1},{"count":1}]',
         "schema.too-many", "items"),
    ],
)  # fmt: skip
def test_findings(order: Format, old: bytes, new: bytes, code: str, path: str) -> None:
    assert old in GOOD
    reading = order.read(GOOD.replace(old, new))
    assert reading.tree is None
    assert [(finding.code, finding.path) for finding in reading.findings] == [(code, path)]
    assert reading.findings[0].message


def test_another_shape(order: Format) -> None:
    assert [finding.code for finding in order.read(b"[]").findings] == ["schema.json-type"]
    assert [finding.code for finding in order.read(b"<Order/>").findings] == ["schema.syntax"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"paid": "yes"}, "paid"),
        ({"items": [{"count": "07"}]}, "items[1]/count"),
        ({"items": [{"count": "1e3"}]}, "items[1]/count"),
        ({"items": {}}, "items"),
        ({"more": "x"}, "more"),
        ({"number": 5}, "number"),
    ],
)
def test_a_tree_that_cannot_be_written(order: Format, change: dict[str, Any], path: str) -> None:
    tree = {"Order": {**TREE["Order"], **change}}
    with pytest.raises(TreeUnfit) as caught:
        order.write(tree)
    assert caught.value.path == path
    assert [finding.path for finding in order.judge(tree)] == [path]


def test_null_can_mean_absent(write_order: Writer) -> None:
    found = load_format(write_order(SCHEMA, '[absent]\nmeans = "null"\n'))
    tree = found.read(GOOD.replace(b'"paid":true', b'"paid":null')).tree
    assert tree is not None
    assert "paid" not in tree["Order"]


def test_the_published_schema_is_the_one_that_decides(order: Format) -> None:
    assert order.json_schema() == SCHEMA


TEXTS = {"type": "array", "items": {"type": "string"}}


def _changed(**changes: Any) -> dict[str, Any]:
    return {**SCHEMA, **changes}


def _member(schema: dict[str, Any]) -> dict[str, Any]:
    return _changed(properties={"a": schema}, required=[])


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (_changed(anyOf=[]), "unknown keyword anyOf"),
        (_changed(additionalProperties=True), "open"),
        (_changed(type=["object", "null"]), "single type"),
        (_changed(oneOf=[{"type": "object"}]), "choice of members"),
        (_changed(required=["nobody"]), "does not name"),
        (_changed(properties={"value": {"type": "string"}}, required=[]), "called 'value'"),
        (_member({"$ref": "#/$defs/none"}), "not defined"),
        (_member({"$ref": "other.json"}), "stand alone"),
        (_member({"type": "array", "items": TEXTS}), "array of arrays"),
        (_member({**TEXTS, "maxItems": 1}), "at most one"),
        ({"type": "string"}, "must describe an object"),
    ],
)  # fmt: skip
def test_schemas_that_cannot_be_read_are_faults_with_their_pointer(
    write_order: Writer, schema: dict[str, Any], why: str
) -> None:
    with pytest.raises(DataFolderError, match=why) as caught:
        load_format(write_order(schema))
    assert "order.schema.json" in caught.value.path


def test_a_definition_that_holds_itself(write_order: Writer) -> None:
    schema = _changed(
        properties={"a": {"$ref": "#/$defs/a"}},
        required=[],
        oneOf=[],
        **{
            "$defs": {
                "a": {"type": "object", "additionalProperties": False, "properties": {"a": {"$ref": "#/$defs/a"}}}
            }
        },
    )
    with pytest.raises(DataFolderError, match="holds itself"):
        load_format(write_order(schema))


def test_unreadable_schemas(write_order: Writer) -> None:
    head = write_order(SCHEMA)
    (head.parent / "order.schema.json").write_text("{")
    with pytest.raises(DataFolderError, match="cannot be read"):
        load_format(head)
    (head.parent / "order.schema.json").write_text("[]")
    with pytest.raises(DataFolderError, match="must be an object"):
        load_format(head)
