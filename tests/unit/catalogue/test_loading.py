"""The catalogue: one frozen value, or every fault with its file and row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue import check_folders, load_catalogue
from gateway.errors import DataFolderError, NotFound, UnknownPartner
from gateway.findings import Fault

Laying = Callable[..., Path]
Checking = Callable[..., list[Fault]]

AGREEMENT = "agreements/aa-xx-goods-v1.toml"
EXAMPLE = "agreements/aa-xx-goods-v1.examples/leaves.toml"
TABLE = "mappings/xx/goods.csv"
HEAD = "mappings/xx/goods.toml"
LIST = "mappings/xx/codelists/xx-office.csv"
PROFILE = "partners/xx/profile.toml"
SPARE = 'allow = [{ clause = "1", says = "x", paths = ["Declaration/ID"] }]'


def said(faults: list[Fault]) -> list[tuple[str, str, str]]:
    return [(fault.file, fault.row.partition(" (line")[0], fault.code) for fault in faults]


def test_sound_folders_become_one_value(lay: Laying) -> None:
    root = lay()
    catalogue = load_catalogue(root)
    assert catalogue.formats.names() == ("dec-0.1", "xx-goods-0.1")
    assert catalogue.mapping("xx-goods-0.1", "from-wco").table.name == "xx-goods"
    assert catalogue.has_mapping("xx-goods-0.1", "to-wco")
    assert not catalogue.has_mapping("dec-0.1", "to-wco")
    assert catalogue.canonical_of("xx-goods-0.1").name == "dec-0.1"
    assert catalogue.agreement("aa-xx-goods").version == 1
    assert catalogue.agreements_with("xx") == catalogue.agreements
    assert catalogue.profile("xx").name == "Theirs"


def test_what_is_not_there_is_said_in_the_tree(lay: Laying) -> None:
    catalogue = load_catalogue(lay())
    with pytest.raises(NotFound):
        catalogue.mapping("dec-0.1", "to-wco")
    with pytest.raises(NotFound):
        catalogue.agreement("aa-xx-goods", 2)
    with pytest.raises(UnknownPartner):
        catalogue.profile("yy")


def test_the_digest_covers_every_file(lay: Laying) -> None:
    root = lay()
    before = load_catalogue(root).digest
    assert load_catalogue(root).digest == before
    for file in (AGREEMENT, TABLE, PROFILE, LIST, "wco_schemas/wco/dec.xsd"):
        path = root / file
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert load_catalogue(root).digest != before, file
        path.write_bytes(content)
    assert load_catalogue(root).digest == before


def test_a_byte_order_mark_is_no_fault(lay: Laying) -> None:
    root = lay()
    for file in (TABLE, LIST, AGREEMENT):
        path = root / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_folders(root) == []


def test_all_faults_are_in_the_exception(lay: Laying) -> None:
    root = lay({TABLE: ("r1,", "r4,"), PROFILE: ("Theirs", ""), AGREEMENT: ('partner = "xx"', 'partner = "yy"')})
    with pytest.raises(DataFolderError) as refused:
        load_catalogue(root)
    codes = {finding.code for finding in refused.value.findings}
    assert {"mapping.duplicate-row", "partner.value", "agreement.parties", "agreement.unknown-partner"} <= codes
    assert any(finding.path == f"{TABLE}: r4" for finding in refused.value.findings)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    faults = check_folders(tmp_path)
    assert {fault.code for fault in faults} == {"catalogue.missing-folder"}
    assert {fault.file for fault in faults} == {"agreements", "mappings", "partners", "wco_schemas"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({TABLE: ("r1,Number,Declaration/ID,copy,,", "r1,Number,Declaration/ID,copy,")}, (TABLE, "2", "mapping.cells")),
        ({HEAD: ('version = "1"', "version = ")}, (HEAD, "2", "mapping.not-toml")),
        ({TABLE: ("national,wco,verb", "national,WCO,verb")}, (TABLE, "1", "mapping.columns")),
        ({TABLE: ("r2,Office", 'r2,"Office"x')}, (TABLE, "3", "mapping.not-csv")),
        ({LIST: ("010,010", "10,010")}, (LIST, "2", "codelist.code-does-not-fit-pattern")),
        ({HEAD: ("dec-0.1", "dec-9")}, (HEAD, "wco", "mapping.unknown-format")),
        ({"partners/yy/README.md": "x"}, ("partners/yy/profile.toml", "", "partner.incomplete")),
        ({"mappings/xx/alone.toml": "x = 1"}, ("mappings/xx/alone.toml", "", "mapping.half")),
        ({"mappings/xx/codelists/alone.csv": "x"}, ("mappings/xx/codelists/alone.csv", "", "codelist.half")),
        ({"wco_schemas/wco/x.format.toml": "x = 1"}, ("wco_schemas/wco/x.format.toml", "x", "format.head")),
        ({EXAMPLE: ("allowed", "refused")}, (EXAMPLE, "", "agreement.example")),
        ({EXAMPLE: ('"Declaration/Trader/ID"', '"Declaration/ID"')}, (EXAMPLE, "withheld", "agreement.example-fails")),
        ({EXAMPLE: ("2026", "2024")}, (EXAMPLE, "expect", "agreement.example-fails")),
        ({EXAMPLE: ("goods.xml", "none.xml")}, (EXAMPLE.replace("leaves.toml", "none.xml"), "", "agreement.example")),
        ({AGREEMENT: ("xx-goods-0.1", "xx-else-0.1")}, (AGREEMENT, "messages[1].format", "agreement.unknown-format")),
        (
            {HEAD: ('"to-wco", "from-wco"]', '"to-wco"]\nways_why = "arrives only"')},
            (AGREEMENT, "messages[1].format", "agreement.no-mapping"),
        ),
        (
            {"agreements/aa-xx-goods-v01.toml": "id = 1"},
            ("agreements/aa-xx-goods-v01.toml", "id", "agreement.invalid"),
        ),
        (
            {AGREEMENT: ("[fields.goods]", '[fields.spare]\nwco = "dec-0.1"\nallow = []\n[fields.goods]')},
            (AGREEMENT, "fields.spare.allow", "agreement.invalid"),
        ),
        (
            {AGREEMENT: ("[fields.goods]", f'[fields.spare]\nwco = "dec-0.1"\n{SPARE}\n[fields.goods]')},
            (AGREEMENT, "fields.spare", "agreement.unused-fields"),
        ),
        (
            {AGREEMENT: ('wco = "dec-0.1"', 'wco = "dec-9"')},
            (AGREEMENT, "fields.goods.wco", "agreement.unknown-format"),
        ),
    ],
)
def test_each_fault_is_named_with_file_and_row(
    faults_of: Checking, changes: dict[str, tuple[str, str] | str], expected: tuple[str, str, str]
) -> None:
    assert expected in said(faults_of(changes))


SCHEMA = "wco_schemas/national/xx/xx-goods.xsd"
FORMAT = "wco_schemas/national/xx/xx-goods.format.toml"


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        (
            {SCHEMA: SCHEMA.replace("/xx/", "/yy/"), FORMAT: FORMAT.replace("/xx/", "/yy/")},
            (FORMAT.replace("/xx/", "/yy/"), "name", "format.duplicate"),
        ),
        (
            {LIST: LIST.replace("/xx/", "/yy/"), LIST[:-4] + ".toml": LIST[:-4].replace("/xx/", "/yy/") + ".toml"},
            (LIST.replace("/xx/", "/yy/"), "name", "codelist.duplicate"),
        ),
        (
            {AGREEMENT: AGREEMENT.replace("-v1", "-v01")},
            (AGREEMENT, "version", "agreement.duplicate-version"),
        ),
    ],
)
def test_two_of_one_name_are_a_fault(
    faults_of: Checking, lay: Laying, copies: dict[str, str], expected: tuple[str, str, str]
) -> None:
    root = lay()
    assert expected in said(faults_of({new: (root / old).read_text() for old, new in copies.items()}))


def test_a_profile_of_no_canonical_form_is_named(faults_of: Checking, lay: Laying) -> None:
    head = (lay() / FORMAT).read_text().replace('"xx-goods"', '"xx-odd"')
    odd = {FORMAT: f'{head}\n[wco]\npackage = "DEC"\ncanonical = "dec-9"\n'}
    assert (FORMAT, "wco.canonical", "format.unknown-canonical") in said(faults_of(odd))


def test_two_tables_for_one_form_are_rivals(faults_of: Checking, lay: Laying) -> None:
    root = lay()
    copied = {f"mappings/yy/goods.{end}": (root / f"mappings/xx/goods.{end}").read_text() for end in ("csv", "toml")}
    codes = {fault.code for fault in faults_of(copied)}
    assert {"mapping.rival", "mapping.duplicate-name"} <= codes


def test_a_text_of_the_partner_that_no_profile_has_is_named(faults_of: Checking) -> None:
    asks = {TABLE: ("r4,Seller/Code,Declaration/Trader/ID,copy", "r4,Seller/Code,$partner/their-code,copy")}
    assert (PROFILE, "texts.their-code", "partner.missing-text") in said(faults_of(asks))


def test_a_file_that_is_not_utf_8_is_a_fault_and_no_traceback(lay: Laying) -> None:
    root = lay()
    (root / TABLE).write_bytes(b"row\xff")
    assert (TABLE, "", "catalogue.not-utf-8") in said(check_folders(root))
