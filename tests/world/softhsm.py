"""A token of SoftHSM2, for tests of keys in hardware; they skip where it is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import pytest

FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu")
MODULES = [Path(folder) / "softhsm/libsofthsm2.so" for folder in FOLDERS]
MODULE = next((path for path in MODULES if path.exists()), Path())
TOOL = shutil.which("softhsm2-util") or ""
LABEL, PIN = "ours", "4321"

needs_softhsm = pytest.mark.skipif(
    not (MODULE.is_file() and TOOL and find_spec("pkcs11")), reason="SoftHSM2 or python-pkcs11 is not installed"
)


@contextmanager
def token_in(folder: Path) -> Iterator[Path]:
    """A store of tokens with one, `LABEL`; gives the module. A process has one store: its first."""
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with mock.patch.dict(os.environ, {"SOFTHSM2_CONF": str(config)}):
        command = [TOOL, "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "8765"]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        yield MODULE
