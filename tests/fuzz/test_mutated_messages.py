"""Mutated messages through the whole reading path: a verdict or an error of our tree, never anything else.

Runs a moment for each format in the suite; ``make fuzz`` sets SARHAD_FUZZ_SECONDS for a real campaign. What it finds
becomes a named vector in tests/attacks.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from gateway.catalogue import Catalogue, load_catalogue
from gateway.errors import GatewayError
from gateway.simulator.messages import generated
from gateway.validation.verdict import verdict
from tests.fuzz.mutations import in_bytes

SECONDS = float(os.environ.get("SARHAD_FUZZ_SECONDS", "0.3"))


@pytest.fixture(scope="module")
def catalogue(project_root: Path, derived: Path) -> Catalogue:
    return load_catalogue(project_root, cache=derived)


def format_names() -> list[str]:
    heads = Path(__file__).resolve().parents[2].glob("wco_schemas/**/*.format.toml")
    return sorted(head.name.removesuffix(".format.toml") for head in heads)


@pytest.mark.parametrize("stem", format_names())
def test_nothing_but_a_verdict_or_an_error_of_ours(catalogue: Catalogue, stem: str) -> None:
    name = next(each for each in catalogue.formats.names() if each == stem or each.startswith(f"{stem}-"))
    chosen = catalogue.formats.get(name)
    chance = random.Random(stem)
    until, tried, refused = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < until:
        message = generated(catalogue, name, chance.randrange(10**6), 0.3)
        written = chosen.write(message) if chance.random() < 0.7 else chosen.to_json(message)
        for _ in range(20):
            tried += 1
            try:
                refused += not verdict(catalogue.formats, in_bytes(written, chance)).valid
            except GatewayError:
                refused += 1
    assert tried
    assert refused
