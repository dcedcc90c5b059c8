"""Commands about messages and formats: ``validate``, ``convert``, ``formats``, ``mapping``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.catalogue import Catalogue, load_catalogue, load_library
from gateway.cli.output import EXIT_NO, EXIT_USAGE, complain, emit_json, say, show_findings, table
from gateway.cli.places import cache_folder, data_root, message_files
from gateway.cli.translation import translate
from gateway.conversion.check.coverage import coverage_of
from gateway.errors import GatewayError
from gateway.findings import Finding, Layer, Severity
from gateway.formats.description import describe
from gateway.formats.generator import generate
from gateway.formats.library import FormatLibrary
from gateway.validation.verdict import Verdict, verdict

Paths = Annotated[list[Path], typer.Argument(help="Files or folders.")]
Json = Annotated[bool, typer.Option("--json", help="Machine output, one JSON document a line.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("validate", epilog="Example: sarhad validate inbox/ --json")(validate)
    app.command("convert", epilog="Example: sarhad convert gd.json --to dec-3.6 --report account.json")(convert)
    app.command("formats", epilog="Example: sarhad formats cri-3.6 --generate 3 --seed 7")(formats)
    mapping = typer.Typer(help="Mappings: what they carry.", no_args_is_help=True)
    mapping.command("coverage", epilog="Example: sarhad mapping coverage")(mapping_coverage)
    app.add_typer(mapping, name="mapping")


def validate(
    paths: Paths,
    format_name: Annotated[str | None, typer.Option("--format", help="Judge as this format.")] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Judge messages: one verdict a file, with findings that say where, what was expected and what to do."""
    root = data_root()
    library = load_library(root, cache=cache_folder(root))
    counts = {True: 0, False: 0}
    for file in message_files(paths):
        judged = _judge(library, file, format_name)
        counts[judged.valid] += 1
        if json_output:
            emit_json(_as_json(file, judged))
        else:
            say(f"{file}: {'valid' if judged.valid else 'NOT valid'}{f' as {judged.format}' if judged.format else ''}")
            show_findings(judged.findings)
    if not sum(counts.values()):
        complain("no message found: files end in .xml or .json")
        raise typer.Exit(EXIT_USAGE)
    if not json_output and sum(counts.values()) > 1:
        say(f"{counts[True]} valid, {counts[False]} not valid")
    if counts[False]:
        raise typer.Exit(EXIT_NO)


def _judge(library: FormatLibrary, file: Path, format_name: str | None) -> Verdict:
    try:
        return verdict(library, file.read_bytes(), format_name)
    except GatewayError as error:
        refused = Finding(
            severity=Severity.ERROR,
            code=error.stable_code,
            layer=Layer.PARSE,
            path=error.path,
            message=error.message,
            remedy=error.remedy,
        )
        return Verdict(valid=False, format="", profile="", findings=error.findings or (refused,), tree=None, syntax="")


def _as_json(file: Path, judged: Verdict) -> dict[str, Any]:
    return {
        "file": str(file),
        "valid": judged.valid,
        "format": judged.format,
        "profile": judged.profile,
        "findings": [finding.as_json() for finding in judged.findings],
    }


def convert(
    path: Annotated[Path, typer.Argument(help="The message.")],
    to: Annotated[str, typer.Option("--to", help="A format, or json or xml for the same message in that syntax.")],
    source: Annotated[str | None, typer.Option("--from", help="The message's format, when it is not to be guessed.")]
    = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; standard output if not given.")]
    = None,
    report: Annotated[Path | None, typer.Option("--report", help="File for the account of the conversion.")] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Convert a message to another format or syntax, with an account of every leaf."""
    root = data_root()
    catalogue = load_catalogue(root, cache=cache_folder(root))
    done = translate(catalogue, path.read_bytes(), source, to)
    if report is not None:
        report.write_bytes(orjson.dumps(done.report, option=orjson.OPT_INDENT_2))
    if json_output:
        findings = [finding.as_json() for finding in done.findings]
        emit_json({"from": done.source, "to": done.target, "converted": done.data is not None, "findings": findings})
    elif done.findings:
        complain(f"{path}: {len(done.findings)} findings")
    if done.data is None:
        if not json_output:
            show_findings(done.findings)
        raise typer.Exit(EXIT_NO)
    if output is not None:
        output.write_bytes(done.data)
    elif not json_output:
        typer.echo(done.data.decode("utf-8"))


def formats(
    name: Annotated[str | None, typer.Argument(help="A format; all are listed without it.")] = None,
    generate_count: Annotated[int, typer.Option("--generate", min=0, help="Write so many random valid instances.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed writes the same instances.")] = 1,
    folder: Annotated[Path, typer.Option("-o", "--output", help="Folder for generated instances.")] = Path(),
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """The formats known, or the tree of one with types, cardinality, WCO ids and code lists."""
    root = data_root()
    library = load_library(root, cache=cache_folder(root))
    if name is None:
        _list_formats(library, json_output=json_output)
        return
    chosen = library.get(name)
    if generate_count:
        _write_instances(load_catalogue(root, cache=cache_folder(root)), name, generate_count, seed, folder)
    elif json_output:
        for entry in chosen.dictionary():
            emit_json(entry.as_json())
    else:
        say(describe(chosen))


def _list_formats(library: FormatLibrary, *, json_output: bool) -> None:
    chosen = [library.get(name) for name in library.names()]
    if json_output:
        for each in chosen:
            emit_json({"format": each.name, "title": each.head.title, "syntax": each.head.syntax})
        return
    table("", ("format", "syntax", "what it is"), [(each.name, each.head.syntax, each.head.title) for each in chosen])


def _write_instances(catalogue: Catalogue, name: str, count: int, seed: int, folder: Path) -> None:
    chosen = catalogue.formats.get(name)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        message = generate(
            chosen.structure,
            seed=seed + number,
            code_lists=catalogue.code_lists,
            schemes=catalogue.schemes,
            vocabulary=catalogue.vocabulary,
        )
        file = folder / f"{name}-{seed + number}.{chosen.head.syntax}"
        file.write_bytes(chosen.write(message))
        say(str(file))


def mapping_coverage(json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """How much of each national schema its mapping carries, leaf by leaf."""
    root = data_root()
    catalogue = load_catalogue(root, cache=cache_folder(root))
    rows = []
    for mapping in catalogue.mappings:
        for release in mapping.table.national:
            found = coverage_of(mapping.table, catalogue.formats.get(release).structure)
            share = found.both / found.leaves if found.leaves else 0.0
            if json_output:
                emit_json(
                    {
                        "mapping": found.mapping,
                        "format": release,
                        "leaves": found.leaves,
                        "both": found.both,
                        "one_way": found.one_way,
                        "dropped": found.dropped,
                        "homeless": list(found.homeless),
                    }
                )
            rows.append(
                (found.mapping, release, *map(str, (found.leaves, found.both, found.one_way, found.dropped)),
                 str(len(found.homeless)), f"{share:.0%}")
            )  # fmt: skip
    if not json_output:
        columns = ("mapping", "format", "leaves", "both ways", "one way", "dropped", "no row", "both")
        table("", columns, rows)
