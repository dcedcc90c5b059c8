"""The command ``sarhad``: one word per task, an example in every help, never a traceback.

Exit codes: 0 fine, 1 the answer is "no", 2 wrong usage or unreadable input; 130 when interrupted, as shells have it.
The module of a command is imported when the command is called: judging one file needs no database and no web server.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from gateway.cli.output import EXIT_USAGE, complain, examples, say, tell_error
from gateway.errors import GatewayError

DEBUG_VARIABLE = "SARHAD_DEBUG"
"""Environment variable that shows the traceback of an unexpected fault."""

MODULES: dict[str, str] = {
    "demo": "demo",
    "run": "operation",
    "check": "data_folders",
    "formats": "formats",
    "validate": "judging",
    "convert": "converting",
    "mapping": "mappings",
    "codelist": "data_folders",
    "agreement": "agreements",
    "partner": "partners",
    "seal": "envelopes",
    "open": "envelopes",
    "exchange": "exchanges",
    "dispatch": "operation",
    "audit": "audit",
    "feed": "exchanges",
    "bench": "operation",
}
"""Where each command is, in the order of the help."""


class Commands(TyperGroup):
    """The commands of `MODULES`, each loaded when it is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(MODULES)  # type: ignore[assignment] # loaded by get_command

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - part of the interface
        """All commands, without loading them."""
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - part of the interface
        """The command of this name, None where there is none."""
        if cmd_name not in MODULES:
            return None
        if self.commands[cmd_name] is None:
            self.commands.update(_load(MODULES[cmd_name]))
        return self.commands[cmd_name]

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a reader who has gone away ends it quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_USAGE) from None


app = typer.Typer(
    name="sarhad",
    cls=Commands,
    help="Customs data exchange under bilateral agreements: validate, convert, release, seal, deliver, prove.",
    epilog=examples("sarhad demo --no-serve", "sarhad validate inbox/ --json"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"sarhad {metadata.version('sarhad')}")
        raise typer.Exit


@app.callback()
def sarhad(
    version: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Customs data exchange under bilateral agreements: validate, convert, release, seal, deliver, prove."""
    del version


def _load(module: str) -> dict[str, Any]:
    """All commands that one module registers."""
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    import_module(f"gateway.cli.{module}").register(holder)
    return dict(get_group(holder).commands)


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script: runs the command and turns every error into a sentence and an exit code.

    Args:
        arguments: words after the program's name; those of the process when left out.
    """
    try:
        app(args=None if arguments is None else list(arguments), prog_name="sarhad")
    except GatewayError as error:
        sys.exit(tell_error(error))
    except OSError as error:
        complain(f"cannot read or write: {error.strerror or type(error).__name__}: {error.filename or ''}")
        sys.exit(EXIT_USAGE)
    except Exception as error:  # noqa: BLE001 - the last net: whatever it is, no traceback and no value reaches the screen
        complain(f"the program met a fault of its own ({type(error).__name__}); it is not about your message")
        complain(f"what to do: run it again with {DEBUG_VARIABLE}=1 and hand the traceback to the maintainers")
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        sys.exit(EXIT_USAGE)


if __name__ == "__main__":
    run()
