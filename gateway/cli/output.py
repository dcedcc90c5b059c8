"""How the command line speaks: JSON lines for machines, short tables and sentences for people, one place for exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli.advice import WIDTH as WIDTH_OF_ADVICE
from gateway.cli.advice import advice
from gateway.errors import ContentRefused, GatewayError, NotPermitted
from gateway.findings import Fault, Finding

EXIT_NO = 1
"""The answer is "no": not valid, not permitted, not verified."""
EXIT_USAGE = 2
"""Wrong usage, or something that cannot be read."""
WIDTH_OF_A_FILE = 160
"""Columns of a table whose reader is a file or a pipe."""

Json = Annotated[bool, typer.Option("--json", help="Machine output, one JSON document a line.")]


def family(sentence: str) -> typer.Typer:
    """Commands under one word, such as ``sarhad agreement``."""
    return typer.Typer(help=sentence, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def examples(*lines: str) -> str:
    """The end of a command's help: one example a line, kept as typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


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
    """A table for people; cells are plain text, never markup. One without rows says ``none``."""
    lines = [[Text(cell) for cell in row] for row in rows]
    if not lines:
        say(f"{title}: none" if title else "none")
        return
    if title:
        say(title)
    grid = Table(header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for line in lines:
        grid.add_row(*line)
    _screen().print(grid)


def show_findings(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Findings as advice: where, what is wrong, what would be right, what to do.

    Args:
        findings: in the order in which they are told.
        err: on standard error, where they explain an error.
    """
    stream = sys.stderr if err else sys.stdout
    colour = stream.isatty() and "NO_COLOR" not in os.environ
    told = advice(findings, colour=colour, width=WIDTH_OF_ADVICE if colour else None)
    if told:
        typer.echo(told, err=err)


def show_faults(faults: Iterable[Fault]) -> None:
    """Faults of the data folders, a line each with file and row."""
    for fault in faults:
        row = f", row {fault.row}" if fault.row else ""
        say(f"{fault.file}{row}: {fault.code}: {fault.message}")
        if fault.remedy:
            say(f"    what to do: {fault.remedy}")


def tell_error(error: GatewayError) -> int:
    """Tell an error of ours on standard error.

    Returns:
        The exit code: 1 where the answer is "no", 2 where the question was wrong.
    """
    place = f" at {error.path}" if error.path else ""
    complain(f"{error.stable_code}{place}: {error.message}")
    if error.remedy:
        complain(f"what to do: {error.remedy}")
    exchange = getattr(error, "exchange_id", "")
    if exchange:
        complain(f"kept as exchange {exchange}")
    show_findings(error.findings, err=True)
    return EXIT_NO if isinstance(error, ContentRefused | NotPermitted) else EXIT_USAGE


def _screen(*, err: bool = False) -> Console:
    """The terminal, wide enough not to fold a table when the output is a file."""
    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_OF_A_FILE, highlight=False)
