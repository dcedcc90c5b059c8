"""What the proofs share: everything that judging needs, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.catalogue import Judging, load_judging


@pytest.fixture(name="judging", scope="session")
def judging_fixture(project_root: Path, derived: Path) -> Judging:
    return load_judging(project_root, cache=derived)
