"""The lines of a how-to page, typed as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```\n((?:cp|sed|cat|sarhad) .*?)^```$", re.MULTILINE | re.DOTALL)
REFUSED = ", exit code 1"


@pytest.mark.parametrize("page", ["amend-a-declaration.md"])
def test_every_line_does_what_the_page_says(project_root: Path, tmp_path: Path, page: str) -> None:
    (tmp_path / "tests").symlink_to(project_root / "tests")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {"SARHAD_ROOT": str(project_root), "PATH": path, "HOME": str(tmp_path)}
    blocks = BLOCK.findall((project_root / "docs" / "howto" / page).read_text(encoding="utf-8"))
    assert len(blocks) >= 5
    for block in blocks:
        done = subprocess.run(
            ["bash", "-e", "-c", block], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert done.returncode == (1 if REFUSED in block else 0), block + done.stdout + done.stderr
    assert (tmp_path / "amended.json").is_file()


def test_what_the_page_shows_is_what_the_program_prints(project_root: Path, tmp_path: Path) -> None:
    """The table of differences on the page, with the version's digest."""
    (tmp_path / "tests").symlink_to(project_root / "tests")
    text = (project_root / "docs" / "howto" / "amend-a-declaration.md").read_text(encoding="utf-8")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {"SARHAD_ROOT": str(project_root), "PATH": path, "HOME": str(tmp_path)}
    first_three = "\n".join(BLOCK.findall(text)[:3])
    done = subprocess.run(
        ["bash", "-e", "-c", first_three], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True
    )
    shown = done.stdout[done.stdout.index("amendment.json: amendment") :]
    assert shown.strip() in text
