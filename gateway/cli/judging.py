"""``sarhad validate``: one verdict a file, with findings that say where, what was expected and what to do."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import EXIT_NO, EXIT_USAGE, Json, complain, emit_json, examples, say, table
from gateway.cli.places import cache_folder, data_root, message_files
from gateway.cli.progress import progress
from gateway.cli.verdicts import Judged, Shape, Task, total
from gateway.cli.workers import cores, judge_all

EXIT_INTERRUPTED = 130
"""Interrupted from the keyboard, as shells have it."""
EXIT_TERMINATED = 143
"""Asked to end, as shells have it."""
_FORMS = (Shape.ADVICE, Shape.TABLE, Shape.RESPONSE, Shape.PROBLEM)
_DOCUMENTS = frozenset({Shape.RESPONSE, Shape.PROBLEM})
_COLUMNS = ("file", "line", "severity", "code", "place", "what is wrong", "what to do")

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with all XML and JSON files below them.")
]


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    lines = (
        "sarhad validate inbox/",
        "sarhad validate inbox/ --json",
        "sarhad validate inbox/ --summary",
        "sarhad validate message.xml --as res -o answer.xml",
    )
    app.command("validate", epilog=examples(*lines))(validate)


def validate(
    paths: Paths,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="Judge as this format instead of recognising it.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="FORM",
            help="advice or table for people; res: a WCO response; problem: a problem document (RFC 9457).",
        ),
    ] = Shape.ADVICE.value,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", help="File for a response or problem; a folder for several."),
    ] = None,
    summary: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--summary", help="Only what was found how often, no single verdict.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=0, help="Processes for many files; 0: one for each core.")
    ] = 0,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Judge messages, one verdict a file.

    Findings say where, what was expected and what to do. Exit code 0: all are valid; 1: at least one is not, or cannot
    be read; 2: wrong usage; 130: interrupted.
    """
    shape = _shape(form, json_output=json_output, summary=summary)
    files = list(message_files(paths))
    if not files:
        complain("no message found: files end in .xml or .json")
        raise typer.Exit(EXIT_USAGE)
    root = data_root()
    task = Task(
        root=root,
        cache=cache_folder(root),
        format_name=format_name,
        shape=shape,
        as_json=json_output,
        colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ,
    )
    report = Report(len(files), shape, _writer(shape, files, output, as_json=json_output))
    _run(task, files, workers or cores(), report, quiet=json_output)
    report.end(as_json=json_output)
    if report.invalid:
        raise typer.Exit(EXIT_NO)


def _shape(form: str, *, json_output: bool, summary: bool) -> Shape:
    found = next((shape for shape in _FORMS if shape.value == form), None)
    if found is None:
        raise typer.BadParameter(f"--as takes one of {', '.join(_FORMS)}")
    if summary and found is not Shape.ADVICE:
        raise typer.BadParameter("--summary shows no single verdict; leave --as out")
    if summary:
        return Shape.NOTHING
    if not json_output or found in _DOCUMENTS:
        return found
    if found is Shape.TABLE:
        raise typer.BadParameter("--as table is for people; leave --json or --as out")
    return Shape.JSON


@dataclass(slots=True)
class Report:
    """What has been found so far.

    Attributes:
        files: how many there are.
        shape: how single verdicts are told.
        write: takes the text of each verdict.
        judged, invalid: how many so far.
    """

    files: int
    shape: Shape
    write: Callable[[Judged], None]
    judged: int = 0
    invalid: int = 0
    _codes: list[dict[tuple[str, str], int]] = field(default_factory=list)
    _rows: list[tuple[str, ...]] = field(default_factory=list)

    def take(self, one: Judged) -> None:
        """One more verdict."""
        self.judged += 1
        self.invalid += not one.valid
        self._codes.append(one.codes)
        self._rows += one.rows
        self.write(one)

    def end(self, *, as_json: bool) -> None:
        """Tell what was found, as far as this shape asks for it."""
        found = total(self._codes)
        if self.shape is Shape.NOTHING and as_json:
            emit_json(self._as_json(found))
            return
        if self.shape is Shape.TABLE:
            table("", _COLUMNS, self._rows)
        if self.shape in _DOCUMENTS or self.shape is Shape.JSON:
            return
        if self.files > 1 or self.shape is Shape.NOTHING:
            self._tell(found)

    def _tell(self, found: dict[tuple[str, str], tuple[int, int]]) -> None:
        if found:
            rows = [(severity, code, f"{n:,}", f"{m:,}") for (severity, code), (n, m) in found.items()]
            table("What was found", ("severity", "code", "findings", "files"), rows)
        say(f"{self.files:,} files: {self.files - self.invalid:,} valid, {self.invalid:,} not valid")

    def _as_json(self, found: dict[tuple[str, str], tuple[int, int]]) -> dict[str, Any]:
        return {
            "files": self.files,
            "valid": self.files - self.invalid,
            "not_valid": self.invalid,
            "codes": [
                {"code": code, "severity": severity, "findings": findings, "files": files}
                for (severity, code), (findings, files) in found.items()
            ],
        }


def _run(task: Task, files: Sequence[Path], workers: int, report: Report, *, quiet: bool) -> None:
    """Judge all files; an interruption leaves no process behind and says how far it came."""
    try:
        with (
            _terminated(),
            closing(judge_all(task, files, workers)) as verdicts,
            progress(len(files), quiet=quiet) as told,
        ):
            for one in verdicts:
                report.take(one)
                told.one_more(valid=one.valid)
    except KeyboardInterrupt:
        complain(f"interrupted: {report.judged:,} of {report.files:,} files judged, {report.invalid:,} not valid")
        raise typer.Exit(EXIT_INTERRUPTED) from None


@contextmanager
def _terminated() -> Iterator[None]:
    """A request to end ends the workers too."""

    def end(*_: object) -> None:
        raise SystemExit(EXIT_TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _writer(shape: Shape, files: Sequence[Path], output: Path | None, *, as_json: bool) -> Callable[[Judged], None]:
    """What happens to the text of each verdict.

    Raises:
        typer.BadParameter: an output without a document, or several XML documents without a folder for them.
    """
    if shape not in _DOCUMENTS:
        if output is not None:
            raise typer.BadParameter("-o goes with --as res or --as problem")
        return _print if shape in (Shape.ADVICE, Shape.JSON) else lambda _: None
    if output is None:
        if len(files) > 1 and shape is Shape.RESPONSE and not as_json:
            raise typer.BadParameter("name a folder with -o for the responses to several files")
        return _print
    if len(files) == 1 and not output.is_dir():
        return lambda one: _write(output, one.text)
    base = Path(os.path.commonpath([file.parent.absolute() for file in files]))
    ending = "xml" if shape is Shape.RESPONSE and not as_json else "json"

    def keep(one: Judged) -> None:
        inside = one.file.absolute().relative_to(base)
        _write(output / inside.with_name(f"{inside.name}.{shape}.{ending}"), one.text)

    return keep


def _print(one: Judged) -> None:
    if one.text:
        typer.echo(one.text.encode())


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"{text}\n".encode())
