"""``sarhad formats``: the formats known, the tree of one, and random valid instances of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.catalogue import Judging
from gateway.cli.output import Json, emit_json, examples, say, table
from gateway.cli.places import data_root, formats_alone, judging_of
from gateway.formats.description import describe
from gateway.formats.generator import generate
from gateway.formats.library import FormatLibrary
from gateway.formats.naming import format_named, forms_beside


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    lines = (
        "sarhad formats",
        "sarhad formats DEC --depth 2",
        "sarhad formats CRI --find container",
        "sarhad formats cri-3.6 --generate 3 --seed 7 -o instances/",
    )
    app.command("formats", epilog=examples(*lines))(formats)


def formats(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A format or a WCO package (DEC); all are listed without it.")
    ] = None,
    depth: Annotated[
        int | None, typer.Option("--depth", metavar="N", min=1, help="Show so many levels of the tree.")
    ] = None,
    text: Annotated[
        str, typer.Option("--find", metavar="TEXT", help="Show the places whose name, WCO id or meaning holds it.")
    ] = "",
    count: Annotated[
        int, typer.Option("--generate", metavar="N", min=0, help="Write so many random valid instances.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed writes the same instances.")] = 1,
    folder: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for generated instances.")
    ] = Path(),
    json_schema: Annotated[bool, typer.Option("--json-schema", help="Print the JSON Schema of its JSON form.")] = False,  # noqa: FBT002
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List the formats, or describe one.

    The tree of a format shows types, cardinality, WCO ids (with ? when unverified), code lists and the packages that
    the data model marks. A name without version means the newest, the name of a package its canonical format.
    """
    root = data_root()
    if name is None:
        _list(formats_alone(root), json_output=json_output)
        return
    if count:
        _write_instances(judging_of(root), name, count, seed, folder)
        return
    library = formats_alone(root)
    chosen = format_named(library, name)
    if json_schema:
        emit_json(chosen.json_schema())
    elif json_output:
        for entry in chosen.dictionary():
            emit_json(entry.as_json())
    else:
        say(describe(chosen, depth=depth, text=text))
        for other in forms_beside(library, chosen):
            say(f"see also: {other.name}  {other.head.title}")


def _list(library: FormatLibrary, *, json_output: bool) -> None:
    chosen = [library.get(name) for name in library.names()]
    if json_output:
        for each in chosen:
            emit_json(
                {
                    "format": each.name,
                    "title": each.head.title,
                    "syntax": each.head.syntax,
                    "wco_package": each.head.wco_package,
                    "canonical": each.head.canonical,
                    "digest": each.digest,
                }
            )
        return
    table("", ("format", "syntax", "what it is"), [(each.name, each.head.syntax, each.head.title) for each in chosen])


def _write_instances(known: Judging, name: str, count: int, seed: int, folder: Path) -> None:
    chosen = format_named(known.formats, name)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(seed, seed + count):
        message = generate(
            chosen.structure,
            seed=number,
            code_lists=known.code_lists,
            schemes=known.schemes,
            vocabulary=known.vocabulary,
        )
        file = folder / f"{chosen.name}-{number}.{chosen.head.syntax}"
        file.write_bytes(chosen.write(message))
        say(str(file))
