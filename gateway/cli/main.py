"""The command ``sarhad``: one word per task, an example in every help, never a traceback.

Exit codes: 0 fine, 1 the answer is "no", 2 wrong usage or unreadable input.
"""

from __future__ import annotations

import os
import sys

import typer

from gateway.cli import data_folders, demo, exchanges, messages, operation
from gateway.cli.output import EXIT_NO, EXIT_USAGE, complain, show_findings
from gateway.errors import ContentRefused, GatewayError, NotPermitted

app = typer.Typer(
    name="sarhad",
    help="Customs data exchange under bilateral agreements: validate, convert, release, seal, deliver, prove.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (messages, data_folders, exchanges, operation, demo):
    commands.register(app)


def run() -> None:
    """Entry point of the console script: runs the command and turns our errors into exit codes."""
    try:
        app()
    except GatewayError as error:
        place = f" at {error.path}" if error.path else ""
        complain(f"{error.stable_code}{place}: {error.message}")
        if error.remedy:
            complain(f"what to do: {error.remedy}")
        show_findings(error.findings)
        sys.exit(EXIT_NO if isinstance(error, ContentRefused | NotPermitted) else EXIT_USAGE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_USAGE)
    except OSError as error:
        complain(f"cannot read or write: {error.strerror or type(error).__name__}: {error.filename or ''}")
        sys.exit(EXIT_USAGE)


if __name__ == "__main__":
    run()
