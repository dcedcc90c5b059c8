"""The command ``sarhad``: one word per task, an example in every help, never a traceback.

Exit codes: 0 fine, 1 the answer is "no", 2 wrong usage or unreadable input; 130 when interrupted, as shells have it.
The module of a command is imported when the command is called: judging one file needs no database and no web server.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module, metadata
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group

from gateway.cli.interrupts import ended_at_once
from gateway.cli.output import EXIT_USAGE, complain, examples, say, tell_error
from gateway.errors import GatewayError

DEBUG_VARIABLE = "SARHAD_DEBUG"
"""Environment variable that shows the traceback of an unexpected fault."""


class Entry(NamedTuple):
    """Where a command is, and what the program's help says of it without loading it."""

    module: str
    sentence: str


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry(
        "demo", "Exchange messages with simulated partners, good and bad, both ways, and show what became of each."
    ),
    "run": Entry("operation", "Serve both ports and the dispatcher."),
    "check": Entry("data_folders", "Check the data folders, all faults at once."),
    "formats": Entry("formats", "List the formats, or describe one."),
    "validate": Entry("judging", "Judge messages, one verdict a file."),
    "rules": Entry("rules", "List the business rules, or tell one in full."),
    "convert": Entry("converting", "Convert a message to another format or syntax."),
    "amend": Entry("amending", "Apply amendments and a cancellation to a declaration."),
    "amendment": Entry("amending", "Write the amendment that turns one version of a declaration into another."),
    "mapping": Entry("mappings", "Mappings: the static check, and what they carry."),
    "codelist": Entry(
        "codelists", "Code lists: which are in force, what they hold, and the import of official releases."
    ),
    "agreement": Entry("agreements", "Agreements: what may be exchanged with whom, for what, until when."),
    "partner": Entry("partners", "Partners: their profiles and keys."),
    "seal": Entry("envelopes", "Sign a document and encrypt it to a partner."),
    "open": Entry("envelopes", "Decrypt a sealed message, verify its signer."),
    "exchange": Entry("exchanges", "Exchanges: what was sent and received, and what became of it."),
    "dispatch": Entry("operation", "Dispatch: lanes, dead letters and the kill switch."),
    "audit": Entry("audit", "Audit: verify the log, sign checkpoints."),
    "feed": Entry("exchanges", "Feeds: accepted messages as the risk system reads them."),
    "reference": Entry(
        "reference",
        "Write the reference pages of the WCO forms, the business rules, the code lists and the command line.",
    ),
    "bench": Entry("operation", "Run the benchmarks of the folder benchmarks."),
}
"""All commands, in the order of the help."""


class Commands(TyperGroup):
    """The commands of `COMMANDS`, each loaded when it is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment] # loaded by get_command

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - part of the interface
        """All commands, without loading them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - part of the interface
        """The command of this name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        if self.commands[cmd_name] is None:
            self.commands.update(_load(COMMANDS[cmd_name].module))
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - part of the interface
        """The list of commands in the help, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.sentence) for name, entry in COMMANDS.items()])

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
    with ended_at_once():
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
