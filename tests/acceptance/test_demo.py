"""The demo as its user runs it: it ends well; in `make soak` also: the same seed tells the same story."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def run_demo(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", "demo", "--no-serve", "--seed", "3"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)


def told(output: str) -> list[str]:
    """What it prints without clock times, and without the counts of what goes on until the keys have changed."""
    story, _, after = output.partition("Keys of both sides changed while messages went both ways")
    _, _, end = after.partition("none refused\n")
    lines = [re.sub(r"^ *\d+\.\d s ", "", line) for line in (story + end).splitlines()]
    return [line for line in lines if not line.startswith(("log: ", "feed of "))]


def test_the_demo_ends_well(project_root: Path) -> None:
    first = run_demo(project_root)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "verified: 0 problems" in first.stdout
    assert re.search(r"^keys changed under [1-9]\d* messages: none lost, none refused$", first.stdout, re.MULTILINE)
    assert re.search(r"^(\d+) messages, \1 ended as they should$", first.stdout, re.MULTILINE)
    if os.environ.get("SARHAD_SOAK"):
        assert told(first.stdout) == told(run_demo(project_root).stdout)
