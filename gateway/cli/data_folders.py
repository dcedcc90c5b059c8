"""Commands about the data folders: ``check`` finds every fault at once, ``codelist show`` prints one list."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.catalogue import check_folders, load_catalogue
from gateway.cli.output import EXIT_NO, Json, emit_json, examples, family, say, show_faults, table
from gateway.cli.places import cache_folder, data_root
from gateway.codes.codelists import CodeList, CodeRow
from gateway.errors import NotFound


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("check", epilog=examples("sarhad check", "sarhad check /srv/sarhad --json"))(check)
    codelist = family("Code lists: national codes and their WCO codes.")
    codelist.command("show", epilog=examples("sarhad codelist show iso-4217"))(show)
    codelist.command("list", epilog=examples("sarhad codelist list"))(list_all)
    app.add_typer(codelist, name="codelist")


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Folder that holds the data folders; the project's if not given."),
    ] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Check the data folders, all faults at once.

    Each fault is named with file and row. Exit code 1 when there is one.
    """
    root = folder.resolve() if folder is not None else data_root()
    if not root.is_dir():
        raise NotFound("no such folder", path=str(root), code="usage.no-such-path")
    faults = check_folders(root, cache=cache_folder(root) if folder is None else None)
    if json_output:
        for fault in faults:
            emit_json({name: getattr(fault, name) for name in fault.__slots__})
    else:
        show_faults(faults)
        say(f"{len(faults)} faults" if faults else "no faults")
    if faults:
        raise typer.Exit(EXIT_NO)


def _lists() -> dict[str, CodeList]:
    root = data_root()
    return dict(load_catalogue(root, cache=cache_folder(root)).code_lists)


def list_all(json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """All code lists with their size."""
    lists = _lists()
    if json_output:
        for name, each in sorted(lists.items()):
            emit_json({"name": name, "title": each.title, "rows": len(each.rows)})
        return
    table("", ("list", "rows", "what it is"), [(name, str(len(e.rows)), e.title) for name, e in sorted(lists.items())])


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The list, as schemas and mappings call it.")],
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Only rows in force on this day.")
    ] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """One code list: each national code with its WCO code, validity and source."""
    day = _day(on)
    found = _lists().get(name)
    if found is None:
        raise NotFound(
            "no code list has this name", path=name, remedy="see `sarhad codelist list`", code="codelist.unknown"
        )
    rows = [row for row in found.rows if row.holds_on(day)]
    if json_output:
        for row in rows:
            emit_json(_as_json(row))
        return
    say(f"{found.name}: {found.title}")
    columns = ("national", "WCO", "label", "preferred", "from", "to", "sure", "source")
    table("", columns, [_cells(row) for row in rows])
    say(f"{len(rows)} rows; source: {found.source}")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day is written YYYY-MM-DD", param_hint="--on") from None


def _as_json(row: CodeRow) -> dict[str, Any]:
    return {
        "national": row.national,
        "wco": row.wco,
        "label": row.label,
        "preferred": row.preferred,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "certainty": row.certainty,
        "source": row.source,
    }


def _cells(row: CodeRow) -> tuple[str, ...]:
    dates = tuple("" if day is None else day.isoformat() for day in (row.valid_from, row.valid_to))
    return (row.national, row.wco, row.label, "yes" if row.preferred else "", *dates, row.certainty, row.source)
