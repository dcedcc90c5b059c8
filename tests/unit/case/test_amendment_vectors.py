"""Every file of tests/vectors/amendments: an amendment of one declaration, and what becomes of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.case.amending import apply
from gateway.formats.format import Format
from gateway.formats.tree import Tree, leaves
from tests.unit.case.conftest import VECTORS, Request

CASES = sorted(VECTORS.glob("*.toml"))
KEYS = {"title", "pointers", "content", "differences", "places", "refused"}


def read(file: Path) -> dict[str, Any]:
    case = tomllib.loads(file.read_text(encoding="utf-8"))
    assert set(case) <= KEYS, file.name
    return case


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_becomes_of_it(file: Path, dec: Format, declaration: Tree, request_for: Request) -> None:
    case = read(file)
    message = request_for(*case["pointers"], content=json.loads(case["content"]))
    before = json.dumps(declaration)
    done = apply(dec.structure, declaration, message)
    assert json.dumps(declaration) == before
    if "refused" in case:
        assert done.tree is None
        assert sorted(f"{one.code} at {one.path}" for one in done.findings) == sorted(case["refused"])
        assert all(one.expected and one.remedy for one in done.findings)
        return
    assert done.findings == ()
    assert done.tree is not None
    assert [f"{one.kind} {one.path} {one.pointer}" for one in done.differences] == case["differences"]
    assert {one.reason for one in done.differences} == {"32"}
    found = dict(leaves(done.tree))
    assert {path: found.get(path, "") for path in case.get("places", {})} == case.get("places", {})
    assert dec.judge(done.tree) == ()


def test_there_are_cases_that_pass_and_cases_that_fail() -> None:
    refused = [file for file in CASES if "refused" in read(file)]
    assert len(refused) >= 10
    assert len(CASES) - len(refused) >= 10
