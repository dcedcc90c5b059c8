"""`formats`: the list, the tree of one, and generated instances."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.conftest import Typed


def test_all_formats_are_listed(typed: Typed) -> None:
    names = [line["format"] for line in typed("formats", "--json").lines]
    assert names == ["aa-note-1.0", "note-1.0", "xx-note-1.0"]
    shown = typed("formats")
    assert shown.code == 0
    assert "Note of the partner" in shown.out


def test_one_format_as_a_tree_as_lines_and_as_json_schema(typed: Typed) -> None:
    shown = typed("formats", "xx-note-1.0")
    assert "Number 1..1" in shown.out
    assert "Line 0..*" in shown.out
    lines = {line["path"]: line for line in typed("formats", "xx-note-1.0", "--json").lines}
    assert lines["Line/Goods"]["minimum"] == 1
    [schema] = typed("formats", "xx-note-1.0", "--json-schema").lines
    assert "$schema" in schema


def test_the_same_seed_writes_the_same_valid_instances(typed: Typed, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shown = typed("formats", "xx-note-1.0", "--generate", "3", "--seed", "7", "-o", first)
    assert [Path(line).name for line in shown.out.split()] == [f"xx-note-1.0-{seed}.xml" for seed in (7, 8, 9)]
    assert typed("formats", "xx-note-1.0", "--generate", "3", "--seed", "7", "-o", second).code == 0
    assert all((second / each.name).read_bytes() == each.read_bytes() for each in first.iterdir())
    assert typed("validate", first).code == 0
    typed("formats", "aa-note-1.0", "--generate", "1", "--seed", "7", "-o", first)
    assert json.loads((first / "aa-note-1.0-7.json").read_bytes())["number"]


def test_an_unknown_format_is_answered_with_the_known_ones(typed: Typed) -> None:
    shown = typed("formats", "xx-not")
    assert shown.code == 2
    assert "xx-note-1.0" in shown.err


def test_levels_and_places_of_a_tree(typed: Typed) -> None:
    shown = typed("formats", "XX-NOTE", "--depth", "1")
    assert "Line 0..*" in shown.out
    assert "places inside)" in shown.out
    assert "    Goods" not in shown.out
    found = typed("formats", "xx-note-1.0", "--find", "goods")
    assert "  Line/Goods 1..1" in found.out
    assert "Number 1..1" not in found.out
    assert "nothing of the kind" in typed("formats", "xx-note-1.0", "--find", "no such thing").out
