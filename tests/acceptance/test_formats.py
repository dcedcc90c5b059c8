"""Every format of the project: what it generates is one message in every syntax, and its JSON Schema accepts it."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from gateway.formats.format import load_format
from gateway.formats.generator import generate

ROOT = Path(__file__).resolve().parents[2]
HEADS = sorted((ROOT / "wco_schemas").rglob("*.format.toml"))
SEEDS = range(8)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name.partition(".format")[0])
def test_one_message_in_every_syntax(head: Path, tmp_path: Path) -> None:
    found = load_format(head, cache=tmp_path)
    again = load_format(head, cache=tmp_path)
    schema = jsonschema_rs.Draft202012Validator(found.json_schema())
    for seed in SEEDS:
        tree = generate(found.structure, seed=seed, code_lists={})
        assert again.judge(tree) == ()
        if found.structure.syntax == "xml":
            assert schema.is_valid(tree)
            assert again.read(found.to_xml(tree)).tree == tree
        reading = again.read(found.to_json(tree))
        assert (reading.tree, reading.findings) == (tree, ())
