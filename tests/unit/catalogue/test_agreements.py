"""Agreements against the mappings: what is moved elsewhere, what a form demands, which version is in force."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue import load_catalogue
from gateway.findings import Fault
from gateway.formats.paths import parse_path

Laying = Callable[..., Path]
Checking = Callable[..., list[Fault]]

FILE = "agreements/aa-xx-goods-v1.toml"
EXAMPLE = "agreements/aa-xx-goods-v1.examples/leaves.toml"
OVER = "Declaration/AdditionalInformation{StatementTypeCode=TNM}/StatementDescription"
LISTED = '"Declaration/ID", "Declaration/OfficeCode", "Declaration/Trader/Name"'


def codes(faults: list[Fault]) -> list[str]:
    return [fault.code for fault in faults]


def test_a_demanded_leaf_that_is_held_back_is_named(faults_of: Checking) -> None:
    (fault,) = [one for one in faults_of({FILE: ('"Declaration/ID", ', "")}) if "example" not in one.code]
    assert (fault.file, fault.row, fault.code) == (FILE, "fields.goods.allow", "agreement.withholds-mandatory")
    assert "demands Number, made by row r1" in fault.message


def test_a_denial_that_holds_it_back_is_named_instead(faults_of: Checking) -> None:
    denial = '\n[[fields.goods.deny]]\nclause = "1"\nwhy = "x"\npaths = ["Declaration/ID"]\n'
    (fault,) = [one for one in faults_of({FILE: (f"[{LISTED}]", f"[{LISTED}]{denial}")}) if "example" not in one.code]
    assert fault.code == "agreement.withholds-mandatory"
    assert fault.row.startswith("fields.goods.deny[1].paths[1]")


def test_a_leaf_of_an_optional_class_is_demanded_only_with_the_class(faults_of: Checking) -> None:
    without = ', "Declaration/Trader/Name"'
    assert faults_of({FILE: (without, "")}) == []
    instead = ', "Declaration/Trader/ID"'
    found = faults_of({FILE: (without, instead), EXAMPLE: 'withheld = ["Declaration/Trader/ID"]'})
    assert "agreement.withholds-mandatory" in codes(found)


def test_it_is_found_beside_an_unknown_field(faults_of: Checking) -> None:
    both = {FILE: (f"[{LISTED}]", '["Declaration/OfficeCode", "Declaration/Nonsense"]')}
    assert codes(faults_of(both)) == ["agreement.unknown-field", "agreement.withholds-mandatory"]


@pytest.mark.parametrize(("paths", "fault"), [(f'"{OVER}"', True), (f'"Declaration/Trader/Name", "{OVER}"', False)])
def test_what_a_mapping_moved_elsewhere_needs_its_home(faults_of: Checking, paths: str, *, fault: bool) -> None:
    found = codes(faults_of({FILE: (f"[{LISTED}]", f'["Declaration/ID", {paths}]')}))
    assert ("agreement.overflow-without-home" in found) is fault


def test_braces_of_mappings_count_for_what_leaves(lay: Laying) -> None:
    bare = '"Declaration/ID", "Declaration/AdditionalInformation/StatementDescription"'
    code = '"Declaration/AdditionalInformation/StatementTypeCode"'
    catalogue = load_catalogue(lay({FILE: (f"[{LISTED}]", f"[{bare}, {code}]")}))
    fields = catalogue.agreements[0].permits[0].fields
    assert fields.releases(parse_path("Declaration/AdditionalInformation/StatementDescription"))
    assert not fields.releases(parse_path(OVER))


def test_what_arrives_keeps_what_the_canonical_form_demands(faults_of: Checking, terms: str) -> None:
    arriving = terms.replace('direction = "out"', 'direction = "in"')
    story = {EXAMPLE: ('direction = "out"', 'direction = "in"')}
    assert faults_of({FILE: arriving} | story) == []
    cut = '"Declaration/ID", "Declaration/AdditionalInformation/StatementDescription"'
    (fault, _) = faults_of({FILE: arriving.replace(LISTED, cut)} | story)
    assert fault.code == "agreement.withholds-mandatory"
    assert "Declaration/AdditionalInformation/StatementTypeCode is demanded by the canonical form" in fault.message


def test_a_grant_that_a_mapping_never_feeds_is_named(faults_of: Checking, terms: str) -> None:
    bare = f'{LISTED}, "Declaration/AdditionalInformation/StatementDescription"'
    listed = terms.replace(LISTED, bare).replace(
        "paths = [", 'paths = ["Declaration/AdditionalInformation/StatementTypeCode", '
    )
    assert faults_of({FILE: listed}) == []
    story = {EXAMPLE: ('direction = "out"', 'direction = "in"')}
    (fault,) = faults_of({FILE: listed.replace('direction = "out"', 'direction = "in"')} | story)
    assert (fault.file, fault.code) == (FILE, "agreement.grants-nothing")
    assert fault.row.startswith("fields.goods.allow[1].paths[5]")
    assert OVER in fault.message


@pytest.mark.parametrize(
    ("ends", "begins", "status", "expected"),
    [
        ("", "2026-01-01", "active", ["agreement.two-versions-in-force"]),
        ("in_force_to = 2026-01-02", "2026-01-01", "active", ["agreement.two-versions-in-force"]),
        ("in_force_to = 2026-01-02", "2026-01-01", "suspended", ["agreement.two-versions-in-force"]),
        ("in_force_to = 2026-01-02", "2026-01-01", "draft", []),
        ("in_force_to = 2026-01-01", "2026-01-01", "active", []),
    ],
)
def test_one_version_at_a_time(
    faults_of: Checking, terms: str, ends: str, begins: str, status: str, expected: list[str]
) -> None:
    old = terms.replace("in_force_from = 2025-01-01", f"in_force_from = 2025-01-01\n{ends}")
    new = terms.replace("2025-01-01", begins).replace("version = 1", "version = 2").replace('"active"', f'"{status}"')
    found = faults_of({FILE: old, "agreements/aa-xx-goods-v2.toml": new, EXAMPLE: ("2026-01-01T", "2025-06-01T")})
    assert codes(found) == expected
    assert all(fault.file.endswith("v2.toml") for fault in found)


def test_a_constant_for_the_case_that_nothing_comes_answers_the_demand(faults_of: Checking) -> None:
    rows = (
        "r2,Office,Declaration/OfficeCode,code,xx-office,both,,none,,test\n",
        (
            "r2,Office,Declaration/OfficeCode,code,xx-office,both,placed,none,,test\n"
            "r5,Office,,constant,010,from-wco,not placed,none,no office comes,test\n"
        ),
    )
    cases = '\n[cases]\nplaced = { says = "x", national = "always", wco = "Declaration/OfficeCode present" }\n'
    demanding = ('name="Office" type="C" minOccurs="0"', 'name="Office" type="C"')
    held_back = {
        "wco_schemas/national/xx/xx-goods.xsd": demanding,
        FILE: ('"Declaration/OfficeCode", ', ""),
    }
    assert codes(faults_of(held_back))[0] == "agreement.withholds-mandatory"
    table = {"mappings/xx/goods.csv": rows, "mappings/xx/goods.toml": ('"from-wco"]', f'"from-wco"]{cases}')}
    assert codes(faults_of(held_back | table)) == []


def test_fields_in_paths_of_another_canonical_form_are_named(faults_of: Checking, lay: Laying) -> None:
    root = lay()
    place = "wco_schemas/wco"
    other = {f"{place}/alt{end}": (root / f"{place}/dec{end}").read_text() for end in (".xsd", ".format.toml")}
    renamed = {file: text.replace("urn:dec", "urn:alt").replace('"dec', '"alt') for file, text in other.items()}
    found = faults_of(renamed | {FILE: ('wco = "dec-0.1"', 'wco = "alt-0.1"')})
    assert ("fields.goods.wco", "agreement.other-canonical") in [
        (one.row.partition(" (")[0], one.code) for one in found
    ]
