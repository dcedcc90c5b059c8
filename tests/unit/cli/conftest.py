"""The command in this process, over the made-up data folders and a state that holds a few exchanges."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.cli.main import run
from tests.world.partner import NOTE, Partner
from tests.world.setting import DATA, world_in

NOTE_FILE = "note.xml"


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as one JSON document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Typed = Callable[..., Said]


@dataclass(frozen=True)
class Kept:
    """A state folder with exchanges in it, and their partner."""

    folder: Path
    partner: Partner
    received: str
    lodged: str


@pytest.fixture(scope="session")
def kept_once(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    partner = Partner()
    with world_in(folder, partner) as world:
        received = world.gateway.receive(partner.seal(NOTE, "M-1"), "application/jose").exchange_id
        document = b'{"number": "N-9", "remark": "apples", "secret": "plum"}'
        lodged = world.gateway.lodge(document, "xx", "reply", message_id="L-1").exchange_id
        while world.gateway.process_once() + world.gateway.dispatch_once():
            pass
    return Kept(folder=folder, partner=partner, received=received, lodged=lodged)


@pytest.fixture(scope="session")
def cache(derived: Path) -> Path:
    return derived


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> Iterator[None]:
    """The made-up data folders, no state yet, and log settings put back afterwards."""
    monkeypatch.setenv("SARHAD_ROOT", str(DATA))
    monkeypatch.setenv("SARHAD_CACHE_DIR", str(cache))
    monkeypatch.setenv("SARHAD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SARHAD_LOG_ORIGIN", "aa.example/log")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


@pytest.fixture
def typed(surroundings: None, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Run the command with these words."""
    del surroundings

    def type_words(*words: str | Path) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run([str(word) for word in words])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, shown.out, shown.err)

    return type_words


@pytest.fixture
def kept(surroundings: None, kept_once: Kept, tmp_path: Path) -> Kept:
    """A copy of the state with exchanges, as the state of this test."""
    del surroundings
    shutil.copytree(kept_once.folder / "state", tmp_path / "state")
    return kept_once


@pytest.fixture
def note_file(tmp_path: Path) -> Path:
    file = tmp_path / NOTE_FILE
    file.write_bytes(NOTE)
    return file
