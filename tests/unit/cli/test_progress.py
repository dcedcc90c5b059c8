"""How far a run is: a line from time to time, nothing for programs, a bar on a terminal."""

from __future__ import annotations

import io
import sys
import time

import pytest

from gateway.cli.progress import Lines, progress


class Terminal(io.StringIO):
    """Standard error of a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_a_line_each_hundred_files(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(250, quiet=False) as told:
        for number in range(250):
            told.one_more(valid=number % 50 != 0)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "100 of 250 files judged, 2 not valid\n200 of 250 files judged, 4 not valid\n"


def test_a_line_after_two_seconds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter((0.0, 1.0, 2.5, 3.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    lines = Lines(50)
    for _ in range(3):
        lines.one_more(valid=True)
    assert capsys.readouterr().err == "2 of 50 files judged, 0 not valid\n"


def test_very_many_files_are_told_of_in_a_hundred_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(20_000)
    for _ in range(20_000):
        lines.one_more(valid=True)
    assert capsys.readouterr().err.count("\n") == 99


def test_nothing_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(300, quiet=True) as told:
        for _ in range(300):
            told.one_more(valid=True)
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(3, quiet=True) as told:
        for _ in range(3):
            told.one_more(valid=False)
    assert "3 not valid" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()
