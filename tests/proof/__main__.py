"""``python -m tests.proof``: the counts of real messages and the matrix of damages, as text.

Without real messages (``--samples``, else where the tests look for them) all are generated, and it says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from gateway.catalogue import load_judging
from tests.proof import counts, matrix
from tests.proof.subjects import generated, packages, samples

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "samples" / "wco-dms-3.6"
MESSAGES = 60
PLACES = 4
RIGHT = 0.99


def main(arguments: list[str]) -> int:
    """Print everything; 1 when a damage goes unseen or too few are shown at the right place."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--samples", type=Path, default=BESIDE, help="folder of real messages")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="messages that are damaged")
    parser.add_argument("--places", type=int, default=PLACES, help="random places of each kind in each message")
    parser.add_argument("--failures", action="store_true", help="name each damage that is not shown as it should be")
    chosen = parser.parse_args(arguments)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as cache:
        judging = load_judging(ROOT, cache=Path(cache))
    real = []
    if chosen.samples.is_dir():
        _say(counts.table(counts.count(chosen.samples, judging)))
        real = samples(chosen.samples, judging, chosen.messages // 2)
    made = generated(judging, chosen.messages - len(real))
    _say(f"\n{len(real)} real messages and {len(made)} generated over {', '.join(packages(judging))}")
    if not real:
        _say("(no real messages are there: all are generated)")
    rows = []
    for title, find in (("XML", matrix.xml_rows), ("JSON", matrix.json_rows)):
        found = find(judging, [*real, *made], chosen.places)
        _say(f"\n{matrix.table(title, found)}")
        rows += found
    if chosen.failures:
        _say("\n".join(f"{row.kind}: {failure}" for row in rows for failure in row.failures))
    done, seen, right = (sum(getattr(row, name) for row in rows) for name in ("done", "found", "right"))
    good = seen == done and right >= RIGHT * done
    _say(f"\n{done} damages, {done - seen} unseen, {done - right} not first at the right place")
    _say(f"{'as asked' if good else 'NOT AS ASKED'}, in {time.monotonic() - start:.0f} s")
    return 0 if good else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
