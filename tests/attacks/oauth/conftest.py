from __future__ import annotations

import pytest

from tests.attacks.oauth.parties import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()
