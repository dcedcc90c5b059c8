"""``python -m tests.attacks``: the table of attacks on a running partner port, and what came of each.

Exit code 0 when every row was refused as stated, logged as stated, and nothing answered 500; 1 otherwise.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog

from gateway.cli.output import table
from tests.attacks.table.stage import standing
from tests.attacks.table.table import ROWS
from tests.attacks.table.telling import COLUMNS, cells, summary


def main(arguments: list[str]) -> int:
    """Try the rows and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--kind", default="", help="rows of one class only, such as framing")
    parser.add_argument("--failures", action="store_true", help="show only what was not refused as stated")
    chosen = parser.parse_args(arguments)
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, standing(Path(folder)) as stage:
        verdicts = [stage.judge(row) for row in ROWS if chosen.kind in {"", row.kind}]
    shown = [verdict for verdict in verdicts if verdict.faults or not chosen.failures]
    table("", COLUMNS, [cells(number, verdict) for number, verdict in enumerate(shown, 1)])
    text, code = summary(verdicts)
    sys.stdout.write(f"{text}; {time.monotonic() - start:.0f} s\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
