"""Which format a name means."""

from __future__ import annotations

import pytest

from gateway.errors import UnknownFormat
from gateway.formats.format import load_format
from gateway.formats.library import FormatLibrary
from gateway.formats.naming import format_named, forms_beside
from tests.conftest import ROOT


@pytest.fixture(name="library", scope="module")
def library_fixture() -> FormatLibrary:
    heads = [*(ROOT / "wco_schemas" / "wco").rglob("*.format.toml"), *(ROOT / "wco_schemas").rglob("dms*.format.toml")]
    return FormatLibrary([load_format(head) for head in heads])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dec-3.6", "dec-3.6"),
        ("DEC-3.6", "dec-3.6"),
        ("DEC", "dec-3.6"),
        (" cri ", "cri-3.6"),
        ("Res", "res-3.6"),
        ("dms", "dms-3.6"),
        ("dec-amendment", "dec-amendment-3.6"),
    ],
)
def test_name_version_and_package(library: FormatLibrary, name: str, meant: str) -> None:
    assert format_named(library, name).name == meant


def test_an_unknown_name_is_answered_with_the_nearest(library: FormatLibrary) -> None:
    with pytest.raises(UnknownFormat) as refused:
        format_named(library, "dec-3.7")
    assert "dec-3.6" in refused.value.remedy


def test_a_declaration_has_two_forms_beside_it(library: FormatLibrary) -> None:
    beside = [other.name for other in forms_beside(library, library.get("dec-3.6"))]
    assert beside == ["dec-amendment-3.6", "dec-cancellation-3.6"]
    assert forms_beside(library, library.get("res-3.6")) == ()
    assert forms_beside(library, library.get("dms-3.6")) == ()
