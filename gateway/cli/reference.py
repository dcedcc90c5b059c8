"""``sarhad reference``: the pages of ``docs/reference`` that are made from schemas, rules and code lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.catalogue import Judging
from gateway.cli.output import EXIT_NO, complain, examples, say
from gateway.cli.places import data_root, judging_of
from gateway.codes.codelists import CodeList
from gateway.formats.format import Format
from gateway.formats.reference import format_page, index_page, markdown_table, page_name
from gateway.validation.rule import Rule

FOLDER = Path("docs/reference")
FORMATS = "wco"
_MADE = "Made from the data folders by `sarhad reference`; do not edit."


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
    """Write the reference pages of the WCO forms, the business rules and the code lists.

    A page says only what the data folders say. Write them anew after each change of a schema, a rule or a code list.
    """
    root = data_root()
    known = judging_of(root)
    target = folder if folder is not None else root / FOLDER
    stale = 0
    for name, text in pages(known):
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


def pages(known: Judging) -> Iterator[tuple[str, str]]:
    """All pages, each with its name below the folder.

    Args:
        known: formats, rules and code lists.
    """
    formats = forms(known)
    yield f"{FORMATS}/README.md", index_page(formats)
    for one in formats:
        yield f"{FORMATS}/{page_name(one)}", format_page(one)
    yield "rules.md", rules_page(known.rules.rules, formats)
    yield "codelists.md", lists_page(tuple(known.code_lists.values()))


def forms(known: Judging) -> tuple[Format, ...]:
    """The forms of the WCO Data Model among the formats."""
    every = (known.formats.get(name) for name in known.formats.names())
    return tuple(one for one in every if one.head.wco_package)


def rules_page(rules: tuple[Rule, ...], formats: tuple[Format, ...]) -> str:
    """The page of the business rules."""
    columns = ("id", "severity", "looks at", "for", "what must hold", "what to do", "source")
    rows = [
        (
            f"`{one.id}`",
            one.severity.value,
            ", ".join(f"`{place}`" for place in one.at),
            ", ".join((*one.packages, *one.formats)) or "all",
            one.text,
            one.remedy,
            one.source,
        )
        for one in sorted(rules, key=lambda rule: rule.id)
    ]
    graded = [
        (f"`{rule_id}`", each.name, grade) for each in formats for rule_id, grade in sorted(each.head.rules.items())
    ]
    parts = [
        "# Business rules",
        "",
        _MADE,
        "",
        "A rule is judged when the schema accepts the message. Only an error makes a message invalid.",
        "",
        *markdown_table(columns, rows),
    ]
    if graded:
        parts += ["", "## Graded otherwise by a form", "", *markdown_table(("rule", "form", "grade"), graded)]
    return "\n".join(parts) + "\n"


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
        _MADE,
        "",
        "A code that is missing in a complete list is wrong. One that is missing in another list may merely not be",
        "loaded, so that only a warning is given; `sarhad codelist import` loads an official release.",
        "",
    ]
    return "\n".join([*head, *markdown_table(columns, rows)]) + "\n"
