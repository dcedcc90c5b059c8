"""Which settings a command takes, and who acts."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from gateway.cli.state import operator_name, settings_from
from tests.world.setting import DATA


@pytest.mark.usefixtures("surroundings")
def test_variables_win_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('state_dir = "elsewhere"\nfeed = "other"\n', encoding="utf-8")
    chosen = settings_from(file)
    assert (chosen.root, chosen.state_dir, chosen.feed) == (DATA, tmp_path / "state", "other")
    monkeypatch.delenv("SARHAD_STATE_DIR")
    assert settings_from(file).state_dir == Path("elsewhere")


@pytest.mark.usefixtures("surroundings")
def test_the_data_folders_are_found_where_none_are_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SARHAD_ROOT")
    (tmp_path / "wco_schemas").mkdir()
    assert settings_from(None).root == tmp_path


def test_the_operator_is_named_or_the_user_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert operator_name("me") == "me"
    monkeypatch.setattr(getpass, "getuser", lambda: "someone")
    assert operator_name(None) == "someone"

    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert operator_name(None) == "unknown"
