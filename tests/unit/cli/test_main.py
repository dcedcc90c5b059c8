"""The program: what it loads, how every end of a command looks, and that no fault shows a traceback or a value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from gateway.cli import main, verdicts
from gateway.cli.main import COMMANDS, app
from gateway.errors import ContentRefused, DataFolderError, GatewayError, NotPermitted
from gateway.findings import Finding, Layer, Severity
from tests.unit.cli.conftest import Typed

HEAVY = {"sqlalchemy", "fastapi", "uvicorn", "alembic", "httpx", "joserfc", "cryptography"}


def loaded_by(root: Path, *words: str) -> set[str]:
    """The packages that a command imports."""
    code = (
        "import sys\nfrom gateway.cli.main import run\n"
        f"try: run({list(words)!r})\n"
        "except SystemExit: pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.splitlines()} | set(done.stderr.splitlines())


def test_help_loads_no_command(project_root: Path) -> None:
    found = loaded_by(project_root, "--help")
    assert not found & (HEAVY | {"lxml", "xmlschema"})
    assert not {name for name in found if name.startswith("gateway.pipeline")}


def test_judging_needs_neither_database_nor_web_server(project_root: Path) -> None:
    assert not loaded_by(project_root, "validate", "no/such/file.xml") & HEAVY


def test_help_says_of_each_command_what_the_command_says() -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    context: Any = root.make_context("sarhad", [], resilient_parsing=True)
    for name, entry in COMMANDS.items():
        command: Any = root.get_command(context, name)
        assert command.help.splitlines()[0] == entry.sentence, name


def test_help_lists_every_command(typed: Typed) -> None:
    shown = typed("--help")
    assert shown.code == 0
    assert all(f"  {name} " in shown.out for name in COMMANDS)


def test_an_unknown_command_is_wrong_usage(typed: Typed) -> None:
    shown = typed("no-such-command")
    assert shown.code == 2
    assert "No such command" in shown.err


FINDING = Finding(severity=Severity.ERROR, code="rule.x", layer=Layer.RULE, path="Head/ID", message="it is wrong")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (GatewayError("it broke", path="place", remedy="mend it", code="aa.bb"), 2, "aa.bb at place: it broke"),
        (DataFolderError("a fault", remedy="see the manual"), 2, "what to do: see the manual"),
        (ContentRefused("refused", findings=[FINDING]), 1, "[rule.x, Head/ID]"),
        (NotPermitted("not agreed"), 1, "agreement.not-permitted: not agreed"),
        (FileNotFoundError(2, "No such file", "gone.xml"), 2, "No such file: gone.xml"),
        (OSError("no strerror"), 2, "cannot read or write: OSError"),
        (KeyError("the secret value"), 2, "a fault of its own (KeyError)"),
        (RecursionError(), 2, "SARHAD_DEBUG=1"),
    ],
)
def test_every_error_ends_in_a_sentence_and_a_code(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, note_file: Path, error: Exception, code: int, words: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(verdicts, "load_judging", fail)
    shown = typed("validate", note_file)
    assert shown.code == code
    assert words in shown.err
    assert "secret value" not in shown.out + shown.err


def test_a_fault_shows_its_traceback_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise ValueError

    monkeypatch.setattr(main, "app", fail)
    monkeypatch.setenv(main.DEBUG_VARIABLE, "1")
    with pytest.raises(SystemExit):
        main.run([])
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupted_command_ends_quietly(typed: Typed, monkeypatch: pytest.MonkeyPatch, note_file: Path) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verdicts, "load_judging", interrupt)
    assert typed("validate", note_file).code == 130


def test_a_reader_who_goes_away_ends_the_command_quietly(project_root: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "gateway", "codelist", "list", "--json"]
    done = subprocess.run(command, cwd=project_root, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode == 2
