"""``python -m gateway`` and the console script ``sarhad``: the command line, which hears Ctrl-C while it loads."""

from __future__ import annotations

import sys

EXIT_INTERRUPTED = 130
"""What a shell gives for a program that SIGINT has ended (128 + 2)."""


def run() -> None:
    """Load the command line and run it; a Ctrl-C while it is still loading ends without a traceback too."""
    try:
        from gateway.cli.main import run as run_command  # noqa: PLC0415 - loading is the long part that may be interrupted

        run_command()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    run()
