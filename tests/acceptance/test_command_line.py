"""The command line as its user types it: what it prints, how it ends, and never a traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def sarhad(root: Path, *words: str, state: Path | None = None) -> subprocess.CompletedProcess[str]:
    variables = {"SARHAD_ROOT": str(root), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    if state is not None:
        variables["SARHAD_STATE_DIR"] = str(state)
    command = [sys.executable, "-m", "gateway", *words]
    done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def formats(project_root: Path) -> list[str]:
    return [line["format"] for line in lines_of(sarhad(project_root, "formats", "--json"))]


def test_generated_messages_are_valid_and_survive_both_syntaxes(
    project_root: Path, formats: list[str], tmp_path: Path
) -> None:
    for name in formats:
        made = sarhad(project_root, "formats", name, "--generate", "2", "--seed", "5", "-o", str(tmp_path / name))
        assert made.returncode == 0, made.stderr
        judged = sarhad(project_root, "validate", str(tmp_path / name), "--json")
        assert judged.returncode == 0, judged.stdout
        assert [(line["valid"], line["format"]) for line in lines_of(judged)] == [(True, name)] * 2
    message = next((tmp_path / formats[0]).iterdir())
    other = tmp_path / "other.json"
    assert sarhad(project_root, "convert", str(message), "--to", "json", "-o", str(other)).returncode == 0
    back = tmp_path / "back.xml"
    assert sarhad(project_root, "convert", str(other), "--to", "xml", "-o", str(back)).returncode == 0
    again = tmp_path / "again.json"
    assert sarhad(project_root, "convert", str(back), "--to", "json", "-o", str(again)).returncode == 0
    assert other.read_bytes() == again.read_bytes()


def test_what_is_broken_is_told_with_line_and_advice_and_ends_with_1(project_root: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_text("<a>\n<b></a>\n", encoding="utf-8")
    told = sarhad(project_root, "validate", str(broken))
    assert told.returncode == 1
    assert "line 2" in told.stdout
    assert "what to do" in told.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("no-such-command",), 2),
        (("validate", "no/such/file.xml"), 2),
        (("validate",), 2),
        (("formats", "no-such-format"), 2),
        (("convert", "README.md", "--to", "json"), 2),
        (("agreement", "show", "no-such-agreement"), 2),
        (("check", "no/such/folder"), 2),
        (("check",), 0),
        (("--version",), 0),
        (("mapping", "coverage"), 0),
        (("mapping", "check"), 0),
        (("agreement", "list"), 0),
        (("agreement", "test"), 0),
        (("partner", "list"), 0),
        (("codelist", "show", "incoterms"), 0),
    ],
)
def test_how_commands_end(project_root: Path, words: tuple[str, ...], code: int) -> None:
    done = sarhad(project_root, *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout + done.stderr


def test_a_conversion_comes_with_an_account_of_every_leaf(
    project_root: Path, formats: list[str], tmp_path: Path
) -> None:
    [coverage, *_] = lines_of(sarhad(project_root, "mapping", "coverage", "--json"))
    name = coverage["format"]
    assert name in formats
    sarhad(project_root, "formats", name, "--generate", "1", "--seed", "5", "-o", str(tmp_path))
    message = next(tmp_path.iterdir())
    report = tmp_path / "report.json"
    done = sarhad(project_root, "convert", str(message), "--to", "dec-3.6", "--report", str(report), "--json")
    assert done.returncode == 0, done.stderr
    account = json.loads(report.read_text(encoding="utf-8"))
    assert set(account) == {"from", "to", "source", "target", "counts"}
    assert {"path", "fate", "loss", "to", "row", "reason", "count"} <= set(account["source"][0])
    assert all(line["fate"] != "unmapped" for line in account["source"])


def test_a_state_without_a_gateway_is_told(project_root: Path, tmp_path: Path) -> None:
    for words in (("exchange", "list"), ("audit", "verify"), ("feed", "pull", "rms")):
        done = sarhad(project_root, *words, state=tmp_path / "nothing")
        assert done.returncode == 2, done.stdout
        assert "what to do" in done.stderr


def test_data_folders_that_are_missing_are_told(tmp_path: Path, project_root: Path) -> None:
    shutil.copytree(project_root / "agreements", tmp_path / "agreements")
    done = sarhad(project_root, "check", str(tmp_path), "--json")
    assert done.returncode in {1, 2}
    assert done.stdout + done.stderr
