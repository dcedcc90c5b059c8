"""Lines of findings that rules make: in XML, in JSON, and for what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.findings import Finding, Layer, Severity
from gateway.formats.format import Format
from gateway.formats.json_parsing import parse_json
from gateway.formats.library import FormatLibrary
from gateway.formats.lines import value_lines, with_lines
from gateway.formats.locations import located


def finding(path: str, line: int | None = None) -> Finding:
    return Finding(severity=Severity.WARNING, code="x.y", layer=Layer.RULE, path=path, line=line, message="wrong")


def lines(cargo: Format, data: bytes, *paths: str) -> list[int | None]:
    findings = located([finding(path) for path in paths], cargo.structure)
    return [one.line for one in with_lines(FormatLibrary([cargo]), cargo, data, findings)]


PATHS = ("", "Line[2]/SequenceNumeric", "Line[1]/Gross@unitCode", "Line[2]/Gross", "Line[3]", "/@calendar")


def test_lines_in_xml(cargo: Format, good: bytes) -> None:
    spread = good.replace(b"><", b">\n<")
    text = spread.decode().splitlines()
    second = next(at for at, line in enumerate(text, 1) if "<SequenceNumeric>2" in line)
    gross = next(at for at, line in enumerate(text, 1) if "<Gross" in line)
    assert lines(cargo, spread, *PATHS) == [1, second, gross, second - 1, 1, 1]


def test_lines_in_json(cargo: Format, good: bytes) -> None:
    tree = cargo.read(good).tree
    assert tree is not None
    data = json.dumps(tree, indent=1).encode()
    text = data.decode().splitlines()
    second = next(at for at, line in enumerate(text, 1) if '"SequenceNumeric": "2"' in line)
    found = lines(cargo, data, *PATHS)
    assert found[1] == second
    assert text[(found[2] or 0) - 1].strip().startswith('"@unitCode"')
    assert found[3] == second - 1
    assert text[(found[4] or 0) - 1].strip() == '"Line": ['


def test_a_line_that_is_known_stays(cargo: Format, good: bytes) -> None:
    known = [finding("ID", line=99)]
    assert with_lines(FormatLibrary([cargo]), cargo, good, known) == tuple(known)


def test_what_cannot_be_read_again_has_no_line(cargo: Format) -> None:
    assert lines(cargo, b"<Cargo", "ID") == [None]
    assert lines(cargo, b"<Other>\n<ID/></Other>", "ID") == [2]


def test_a_body_without_its_envelope_has_lines_too(cargo: Format) -> None:
    assert lines(cargo, b'{\n"ID":\n"A"}', "ID") == [3]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def pointers(value: Any, at: str = "") -> list[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [pointers(one, f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}") for name, one in inner]
    return [at, *(pointer for each in below for pointer in each)]


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_every_value_has_a_line(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    told = dict(value_lines(text))
    assert parse_json(json.dumps({"a": 1}).encode()) == {"a": "1"}
    plain = all(name.isprintable() and '"' not in name and "\\" not in name for name in pointers(value))
    if plain:
        assert list(told) == pointers(value)
    assert max(told.values()) <= text.count("\n") + 1


@pytest.mark.parametrize("text", ['"a"', "1", "[]", "{}"])
def test_the_whole_document_has_the_first_line(text: str) -> None:
    assert list(value_lines(text)) == [("", 1)]
