"""``sarhad codelist``: which code lists are in force, one of them, and the import of an official release."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from gateway.catalogue.imported_lists import IMPORTED, gather, install, refuse_older
from gateway.catalogue.lists import lists_alone
from gateway.cli.output import EXIT_NO, Json, complain, emit_json, examples, family, say, show_faults, table
from gateway.cli.places import data_root
from gateway.codes.codelists import CodeList, CodeRow
from gateway.codes.release_forms import STANDARDS
from gateway.codes.releases import Release, Standard, read_release
from gateway.errors import NotFound
from gateway.findings import Fault

_PACKAGES = STANDARDS["rec21"].list_name


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    codelist = family("Code lists: which are in force, what they hold, and the import of official releases.")
    codelist.command("show", epilog=examples("sarhad codelist show iso-4217", "sarhad codelist show unlocode PKKHI"))(
        show
    )
    codelist.command("list", epilog=examples("sarhad codelist list"))(list_all)
    codelist.command(
        "import",
        epilog=examples("sarhad codelist import unlocode loc241csv.zip --version 2024-1 --released 2024-07-01"),
    )(import_release)
    app.add_typer(codelist, name="codelist")


def list_all(json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """All code lists in force: size, edition, whether they are complete, and whether they were imported."""
    lists = sorted(lists_alone(data_root()).items())
    if json_output:
        for _, each in lists:
            emit_json(_head_as_json(each))
        return
    columns = ("list", "rows", "complete", "version", "released", "from", "what it is")
    table("", columns, [(name, *_head_cells(each), each.title) for name, each in lists])


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The list, as schemas and mappings call it.")],
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="Only rows of this code, on either side.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Only rows in force on this day.")
    ] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """One code list: each national code with its WCO code, validity and source.

    With a code, exit code 1 when the list does not hold it.
    """
    day = None if on is None else _day(on, "--on")
    found = lists_alone(data_root()).get(name)
    if found is None:
        raise NotFound(
            "no code list has this name", path=name, remedy="see `sarhad codelist list`", code="codelist.unknown"
        )
    rows = [row for row in _rows(found, code) if row.holds_on(day)]
    if json_output:
        for row in rows:
            emit_json(_as_json(row))
    else:
        _show(found, rows)
    if code is not None and not rows:
        complain(_missing(found))
        raise typer.Exit(EXIT_NO)


def import_release(
    standard: Annotated[str, typer.Argument(metavar="STANDARD", help="Which standard: " + ", ".join(STANDARDS) + ".")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Its CSV files, a folder of them, or their zip archive.")
    ],
    version: Annotated[str, typer.Option("--version", metavar="TEXT", help="Its edition, such as 2024-1.")],
    released: Annotated[str, typer.Option("--released", metavar="YYYY-MM-DD", help="The day on which it came out.")],
    folder: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help=f"Where to write the list; {IMPORTED} if not given."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Take it although a newer one is in force.")] = False,  # noqa: FBT002
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Import the official release of a code list: UN/LOCODE, or Recommendation 20 or 21 saved as CSV.

    The release is read whole or refused whole: every fault is named with file and line, and then nothing is written.
    The list takes the place of the shipped one. A gateway that runs uses it after a restart; `sarhad check` tells
    beforehand whether mappings still find their codes.
    """
    chosen = STANDARDS.get(standard)
    if chosen is None:
        raise typer.BadParameter("the standards are " + ", ".join(STANDARDS), param_hint="STANDARD")
    day = _day(released, "--released")
    root = data_root()
    in_force = lists_alone(root)
    packages = in_force.get(_PACKAGES) if chosen.adds_packages else None
    release, faults = read_release(
        chosen, gather(files, chosen.wants), version=version, released=day, packages=_labels(packages)
    )
    if release is None:
        _refuse(faults, json_output=json_output)
    if not force:
        refuse_older(release, in_force.get(release.list_name))
    written, _ = install(release, folder or root / IMPORTED)
    _tell(release, chosen, written, in_force.get(release.list_name), json_output=json_output)


def _refuse(found: list[Fault], *, json_output: bool) -> NoReturn:
    if json_output:
        for fault in found:
            emit_json({name: getattr(fault, name) for name in fault.__slots__})
    else:
        show_faults(found)
        say(f"{len(found)} faults, nothing was written")
    raise typer.Exit(EXIT_NO)


def _tell(release: Release, standard: Standard, file: Path, before: CodeList | None, *, json_output: bool) -> None:
    if json_output:
        emit_json(
            {
                "name": release.list_name,
                "rows": release.rows,
                "complete": release.complete,
                "version": release.version,
                "released": release.released,
                "file": str(file),
                "replaces": None if before is None else before.version,
                "rows_before": None if before is None else len(before.rows),
            }
        )
        return
    say(f"{release.list_name} {release.version}: {release.rows} codes written to {file}")
    if before is not None:
        say(f"it takes the place of {before.version or 'a list without a version'} with {len(before.rows)} codes")
    if release.complete:
        say("it is a full release: a code that is not in it is an error from now on")
    else:
        say(
            f"it is an extract (a full release has more than {standard.smallest} codes): "
            "a code that is not in it stays a warning"
        )


def _labels(packages: CodeList | None) -> dict[str, str]:
    return {} if packages is None else {row.wco: row.label for row in packages.rows if row.holds_on(None)}


def _rows(found: CodeList, code: str | None) -> Iterable[CodeRow]:
    return found.rows if code is None else found.rows_of(code)


def _missing(found: CodeList) -> str:
    if found.complete:
        return f"{found.name} is complete and does not hold this code"
    return f"{found.name} does not hold this code, but it is not complete: import its full release"


def _show(found: CodeList, rows: list[CodeRow]) -> None:
    say(f"{found.name}: {found.title}")
    columns = ("national", "WCO", "label", "preferred", "from", "to", "sure", "source")
    table("", columns, [_cells(row) for row in rows])
    say(f"{len(rows)} rows; source: {found.source}")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day is written YYYY-MM-DD", param_hint=option) from None


def _origin(found: CodeList) -> str:
    return "imported" if found.digest else "shipped"


def _head_cells(found: CodeList) -> tuple[str, ...]:
    day = "" if found.released is None else found.released.isoformat()
    return (str(len(found.rows)), "yes" if found.complete else "no", found.version, day, _origin(found))


def _head_as_json(found: CodeList) -> dict[str, Any]:
    return {
        "name": found.name,
        "title": found.title,
        "rows": len(found.rows),
        "complete": found.complete,
        "version": found.version,
        "released": found.released,
        "from": _origin(found),
        "source": found.source,
        "digest": found.digest,
    }


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
