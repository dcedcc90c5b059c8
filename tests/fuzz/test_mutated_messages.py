"""Mutated messages through the whole reading path: a verdict or an error of our tree, never anything else.

Runs a second a format in the suite; ``make fuzz`` sets SARHAD_FUZZ_SECONDS for a real campaign. What it finds becomes a
named vector in tests/attacks.
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

SECONDS = float(os.environ.get("SARHAD_FUZZ_SECONDS", "1"))
SPICES = (
    b"<", b">", b"&", b"\x00", b"\xff", b"\xed\xa0\x80", b"]]>", b"<!--", b"<!DOCTYPE x>", b"<?xml?>", b"&x;", b'"',
    b"'", b"{", b"}", b"[", b"]", b"\\u0000", b"\\ud800", b"1e400", b"NaN", b"-0", b"9" * 400, b" ", b"\t", b"\xc2\xa0",
    b"xmlns:a='urn:a'", b"xsi:nil='true'", b"null", b"true", b"\xef\xbb\xbf",
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return load_catalogue(project_root, cache=tmp_path_factory.mktemp("cache"))


def format_names() -> list[str]:
    heads = Path(__file__).resolve().parents[2].glob("wco_schemas/**/*.format.toml")
    return sorted(head.name.removesuffix(".format.toml") for head in heads)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four cuts, doublings, swaps or insertions anywhere."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((1, 2, 5, 20, 100)))
        match chance.randrange(5):
            case 0:
                data = data[:start] + data[end:]
            case 1:
                data = data[:start] + data[start:end] * chance.choice((2, 3, 50)) + data[end:]
            case 2:
                data = data[:start] + chance.choice(SPICES) + data[end:]
            case 3:
                data = data[:start] + bytes(chance.randrange(256) for _ in range(3)) + data[end:]
            case _:
                data = data[end:] + data[:start]
    return data


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
                refused += not verdict(catalogue.formats, mutated(written, chance)).valid
            except GatewayError:
                refused += 1
    assert tried
    assert refused
