"""``sarhad mapping``: the static check of the mapping tables, and how much of each schema they carry."""

from __future__ import annotations

import typer

from gateway.catalogue import check_folders
from gateway.catalogue.folders import MAPPINGS
from gateway.cli.output import EXIT_NO, Json, emit_json, examples, family, say, show_faults, table
from gateway.cli.places import cache_folder, catalogue_of, data_root
from gateway.conversion.check.coverage import Coverage, coverage_of


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    mapping = family("Mappings: the static check, and what they carry.")
    mapping.command("check", epilog=examples("sarhad mapping check"))(check)
    mapping.command("coverage", epilog=examples("sarhad mapping coverage"))(coverage)
    app.add_typer(mapping, name="mapping")


def check(json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Check every mapping table.

    Against its schemas and code lists; each fault is named with file and row.
    """
    root = data_root()
    faults = [one for one in check_folders(root, cache=cache_folder(root)) if one.file.startswith(f"{MAPPINGS}/")]
    if json_output:
        for fault in faults:
            emit_json({name: getattr(fault, name) for name in fault.__slots__})
    else:
        show_faults(faults)
        say(f"{len(faults)} faults in {MAPPINGS}/" if faults else f"{MAPPINGS}/ has no fault")
    if faults:
        raise typer.Exit(EXIT_NO)


def coverage(json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show how much of each schema its mapping carries."""
    root = data_root()
    catalogue = catalogue_of(root)
    found = [
        (mapping.national, coverage_of(mapping.table, catalogue.formats.get(mapping.national).structure))
        for mapping in catalogue.mappings
    ]
    if json_output:
        for release, one in found:
            emit_json(_as_json(release, one))
        return
    columns = ("mapping", "format", "leaves", "both ways", "one way", "dropped", "no row", "both")
    table("", columns, [_row(release, one) for release, one in found])


def _as_json(release: str, found: Coverage) -> dict[str, object]:
    return {
        "mapping": found.mapping,
        "format": release,
        "leaves": found.leaves,
        "both": found.both,
        "one_way": found.one_way,
        "dropped": found.dropped,
        "homeless": list(found.homeless),
    }


def _row(release: str, found: Coverage) -> tuple[str, ...]:
    counts = (found.leaves, found.both, found.one_way, found.dropped, len(found.homeless))
    share = found.both / found.leaves if found.leaves else 0.0
    return (found.mapping, release, *map(str, counts), f"{share:.0%}")
