from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.formats import format as format_module
from gateway.formats.format import Format, load_format
from gateway.formats.structure_cache import load_structure, save_structure


def test_a_structure_comes_back_equal_and_shared(cargo: Format, tmp_path: Path) -> None:
    save_structure(tmp_path, cargo.structure, "d" * 64)
    again = load_structure(tmp_path, "d" * 64)
    assert again == cargo.structure
    assert again is not None
    assert again.find("Line/Gross/") is None
    assert list(again.root.walk()) == list(cargo.structure.root.walk())


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"version": 0}', b'{"version": 1, "digest": "%s", "elements": [{}], "root": 0}' % (b"d" * 64)],
)
def test_a_damaged_cache_gives_nothing(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / f"structure-{'d' * 64}.json").write_bytes(damage)
    assert load_structure(tmp_path, "d" * 64) is None


def test_load_format_uses_and_mends_the_cache(
    write_format: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, cache = write_format(), tmp_path / "cache"
    first = load_format(head, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(b"damaged")
    assert load_format(head, cache=cache).structure == first.structure
    assert kept.read_bytes() != b"damaged"
    monkeypatch.setattr(format_module, "derive_from_xsd", None)
    assert load_format(head, cache=cache).structure == first.structure
    assert list(cache.iterdir()) == [kept]


def test_a_changed_schema_is_derived_again(write_format: Callable[..., Path], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    load_format(write_format(), cache=cache)
    changed = load_format(
        write_format(replace=('<xs:maxLength value="10"/>', '<xs:maxLength value="12"/>')), cache=cache
    )
    found = changed.structure.find("ID")
    assert found is not None
    assert found.type is not None
    assert found.type.max_length == 12


def test_a_cache_that_cannot_be_written_costs_only_time(write_format: Callable[..., Path], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert load_format(write_format(), cache=blocked).name == "aa-cargo-1.0"
