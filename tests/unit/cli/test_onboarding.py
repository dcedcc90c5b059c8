"""`partner new`: a folder that is sound at once, everything on, and what is handed over holds nothing private."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed
from tests.world.setting import DATA

NAME = 'Customs "Authority" of Examplia'


@pytest.fixture
def root(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data folders of this test's own."""
    del typed
    copy = tmp_path / "root"
    shutil.copytree(DATA, copy)
    monkeypatch.setenv("SARHAD_ROOT", str(copy))
    return copy


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        (("--endpoint", "https://gw.customs.example/"), ["sends", "receives"]),
        ((), ["sends"]),
        (("--way", "pull", "--envelope", "xades"), ["sends", "receives"]),
    ],
)
def test_a_new_partner_is_sound_and_has_everything_on(
    typed: Typed, root: Path, tmp_path: Path, words: tuple[str, ...], roles: list[str]
) -> None:
    made = typed("partner", "new", "zz", "--name", NAME, *words, "-o", tmp_path / "give")
    assert made.code == 0, made.err
    checked = typed("check", root)
    assert (checked.code, checked.out) == (0, "no faults\n")
    profile = tomllib.loads((root / "partners" / "zz" / "profile.toml").read_text(encoding="utf-8"))
    assert (profile["name"], profile["roles"]) == (NAME, roles)
    security = profile["security"]
    assert (security["auth"], security["http_signature"], security["suite"]) == ("mtls+oauth", "cgw-1", "intl-1")
    assert "switched off: nothing" in typed("partner", "show", "zz").out
    checklist = (root / "partners" / "zz" / "CHECKLIST.md").read_text(encoding="utf-8")
    steps = ("Agreement", "mapping", "fingerprints compared", "pinned", "Test run", "Live")
    places = [checklist.index(word) for word in steps]
    assert places == sorted(places)


def test_what_is_handed_over_is_public(typed: Typed, root: Path, tmp_path: Path) -> None:
    del root
    give = tmp_path / "give"
    assert typed("partner", "new", "zz", "--name", NAME, "-o", give).code == 0
    keys = json.loads((give / "gateway-keys.json").read_bytes())["keys"]
    assert keys
    assert not [key for key in keys if {"d", "p", "q", "k"} & set(key)]
    assert json.loads((give / "gateway-certificates.json").read_bytes())["certificates"]
    request = (give / "KEY_REQUEST.md").read_text(encoding="utf-8")
    for key in keys:
        assert key["kid"] in request
    assert "zz-sig-YYYYMM-N" in request


def test_nothing_is_written_over(typed: Typed, root: Path, tmp_path: Path) -> None:
    before = (root / "partners" / "xx" / "profile.toml").read_bytes()
    refused = typed("partner", "new", "xx", "--name", NAME)
    assert (refused.code, "partner.exists" in refused.err) == (2, True)
    assert (root / "partners" / "xx" / "profile.toml").read_bytes() == before
    (tmp_path / "give").mkdir()
    assert typed("partner", "new", "zz", "--name", NAME, "-o", tmp_path / "give").code == 2
    assert not (root / "partners" / "zz").exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("../zz", ("--name", "x")),
        ("ZZ", ("--name", "x")),
        ("zz", ("--name", "")),
        ("zz", ("--name", "two\nlines")),
        ("zz", ("--name", "x", "--endpoint", "ftp://example")),
        ("zz", ("--name", "x", "--endpoint", "http://gw.customs.example")),
        ("zz", ("--name", "x", "--envelope", "pgp")),
    ],
)
def test_what_cannot_be_a_partner_is_refused(
    typed: Typed, root: Path, tmp_path: Path, code: str, words: tuple[str, ...]
) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert typed("partner", "new", code, *words).code == 2
    assert sorted(tmp_path.rglob("*")) == before
    assert not (root / "zz").exists()
