"""``sarhad amend``: a declaration after its amendments and cancellation, with what changed and the chain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.case.chain import Link
from gateway.case.record import read_record, record_of, state_of
from gateway.cli.advice import place_in_words
from gateway.cli.output import EXIT_NO, EXIT_USAGE, Json, complain, emit_json, examples, say, show_findings, table
from gateway.cli.places import data_root, judging_of, message_files
from gateway.pipeline.amending import Document, Outcome, amend, amendment_between

Number = Annotated[
    str, typer.Option("--number", metavar="ID", help="The declaration's number, where it has no ID yet.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    applying = (
        "sarhad amend declaration.xml amendment.xml -o amended.xml --report chain.json",
        "sarhad amend amended.xml cancellation.xml --chain chain.json",
    )
    app.command("amend", epilog=examples(*applying))(amend_declaration)
    writing = "sarhad amendment declaration.xml corrected.xml --reason 32 --reference A-2 -o amendment.xml"
    app.command("amendment", epilog=examples(writing))(write_amendment)


def amend_declaration(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="ORIGINAL AMENDMENT...",
            help="The declaration, then the messages that change it, oldest first; folders are read in order of names.",
        ),
    ],
    number: Number = "",
    chain: Annotated[
        Path | None,
        typer.Option("--chain", metavar="FILE", help="Record of the messages before, as --report wrote it."),
    ] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="Format of ORIGINAL, instead of recognising it.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File for the declaration as it stands.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="File for the record of the chain.")
    ] = None,
    values: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--values", help="Show what stood at the places that changed, and what stands there now.")
    ] = False,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Apply amendments and a cancellation to a declaration.

    The result has the syntax of ORIGINAL. Differences name places; with --values also their content.
    Exit code 1: a message cannot be applied, or what it makes is not valid; the findings say why.
    """
    files = list(message_files(paths))
    if len(files) <= 1:
        complain("an original and at least one message that changes it are needed")
        raise typer.Exit(EXIT_USAGE)
    links = read_record(chain.read_bytes()) if chain is not None else ()
    done = _amend(files, format_name, number, links)
    if report is not None and done.standing is not None and done.format is not None:
        record = record_of(done.standing, done.format.name, values=values)
        report.write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n")
    if json_output:
        emit_json(_as_json(done, values=values))
    else:
        _tell(done, values=values)
    if not done.done:
        raise typer.Exit(EXIT_NO)
    if output is not None:
        output.write_bytes(done.written())


def write_amendment(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The declaration.", exists=True, dir_okay=False)],
    after: Annotated[
        Path, typer.Argument(metavar="AFTER", help="The declaration as it should be.", exists=True, dir_okay=False)
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="ChangeReasonCode of every change.")],
    reference: Annotated[
        str, typer.Option("--reference", metavar="TEXT", help="FunctionalReferenceID of the amendment.")
    ],
    statement: Annotated[str, typer.Option("--statement", metavar="TEXT", help="The reason in words.")] = "",
    number: Number = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write; standard output if not given.")
    ] = None,
) -> None:
    """Write the amendment that turns one version of a declaration into another.

    It has the syntax of BEFORE. Exit code 1: no amendment can say the change, or a version is not valid.
    """
    root = data_root()
    data = amendment_between(
        judging_of(root),
        Document(str(before), before.read_bytes()),
        Document(str(after), after.read_bytes()),
        reference=reference,
        reason=reason,
        number=number,
        statement=statement,
    )
    if output is not None:
        output.write_bytes(data)
    else:
        sys.stdout.write(data.decode("utf-8").rstrip("\n") + "\n")


def _amend(files: list[Path], format_name: str | None, number: str, links: tuple[Link, ...]) -> Outcome:
    root = data_root()
    known = judging_of(root)
    original, *messages = [Document(str(file), file.read_bytes()) for file in files]
    return amend(known, original, messages, format_name=format_name, number=number, links=links)


def _tell(done: Outcome, *, values: bool) -> None:
    for name, applied in done.steps:
        what = applied.kind or "message"
        reasons = f", reason {', '.join(applied.reasons)}" if applied.reasons else ""
        if applied.tree is None:
            continue
        say(f"{name}: {what}{reasons}")
        if applied.differences:
            head = ("what", "where", "pointer", "reason", *(("before", "after") if values else ()))
            rows = [
                (
                    one.kind,
                    place_in_words(one.path),
                    one.pointer,
                    one.reason,
                    *((_cell(one.before), _cell(one.after)) * values),
                )
                for one in applied.differences
            ]
            table("", head, rows)
    if not done.done:
        say(f"{done.refused}: NOT applied")
    show_findings(done.findings)
    if done.standing is not None:
        say(f"the declaration is {state_of(done.standing)}; version {done.standing.digest}")


def _cell(content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return orjson.dumps(content).decode()


def _as_json(done: Outcome, *, values: bool) -> dict[str, Any]:
    steps = [
        {
            "file": name,
            "kind": applied.kind,
            "applied": applied.tree is not None,
            "reasons": list(applied.reasons),
            "differences": [one.as_json(values=values) for one in applied.differences],
        }
        for name, applied in done.steps
    ]
    return {
        "done": done.done,
        "refused": done.refused,
        "format": done.format.name if done.format is not None else "",
        "state": state_of(done.standing) if done.standing is not None else "",
        "digest": done.standing.digest if done.standing is not None else "",
        "steps": steps,
        "findings": [finding.as_json() for finding in done.findings],
    }
