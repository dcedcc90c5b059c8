"""``sarhad validate``: one verdict a file, with findings that say where, what was expected and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import EXIT_NO, EXIT_USAGE, Json, complain, emit_json, examples, say, show_findings
from gateway.cli.places import data_root, formats_alone, message_files, schemes_alone
from gateway.validation.verdict import Verdict, verdict

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with all XML and JSON files below them.")
]


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("validate", epilog=examples("sarhad validate inbox/ --json"))(validate)


def validate(
    paths: Paths,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="Judge as this format instead of recognising it.")
    ] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Judge messages, one verdict a file.

    Findings say where, what was expected and what to do. Exit code 0: all are valid; 1: at least one is not.
    """
    root = data_root()
    files = list(message_files(paths))
    if not files:
        complain("no message found: files end in .xml or .json")
        raise typer.Exit(EXIT_USAGE)
    library, schemes = formats_alone(root), schemes_alone(root)
    valid = 0
    for file in files:
        judged = verdict(library, file.read_bytes(), format_name, schemes=schemes)
        valid += judged.valid
        if json_output:
            emit_json(_as_json(file, judged))
        else:
            _show(file, judged)
    if not json_output and len(files) > 1:
        say(f"{valid} valid, {len(files) - valid} not valid")
    if valid < len(files):
        raise typer.Exit(EXIT_NO)


def _show(file: Path, judged: Verdict) -> None:
    known = f" as {judged.format}" if judged.format else ""
    say(f"{file}: {'valid' if judged.valid else 'NOT valid'}{known}")
    show_findings(judged.findings)


def _as_json(file: Path, judged: Verdict) -> dict[str, Any]:
    return {
        "file": str(file),
        "valid": judged.valid,
        "format": judged.format,
        "profile": judged.profile,
        "findings": [finding.as_json() for finding in judged.findings],
    }
