"""The pages that are made from the data folders and from the program are stale when those have moved on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.catalogue import Judging, load_judging
from gateway.catalogue.lists import shipped_lists
from gateway.cli.reference import FOLDER, forms, pages
from tests.unit.cli.conftest import Typed


@pytest.fixture(name="known", scope="module")
def known_fixture(project_root: Path) -> Judging:
    cache = project_root / ".sarhad" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    return load_judging(project_root, cache=cache)


@pytest.fixture(name="made", scope="module")
def made_fixture(known: Judging, project_root: Path) -> dict[str, str]:
    return dict(pages(known, shipped_lists(project_root)))


def test_no_page_is_stale(made: dict[str, str], project_root: Path) -> None:
    folder = project_root / FOLDER
    stale = [
        name
        for name, text in made.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "write them anew: sarhad reference"


def test_no_page_is_left_over(made: dict[str, str], project_root: Path) -> None:
    folder = project_root / FOLDER
    there = {file.relative_to(folder).as_posix() for file in (folder / "wco").iterdir()}
    assert there == {name for name in made if name.startswith("wco/")}


def test_each_package_of_the_model_has_a_page(made: dict[str, str], known: Judging) -> None:
    assert {one.head.wco_package for one in forms(known)} == {"DEC", "DMS", "CRI", "CRE", "CONV", "TRT", "RES"}
    for name in ("dec", "dec-amendment", "dec-cancellation", "cri", "cre", "conv", "trt", "res", "dms"):
        assert f"({name}.md)" in made["wco/README.md"]
        assert made[f"wco/{name}.md"].startswith(f"# {name}-3.6")


def test_check_names_stale_pages_writes_nothing_and_ends_with_1(typed: Typed, tmp_path: Path) -> None:
    target = tmp_path / "pages"
    missing = typed("reference", "-o", target, "--check")
    assert missing.code == 1
    assert "rules.md: stale" in missing.err
    assert not target.exists()
    assert typed("reference", "-o", target).code == 0
    assert typed("reference", "-o", target, "--check").code == 0
    (target / "rules.md").write_text("old", encoding="utf-8")
    again = typed("reference", "-o", target, "--check")
    assert (again.code, again.err.count(": stale")) == (1, 1)
    assert (target / "rules.md").read_text(encoding="utf-8") == "old"
