"""The lines of a how-to page, typed as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```\n((?:cp|sed|cat|sarhad) .*?)^```$", re.MULTILINE | re.DOTALL)
REFUSED = ", exit code 1"


def test_every_line_does_what_the_page_says_and_shows(project_root: Path, tmp_path: Path) -> None:
    """Among them the table of differences, with the version's digest."""
    (tmp_path / "tests").symlink_to(project_root / "tests")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {"SARHAD_ROOT": str(project_root), "PATH": path, "HOME": str(tmp_path)}
    text = (project_root / "docs" / "howto" / "amend-a-declaration.md").read_text(encoding="utf-8")
    blocks, said = BLOCK.findall(text), list[str]()
    assert len(blocks) >= 5
    for block in blocks:
        done = subprocess.run(
            ["bash", "-e", "-c", block], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert done.returncode == (1 if REFUSED in block else 0), block + done.stdout + done.stderr
        said.append(done.stdout)
    assert (tmp_path / "amended.json").is_file()
    first_three = "".join(said[:3])
    assert first_three[first_three.index("amendment.json: amendment") :].strip() in text
