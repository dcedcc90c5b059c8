"""``sarhad reference``: the pages of ``docs/reference`` made from schemas, rules, code lists and the program itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from gateway.catalogue import Judging
from gateway.catalogue.lists import shipped_lists
from gateway.cli import conformance_page
from gateway.cli.command_page import PAGE, command_page
from gateway.cli.output import EXIT_NO, complain, examples, say
from gateway.cli.places import data_root, judging_of
from gateway.cli.rules_page import MADE, rules_page
from gateway.codes.codelists import CodeList
from gateway.formats.format import Format
from gateway.formats.reference import format_page, index_page, markdown_table, page_name

FOLDER = Path("docs/reference")
FORMATS = "wco"


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("reference", epilog=examples("sarhad reference", "sarhad reference --check"))(reference)


def reference(
    folder: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder of the pages; docs/reference if not given."),
    ] = None,
    check: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--check", help="Write nothing; exit with 1 where a page is stale.")
    ] = False,
) -> None:
    """Write the reference pages of the WCO forms, the business rules, the code lists and the command line.

    A page says only what the data folders and the program say. Write them anew after each change of a schema, a rule,
    a code list or a command.
    """
    root = data_root()
    known = judging_of(root)
    target = folder if folder is not None else root / FOLDER
    stale = 0
    for name, text in pages(known, shipped_lists(root)):
        file = target / name
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if check:
            complain(f"{file}: stale")
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        say(str(file))
    if check and stale:
        raise typer.Exit(EXIT_NO)


def pages(known: Judging, lists: Mapping[str, CodeList]) -> Iterator[tuple[str, str]]:
    """All pages, each with its name below the folder.

    Args:
        known: formats and rules.
        lists: code lists as they ship, so that a page does not depend on what was imported here.
    """
    formats = forms(known)
    yield f"{FORMATS}/README.md", index_page(formats)
    for one in formats:
        yield f"{FORMATS}/{page_name(one)}", format_page(one)
    yield "rules.md", rules_page(known.rules.rules, formats)
    yield "codelists.md", lists_page(tuple(lists.values()))
    yield PAGE, command_page()
    yield conformance_page.PAGE, conformance_page.conformance_page()


def forms(known: Judging) -> tuple[Format, ...]:
    """The forms of the WCO Data Model among the formats."""
    every = (known.formats.get(name) for name in known.formats.names())
    return tuple(one for one in every if one.head.wco_package)


def lists_page(lists: tuple[CodeList, ...]) -> str:
    """The page of the code lists."""
    rows = [
        (
            f"`{one.name}`",
            one.title,
            str(len(one.rows)),
            "yes" if one.complete else "no",
            one.version,
            one.released.isoformat() if one.released else "",
            one.source,
        )
        for one in sorted(lists, key=lambda each: each.name)
    ]
    columns = ("list", "what it is", "rows", "complete", "version", "released", "source")
    head = [
        "# Code lists",
        "",
        MADE,
        "",
        "A code that is missing in a complete list is wrong. One that is missing in another list may merely not be",
        "loaded, so that only a warning is given; `sarhad codelist import` loads an official release.",
        "",
    ]
    return "\n".join([*head, *markdown_table(columns, rows)]) + "\n"
