"""The command about the data folders: ``check`` finds every fault at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.catalogue import check_folders
from gateway.cli.output import EXIT_NO, Json, emit_json, examples, say, show_faults
from gateway.cli.places import CACHE_VARIABLE, cache_folder, data_root
from gateway.errors import NotFound


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("check", epilog=examples("sarhad check", "sarhad check /srv/sarhad --json"))(check)


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
    own = folder is None or CACHE_VARIABLE in os.environ  # nothing is written into a folder that is only looked at
    faults = check_folders(root, cache=cache_folder(root) if own else None)
    if json_output:
        for fault in faults:
            emit_json({name: getattr(fault, name) for name in fault.__slots__})
    else:
        show_faults(faults)
        say(f"{len(faults)} faults" if faults else "no faults")
    if faults:
        raise typer.Exit(EXIT_NO)
