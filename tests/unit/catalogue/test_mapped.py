"""What tables do to the places of a canonical form: where values move, which braces part entries, what is written."""

from __future__ import annotations

from gateway.agreement.fields import Overflow
from gateway.catalogue.mapped import mapped_places, written_places
from gateway.conversion.model import COLUMNS, MappingSource, RawRow, Table, TableSource
from gateway.conversion.notation.table import read_table
from gateway.formats.paths import Qualifier

NAME = "Declaration/AdditionalInformation{StatementTypeCode=TNM}/StatementDescription"
PORT = "Declaration/AdditionalInformation{StatementTypeCode=POR}/StatementDescription"
PROOF = "Declaration/Item[i]/Document{TypeCode=861}"
LINES = (
    ("r1", "Number", "Declaration/ID", "copy", "", "both"),
    ("r2", "Seller/Name", "Declaration/Trader/Name", "fit", f"over {NAME}", "both"),
    ("r3", "Port", "Declaration/Place/ID", "code", f"xx-port else text {PORT}", "to-wco"),
    ("r4", "Seal", "Declaration/Seal/ID", "copy", "", "from-wco"),
    ("r5", "Proof[x]/No", f"{PROOF}[x]/ID", "copy", "", "to-wco"),
    ("r6", "Note", "", "drop", "", "to-wco"),
    ("r7", "$message/sender", "Declaration/Sender", "copy", "", "from-wco"),
)
HEAD = {
    "name": "xx-goods",
    "version": "1",
    "national": ["xx-goods-0.1"],
    "wco": "dec-0.1",
    "ways": ["to-wco", "from-wco"],
    "loops": {
        "i": {"says": "each line", "national": "Line", "wco": "Declaration/Item"},
        "x": {
            "says": "each proof, under the line it names",
            "national": "Proof",
            "wco": PROOF,
            "key": {"national": "Line", "wco": "SequenceNumeric", "of": "i"},
            "without_parent": "Declaration/Document{TypeCode=999}",
        },
    },
}


def table() -> Table:
    rows = []
    for line, (row, national, wco, verb, argument, way) in enumerate(LINES, 2):
        why = "test" if verb == "drop" or way != "both" else ""
        cells = dict.fromkeys(COLUMNS, "") | {"row": row, "national": national, "wco": wco, "verb": verb, "way": way}
        rows.append(RawRow(line=line, cells=cells | {"with": argument, "loss": "none", "why": why, "source": "test"}))
    source = TableSource(name="goods", head=HEAD, rows=tuple(rows), head_file="goods.toml", rows_file="goods.csv")
    reading = read_table(MappingSource(table=source, blocks={}))
    assert reading.faults == ()
    assert reading.table is not None
    return reading.table


def test_each_place_that_continues_another_is_bound_to_it() -> None:
    assert set(mapped_places([table()]).overflow) == {
        Overflow(home="Declaration/Trader/Name", over=NAME),
        Overflow(home="Declaration/Place/ID", over=PORT),
    }


def test_all_braces_are_claims_also_those_of_entries_without_their_parent() -> None:
    assert mapped_places([table()]).claims == {
        "Declaration/AdditionalInformation": (
            Qualifier("StatementTypeCode", "TNM"),
            Qualifier("StatementTypeCode", "POR"),
        ),
        "Declaration/Item/Document": (Qualifier("TypeCode", "861"),),
        "Declaration/Document": (Qualifier("TypeCode", "999"),),
    }


def test_what_is_written_includes_what_is_moved_and_what_has_lost_its_parent() -> None:
    assert {path.qualified for path in written_places(table())} == {
        "Declaration/ID",
        "Declaration/Trader/Name",
        NAME,
        "Declaration/Place/ID",
        PORT,
        "Declaration/Item/Document{TypeCode=861}/ID",
        "Declaration/Document{TypeCode=999}/ID",
    }


def test_no_table_does_nothing() -> None:
    nothing = mapped_places([])
    assert (nothing.overflow, dict(nothing.claims)) == ((), {})
