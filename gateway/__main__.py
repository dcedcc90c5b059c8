"""``python -m gateway`` and the console script ``sarhad``: the command line, which heeds Ctrl-C while it loads."""

from __future__ import annotations

import sys

from gateway.cli.interrupts import ended_at_once

EXIT_INTERRUPTED = 130
"""What a shell gives for a program that SIGINT has ended (128 + 2)."""


def run() -> None:
    """Load the command line and run it; a Ctrl-C ends it without a traceback, also while it is still loading."""
    try:
        with ended_at_once():
            from gateway.cli.main import run as run_command  # noqa: PLC0415 - loading is the long part

        run_command()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    run()
