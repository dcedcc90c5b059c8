"""Generated instances of each package through XML -> tree -> JSON -> tree -> XML. SARHAD_SOAK=1: 2,000 of each."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from gateway.catalogue import Judging
from tests.proof.subjects import generated_tree

HEADS = Path(__file__).resolve().parents[2] / "wco_schemas"
FORMATS = sorted(
    head.name.removesuffix(".format.toml")
    for folder in ("wco", "profiles")
    for head in (HEADS / folder).glob("**/*.format.toml")
)
IN_A_RUN, IN_A_SOAK = 4, 2000


@pytest.mark.parametrize("name", FORMATS)
def test_xml_to_tree_to_json_to_tree_to_xml_changes_nothing(judging: Judging, soak: bool, name: str) -> None:
    form = judging.formats.get(name)
    for seed in range(IN_A_SOAK if soak else IN_A_RUN):
        tree = generated_tree(judging, name, seed)
        as_xml = form.to_xml(tree)
        recognised, from_xml = judging.formats.read(as_xml)
        assert recognised.name == name, seed
        assert (from_xml.tree, from_xml.findings) == (tree, ()), seed
        as_json = form.to_json(tree)
        from_json = form.read(as_json)
        assert (from_json.tree, from_json.findings) == (tree, ()), seed
        assert from_json.tree is not None
        assert form.to_xml(from_json.tree) == as_xml, seed
        assert form.to_json(from_xml.tree or {}) == as_json, seed


@pytest.mark.parametrize("name", FORMATS)
def test_the_published_json_schema_accepts_them(judging: Judging, soak: bool, name: str) -> None:
    schema = jsonschema_rs.Draft202012Validator(judging.formats.get(name).json_schema())
    for seed in range(IN_A_SOAK // 10 if soak else IN_A_RUN):
        tree = generated_tree(judging, name, seed)
        assert [error.instance_path for error in schema.iter_errors(tree)] == [], seed


def test_every_package_is_there() -> None:
    assert {"dec-3.6", "cri-3.6", "cre-3.6", "conv-3.6", "trt-3.6", "res-3.6", "dms-3.6"} <= set(FORMATS)
    assert {"dec-amendment-3.6", "dec-cancellation-3.6"} <= set(FORMATS)
