"""How the command line speaks: JSON lines for machines, short tables and sentences for people, one place for exits."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.table import Table

from gateway.errors import GatewayError
from gateway.findings import Fault, Finding, Severity

EXIT_NO = 1
"""The answer is "no": not valid, not permitted, not verified."""
EXIT_USAGE = 2
"""Wrong usage, or something that cannot be read."""

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def console() -> Console:
    """The terminal, wide enough not to fold a table when the output is a file."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=not sys.stdout.isatty())


def emit_json(document: Any) -> None:
    """One JSON document on one line."""
    sys.stdout.write(orjson.dumps(document).decode() + "\n")
    sys.stdout.flush()


def say(text: str = "") -> None:
    """One line for people."""
    typer.echo(text)


def complain(text: str) -> None:
    """One line on standard error."""
    typer.echo(text, err=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table for people; cells are plain text, never markup."""
    grid = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(cell.replace("[", "\\[") for cell in row))
    console().print(grid)


def show_findings(findings: Iterable[Finding]) -> None:
    """Findings as advice: where, what is wrong, what would be right, what to do."""
    screen = console()
    for finding in findings:
        place = finding.path or "the document"
        line = f", line {finding.line}" if finding.line else ""
        colour = _COLOURS[finding.severity]
        screen.print(f"  [{colour}]{finding.severity.value}[/] {finding.code}", end=" ")
        screen.print(f"at {place}{line}", markup=False)
        screen.print(f"      {finding.message}", markup=False)
        for label, text in (("expected", finding.expected), ("what to do", finding.remedy), ("row", finding.row)):
            if text:
                screen.print(f"      {label}: {text}", markup=False)


def show_faults(faults: Iterable[Fault]) -> None:
    """Faults of the data folders, a line each with file and row."""
    for fault in faults:
        row = f", row {fault.row}" if fault.row else ""
        say(f"{fault.file}{row}: {fault.code}: {fault.message}")
        if fault.remedy:
            say(f"    what to do: {fault.remedy}")


def fail(error: GatewayError, *, exit_code: int = EXIT_USAGE) -> NoReturn:
    """Tell an error of ours and end with a code; never a traceback."""
    place = f" at {error.path}" if error.path else ""
    complain(f"{error.stable_code}{place}: {error.message}")
    if error.remedy:
        complain(f"what to do: {error.remedy}")
    show_findings(error.findings)
    raise typer.Exit(exit_code)
