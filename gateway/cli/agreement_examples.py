"""``sarhad agreement test``: the examples beside the agreements, one line each."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.catalogue import check_folders
from gateway.catalogue.folders import AGREEMENTS, DataFolders
from gateway.cli.output import EXIT_NO, Json, complain, emit_json, examples, say, show_faults
from gateway.cli.places import cache_folder, data_root
from gateway.errors import NotFound


def register_under(agreement: typer.Typer) -> None:
    """Add the command to those of ``sarhad agreement``."""
    lines = ("sarhad agreement test", "sarhad agreement test aa-xx-manifest")
    agreement.command("test", epilog=examples(*lines))(run_examples)


def run_examples(
    name: Annotated[str, typer.Argument(metavar="AGREEMENT", help="Only this agreement's examples.")] = "",
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Run the examples beside each agreement.

    They say what must be allowed and what must be refused. Exit code 1 when one comes out otherwise.
    """
    folders = DataFolders(data_root())
    files = [folders.name(path) for path in folders.find(AGREEMENTS, "*.examples/*.toml")]
    chosen = [file for file in files if file.startswith(f"{AGREEMENTS}/{name}")]
    if not chosen:
        raise NotFound("no examples lie beside this agreement", path=name, code="agreement.no-examples")
    faults = check_folders(folders.root, cache=cache_folder(folders.root))
    others = [fault for fault in faults if fault.file not in files]
    if others:
        complain(f"the data folders hold {len(others)} other faults; see `sarhad check`")
    bad = False
    for file in chosen:
        found = [fault for fault in faults if fault.file == file]
        bad = bad or bool(found)
        if json_output:
            emit_json({"example": file, "holds": not found, "faults": [fault.message for fault in found]})
            continue
        say(f"{'FAILS' if found else 'holds'}  {file}")
        show_faults(found)
    if not json_output:
        say(f"{len(chosen)} examples")
    if bad or others:
        raise typer.Exit(EXIT_NO)
