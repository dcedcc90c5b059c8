"""What of a table names nothing undeclared: the rest is still checked when a part is at fault."""

from __future__ import annotations

import pytest

from gateway.conversion.model import COLUMNS, MappingSource, RawRow, TableSource
from gateway.conversion.notation.table import Reading, read_table

HEAD = {
    "name": "xx-goods",
    "version": "1",
    "national": ["xx-goods-0.1"],
    "wco": "dec-0.1",
    "ways": ["to-wco"],
    "ways_why": "arrives only",
    "loops": {
        "i": {"says": "each line", "national": "Line", "wco": "Declaration/Item"},
        "d": {"says": "each document", "national": "Line[i]/Paper", "wco": "Declaration/Item[i]/Document"},
    },
    "cases": {"dated": {"says": "x", "national": "Date present", "wco": "always"}},
    "templates": {"no": {"text": "{a}-{b}", "a": "[0-9]", "b": "[0-9]"}},
}
SOUND = ("s1", "Line[i]/Name", "Declaration/Item[i]/Name", "copy", "", "")


def reading(*rows: tuple[str, ...], **more: object) -> Reading:
    raw = []
    for number, cells in enumerate(rows, 2):
        named = dict(zip(("row", "national", "wco", "verb", "with", "case"), cells, strict=True))
        blank = dict.fromkeys(COLUMNS, "")
        raw.append(RawRow(line=number, cells=blank | named | {"way": "to-wco", "loss": "none", "why": "x"}))
    source = TableSource(name="g", head=HEAD | more, rows=tuple(raw), head_file="g.toml", rows_file="g.csv")
    return read_table(MappingSource(table=source, blocks={}))


def kept(read: Reading) -> list[str]:
    assert read.table is not None
    return [row.id for row in read.table.rows]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("r1", "Line[q]/No", "Declaration/Item[i]/ID", "copy", "", ""), "mapping.unknown-loop"),
        (("r1", "Line[i]/No~zz.a", "Declaration/Item[i]/ID", "copy", "", ""), "mapping.unknown-template"),
        (("r1", "Line[i]/No~no.z", "Declaration/Item[i]/ID", "copy", "", ""), "mapping.unknown-part"),
        (("r1", "Line[i]/No", "Declaration/Item[i]/ID", "copy", "", "paid"), "mapping.unknown-case"),
        (("r1", "Line[i]/No", "Declaration/Item[i]/ID", "fit", "over Declaration/N[q]/A", ""), "mapping.unknown-loop"),
    ],
)
def test_a_row_that_names_what_is_not_declared_is_a_fault_and_left_out(row: tuple[str, ...], code: str) -> None:
    read = reading(SOUND, row)
    assert [(fault.row, fault.code) for fault in read.faults] == [("r1", code)]
    assert kept(read) == ["s1"]


def test_what_hangs_on_a_loop_or_case_at_fault_is_left_out_with_it() -> None:
    loops = HEAD["loops"]
    assert isinstance(loops, dict)
    astray = {"says": "x", "national": "Line[q]/Paper", "wco": "Declaration/Item[i]/Document"}
    under = ("r1", "Line[i]/Paper[d]/No", "Declaration/Item[i]/Document[d]/ID", "copy", "", "")
    read = reading(SOUND, under, loops=loops | {"d": astray})
    assert [(fault.row, fault.code) for fault in read.faults] == [("loops.d", "mapping.unknown-loop")]
    assert read.table is not None
    assert (kept(read), list(read.table.loops)) == (["s1"], ["i"])

    odd = {"dated": {"says": "x", "national": "Line[q]/Date present", "wco": "always"}}
    read = reading(SOUND, ("r2", "Line[i]/No", "Declaration/Item[i]/ID", "copy", "", "dated"), cases=odd)
    assert [fault.code for fault in read.faults] == ["mapping.unknown-loop"]
    assert kept(read) == ["s1"]


def test_a_letter_of_the_place_without_parent_must_be_declared() -> None:
    loops = HEAD["loops"]
    assert isinstance(loops, dict)
    alone = {
        "says": "x",
        "national": "Paper",
        "wco": "Declaration/Item[i]/Document",
        "key": {"national": "Line", "wco": "SequenceNumeric", "of": "i"},
        "without_parent": "Declaration/Stray[q]/Document",
    }
    read = reading(SOUND, loops=loops | {"d": alone})
    assert [(fault.row, fault.code) for fault in read.faults] == [("loops.d", "mapping.unknown-loop")]


def test_a_sound_table_is_kept_whole() -> None:
    read = reading(SOUND, ("r2", "Line[i]/Paper[d]/No~no.a", "Declaration/Item[i]/Document[d]/ID", "copy", "", "dated"))
    assert read.faults == ()
    assert kept(read) == ["s1", "r2"]
