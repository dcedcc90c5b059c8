"""`agreement list|show|explain|diff|test`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed
from tests.world.setting import DATA

EXAMPLE = """title = "A note arrives"
expect = "{expect}"
code = "{code}"
type = "note"
direction = "in"
purpose = "RISK"
at = 2026-01-01T00:00:00+05:00
"""


@pytest.fixture
def copy(surroundings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Made-up data folders of this test alone."""
    del surroundings
    made = shutil.copytree(DATA, tmp_path / "copy")
    monkeypatch.setenv("SARHAD_ROOT", str(made))
    return made


def test_the_list_says_how_each_stands_now_or_then(typed: Typed) -> None:
    now = {line["agreement"]: line["standing"] for line in typed("agreement", "list", "--json").lines}
    assert now == {"aa-xx-notes": "in-force", "aa-xx-old": "expired"}
    then = typed("agreement", "list", "--at", "2020-06-01T00:00+05:00", "--json").lines
    assert {line["agreement"]: line["standing"] for line in then} == {
        "aa-xx-notes": "not-yet",
        "aa-xx-old": "in-force",
    }
    assert "aa-xx-notes@1" in typed("agreement", "list").out


@pytest.mark.parametrize("moment", ["2026-01-01", "2026-01-01T00:00", "noon"])
def test_a_moment_without_its_offset_is_wrong_usage(typed: Typed, moment: str) -> None:
    shown = typed("agreement", "list", "--at", moment)
    assert shown.code == 2
    assert "offset" in shown.err


def test_one_agreement_whole(typed: Typed) -> None:
    shown = typed("agreement", "show", "aa-xx-notes")
    assert shown.code == 0
    for words in (
        "Our administration (aa)",
        "Declaration/Remark",
        "secrets stay at home",
        "everything else is withheld",
    ):
        assert words in shown.out
    [terms] = typed("agreement", "show", "aa-xx-notes@1", "--json").lines
    assert terms["file"] == "agreements/aa-xx-notes-v1.toml"
    assert len(terms["digest"]) == 64


@pytest.mark.parametrize(
    ("name", "said"), [("nothing", "agreement.unknown"), ("aa-xx-notes@9", "agreement.unknown"), ("aa@x", "id@version")]
)
def test_an_agreement_that_is_none(typed: Typed, name: str, said: str) -> None:
    shown = typed("agreement", "show", name)
    assert shown.code == 2
    assert said in shown.err


def test_a_permission_is_explained_with_the_fields_that_leave(typed: Typed) -> None:
    shown = typed("agreement", "explain", "xx", "note", "--direction", "in")
    assert shown.code == 0
    assert "PERMITTED" in shown.out
    assert "clause A1, purpose RISK" in shown.out
    [line] = typed("agreement", "explain", "xx", "note", "--direction", "in", "--json").lines
    assert line["permitted"]
    paths = {one["path"] for one in line["released"]}
    assert "Declaration/ID" in paths
    assert "Declaration/Secret" not in paths


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("xx", "old-note", "--direction", "in"), "agreement.expired"),
        (("xx", "note", "--direction", "out"), "agreement.type-not-listed"),
        (("xx", "note", "--direction", "in", "--purpose", "PLAY"), "agreement.purpose-not-listed"),
        (("xx", "note", "--direction", "in", "--agreement", "nothing"), "agreement.unknown"),
        (("zz", "note", "--direction", "in"), "agreement.unknown"),
    ],
)
def test_a_refusal_is_explained_and_ends_with_1(typed: Typed, words: tuple[str, ...], code: str) -> None:
    shown = typed("agreement", "explain", *words)
    assert shown.code == 1
    assert f"REFUSED: {code}" in shown.out
    [line] = typed("agreement", "explain", *words, "--json").lines
    assert (line["permitted"], line["code"], line["released"]) == (False, code, [])


def test_the_direction_is_in_or_out(typed: Typed) -> None:
    assert typed("agreement", "explain", "xx", "note", "--direction", "inbound").code == 2
    assert typed("agreement", "explain", "xx", "note").code == 2


def test_a_diff_says_first_what_newly_leaves(typed: Typed, copy: Path) -> None:
    old = copy / "agreements" / "aa-xx-notes-v1.toml"
    text = old.read_text(encoding="utf-8")
    new = text.replace("version = 1", "version = 2").replace("2024-01-01", "2027-01-01")
    new = new.replace('paths = ["Declaration/Secret"]', 'paths = ["Declaration/Remark"]')
    new = new.replace('"Declaration/TypeCode", "Declaration/Remark"', '"Declaration/TypeCode", "Declaration/Secret"')
    ended = text.replace("in_force_from = 2024-01-01", "in_force_from = 2024-01-01\nin_force_to = 2027-01-01")
    old.write_text(ended, encoding="utf-8")
    (copy / "agreements" / "aa-xx-notes-v2.toml").write_text(new, encoding="utf-8")
    lines = typed("agreement", "diff", "aa-xx-notes@1", "aa-xx-notes@2", "--json")
    assert lines.code == 0, lines.err
    kinds = [line["kind"] for line in lines.lines]
    assert kinds == sorted(kinds, key=["permits", "releases", "alters", "withholds", "forbids"].index)
    assert {line["what"] for line in lines.lines if line["kind"] == "releases"} == {"Declaration/Secret"}
    assert {line["what"] for line in lines.lines if line["kind"] == "withholds"} == {"Declaration/Remark"}
    assert "Declaration/Secret" in typed("agreement", "diff", "aa-xx-notes@1", "aa-xx-notes@2").out
    assert typed("agreement", "diff", "aa-xx-notes@1", "aa-xx-notes@1").out == "nothing changes\n"


def test_examples_hold_or_fail_one_line_each(typed: Typed, copy: Path) -> None:
    place = copy / "agreements" / "aa-xx-notes-v1.examples"
    place.mkdir()
    (place / "arrives.toml").write_text(EXAMPLE.format(expect="allowed", code=""), encoding="utf-8")
    good = typed("agreement", "test")
    assert good.code == 0
    assert "holds  agreements/aa-xx-notes-v1.examples/arrives.toml" in good.out
    (place / "refused.toml").write_text(EXAMPLE.format(expect="refused", code="agreement.expired"), encoding="utf-8")
    bad = typed("agreement", "test", "aa-xx-notes", "--json")
    assert bad.code == 1
    assert {line["example"].rpartition("/")[2]: line["holds"] for line in bad.lines} == {
        "arrives.toml": True,
        "refused.toml": False,
    }
    assert "FAILS" in typed("agreement", "test").out


def test_no_examples_is_wrong_usage(typed: Typed) -> None:
    shown = typed("agreement", "test", "nothing")
    assert shown.code == 2
    assert "agreement.no-examples" in shown.err
