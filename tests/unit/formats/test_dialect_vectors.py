"""Messages in every input profile: what they are read as, what is repaired, and that damage is still found."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import load_library
from gateway.findings import has_errors
from gateway.formats.library import FormatLibrary
from gateway.formats.tree import leaves
from gateway.validation.verdict import verdict

FOLDER = Path(__file__).parents[2] / "vectors" / "profiles"
MESSAGES: list[dict[str, Any]] = tomllib.loads((FOLDER / "cases.toml").read_text())["message"]
DAMAGES = [(message["file"], damage) for message in MESSAGES for damage in message["damage"]]


@pytest.fixture(name="library", scope="module")
def library_fixture(project_root: Path) -> FormatLibrary:
    return load_library(project_root, cache=project_root / ".sarhad" / "cache")


def test_every_vector_and_every_profile_is_there(library: FormatLibrary) -> None:
    files = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*.*")
        if path.name != "cases.toml" and path.is_file()
    }
    assert files == {message["file"] for message in MESSAGES}
    assert {one.name for one in library.dialects()} <= {message["profile"] for message in MESSAGES}


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: str(case["file"]))
def test_what_it_is_read_as(library: FormatLibrary, case: dict[str, Any]) -> None:
    found, reading = library.read((FOLDER / case["file"]).read_bytes())
    assert not has_errors(reading.findings), reading.findings
    assert (found.name, reading.profile) == (case["format"], case["profile"])
    assert [f"{one.code} {one.path} {one.line}" for one in reading.findings] == case["repairs"]
    assert reading.tree is not None
    texts = dict(leaves(reading.tree))
    assert {path: texts.get(path) for path in case["leaves"]} == case["leaves"]
    again_found, again = library.read(found.to_xml(reading.tree))
    assert (again_found, again.tree, again.findings) == (found, reading.tree, ())


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: str(case["file"]))
def test_named_as_its_format_it_is_read_the_same(library: FormatLibrary, case: dict[str, Any]) -> None:
    data = (FOLDER / case["file"]).read_bytes()
    assert library.read(data, case["format"]) == library.read(data)


@pytest.mark.parametrize(("file", "damage"), DAMAGES)
def test_damage_is_found_at_its_place(library: FormatLibrary, file: str, damage: dict[str, Any]) -> None:
    text = (FOLDER / file).read_text()
    for old, new in damage["replace"]:
        assert old in text
        text = text.replace(old, new, 1)
    judged = verdict(library, text.encode())
    errors = [one for one in judged.findings if one.severity.value == "error"]
    assert not judged.valid
    assert errors
    assert (errors[0].code, errors[0].path, errors[0].line) == (damage["code"], damage["path"], damage.get("line"))
