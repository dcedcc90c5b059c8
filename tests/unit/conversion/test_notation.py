"""What the notation refuses, each with file and row, and what it reads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.conversion.arguments import CalculateArgument, CodeArgument, DateArgument, MeasureArgument, Operation, Sum
from gateway.conversion.conditions import And, Equals, Fits, FormatIn, InList, Not, Or, Present
from gateway.conversion.model import MappingSource, Row, Template, letters_of
from gateway.conversion.notation.cells import NotationError, read_source, split_words
from gateway.conversion.notation.conditions import read_condition
from gateway.conversion.notation.scope import Scope
from gateway.conversion.notation.table import Reading, read_table
from gateway.conversion.notation.templates import read_template
from gateway.findings import Fault
from tests.unit.conversion.bench import HEAD, block, form, group, leaf, loaded, row, table

COLUMNS = "row,national,wco,verb,with,way,case,loss,why,source\n"
LOOPS = '[loops]\nc = { says = "each line", national = "Line", wco = "Item" }\n'


def read(rows: list[dict[str, str]], head: str = "", *blocks: dict[str, object]) -> Reading:
    del blocks
    return read_table(MappingSource(table=table(rows, head)))


def only_fault(rows: list[dict[str, str]], head: str = "") -> Fault:
    (fault,) = read(rows, head).faults
    return fault


def argument_of(one: dict[str, str], head: str = "") -> object:
    result = read([one], head)
    assert not result.faults, result.faults
    assert result.table is not None
    return result.table.rows[0].argument


FAULTY_ROWS = {
    "an unknown verb": (row("r1", "A", "B", "move"), "mapping.unknown-verb"),
    "a verb that is not built": (row("r1", "A", "B", "latin"), "mapping.unknown-verb"),
    "an unknown way": (row("r1", "A", "B", way="there"), "mapping.unknown-way"),
    "an unknown loss": (row("r1", "A", "B", loss="some"), "mapping.unknown-loss"),
    "an unreadable path": (row("r1", "A//B", "B"), "mapping.path-syntax"),
    "a row without an id": (row("", "A", "B"), "mapping.row-id"),
    "a formula of a spreadsheet": (row("r1", "=A", "B"), "mapping.cell-formula"),
    "no path at all": (row("r1", "", ""), "mapping.no-path"),
    "one path too few": (row("r1", "A", ""), "mapping.one-path"),
    "one path too many": (row("r1", "A", "B", "constant", "1"), "mapping.two-paths"),
    "a drop without a reason": (row("r1", "A", "", "drop", why=""), "mapping.no-reason"),
    "a loss without a reason": (row("r1", "A", "B", loss="rounded", why=""), "mapping.no-reason"),
    "an argument that copy does not take": (row("r1", "A", "B", "copy", "x"), "mapping.argument"),
    "fit that does not say how": (row("r1", "A", "B", "fit"), "mapping.argument"),
    "a code list that is not named": (row("r1", "A", "B", "code"), "mapping.argument"),
    "a constant without a value": (row("r1", "", "B", "constant"), "mapping.argument"),
    "a date of one form": (row("r1", "A", "B", "date", "iso"), "mapping.argument"),
    "a date in an unknown form": (row("r1", "A", "B", "date", "sometime | 102"), "mapping.codes-date-form"),
    "a calendar that is not built": (row("r1", "A", "B", "date", "YYYY jalali | 102"), "mapping.codes-date-form"),
    "a number that is none": (row("r1", "A", "B", "number", "times x"), "mapping.argument"),
    "a factor of nothing": (row("r1", "A", "B", "number", "times 0"), "mapping.argument"),
    "a measure without a unit": (row("r1", "A", "B", "measure", "list KGM"), "mapping.argument"),
    "chunks of nothing": (row("r1", "A", "B", "chunks", "0 4 refuse"), "mapping.argument"),
    "a total of neither": (row("r1", "A", "", "total", "mean B"), "mapping.argument"),
    "a formula both ways": (row("r1", "", "B", "calculate", "A / 2 digits 2"), "mapping.way"),
    "a formula without digits": (row("r1", "", "B", "calculate", "A / 2", way="to-wco"), "mapping.argument"),
    "a formula that stops": (row("r1", "", "B", "calculate", "A / digits 2", way="to-wco"), "mapping.argument"),
    "an undeclared letter": (row("r1", "A[z]", "B[z]"), "mapping.unknown-loop"),
    "an undeclared case": (row("r1", "A", "B", case="export"), "mapping.unknown-case"),
    "an undeclared template": (row("r1", "A~t.x", "B"), "mapping.unknown-template"),
    "an unreadable case": (row("r1", "A", "B", case="export or import"), "mapping.case"),
    "an unknown block": (row("r1", "A", "B", "use", "party"), "mapping.unknown-block"),
    "a bracket that is not closed": (row("r1", "A", "B", "code", "list else ("), "mapping.notation"),
}


@pytest.mark.parametrize("name", FAULTY_ROWS)
def test_a_faulty_row_is_named_with_its_file(name: str) -> None:
    cells, code = FAULTY_ROWS[name]
    result = read([row("r0", "X", "Y"), cells])
    assert {fault.code for fault in result.faults} == {code}
    assert {fault.file for fault in result.faults} == {"xx-form.csv"}
    assert {fault.row for fault in result.faults} == {cells["row"] or "3"}
    assert result.table is not None
    assert result.table.rows[0].id == "r0"


def test_all_faults_come_at_once() -> None:
    result = read([row("r1", "A", "B", "move"), row("r1", "A", "B", "jump"), row("r3", "A", "B", way="x")])
    assert [(fault.row, fault.code) for fault in result.faults] == [
        ("r1", "mapping.unknown-verb"),
        ("r1", "mapping.duplicate-row"),
        ("r3", "mapping.unknown-way"),
    ]


FAULTY_HEADS = {
    "an unknown key": ('shape = "x"\n', "shape", "mapping.unknown-key"),
    "an unknown key of a loop": ('[loops.c]\nsays = "x"\nnational = "A"\nwco = "B"\nby = "z"\n', "loops.c", None),
    "a loop without a path": ('[loops.c]\nsays = "x"\nnational = "A"\n', "loops.c", "mapping.missing-key"),
    "a loop without a sentence": ('[loops.c]\nnational = "A"\nwco = "B"\n', "loops.c", "mapping.missing-key"),
    "a case of one side": ('[cases.x]\nsays = "x"\nnational = "A = 1"\n', "cases.x", "mapping.missing-key"),
    "an unknown condition": (
        '[cases.x]\nsays = "x"\nnational = "A like 1"\nwco = "always"\n',
        "cases.x",
        "mapping.unknown-condition",
    ),
    "a part without a pattern": ('[templates.t]\ntext = "{a}"\n', "templates.t", "mapping.notation"),
    "a pattern that is none": ('[templates.t]\ntext = "{a}"\na = "["\n', "templates.t", "mapping.notation"),
    "a record that is no loop": ('record = "z"\n', "record", "mapping.unknown-loop"),
    "one way without a reason": ('ways = ["to-wco"]\n', "", "mapping.notation"),
    "an unknown way": ('ways = ["there"]\n', "", "mapping.notation"),
}


@pytest.mark.parametrize("name", FAULTY_HEADS)
def test_a_faulty_head_is_named_with_its_key(name: str) -> None:
    head, key, code = FAULTY_HEADS[name]
    fault = only_fault([row("r0", "X", "Y")], head)
    assert (fault.file, fault.row) == ("xx-form.toml", key)
    assert fault.code == (code or "mapping.unknown-key")


def test_columns_and_cells_are_counted() -> None:
    unknown, faults = read_source("xx", HEAD, "row,national,colour\n", "xx.toml", "xx.csv")
    assert unknown is None
    assert {fault.code for fault in faults} == {"mapping.unknown-column", "mapping.missing-column"}
    _, faults = read_source("xx", HEAD, COLUMNS + "r1,A,B\n", "xx.toml", "xx.csv")
    assert [(fault.row, fault.code) for fault in faults] == [("2", "mapping.cell-count")]
    source, faults = read_source("xx", "\ufeff" + HEAD, "\ufeff" + COLUMNS + "\n", "xx.toml", "xx.csv")
    assert (source is not None, faults) == (True, ())
    none, faults = read_source("xx", "name = ", COLUMNS, "xx.toml", "xx.csv")
    assert (none, [fault.code for fault in faults]) == (None, ["mapping.head-unreadable"])


def test_arguments_are_read() -> None:
    date = argument_of(row("r1", "A", "B", "date", "compact +08:00 | 102 or 304"))
    assert date == DateArgument("compact +08:00", "102 or 304")
    code = argument_of(row("r1", "A", "B", "code", "list else ZZ text C id at A@listID"))
    assert isinstance(code, CodeArgument)
    assert (code.code_list, code.otherwise, str(code.text), str(code.id_at)) == ("list", "ZZ", "C", "A@listID")
    measure = argument_of(row("r1", "A", "B", "measure", "list KGM unit MT digits 3 half-up"))
    assert measure == MeasureArgument("list", "KGM", None, "MT", 3, "half-up")
    formula = argument_of(
        row("r1", "A", "B", "calculate", "A / 100 * sum(Line[c]/D) - ( 2 + A ) digits 3", way="to-wco"), LOOPS
    )
    assert isinstance(formula, CalculateArgument)
    assert isinstance(formula.formula, Operation)
    assert formula.formula.sign == "-"
    assert isinstance(formula.formula.left, Operation)
    assert (formula.formula.left.sign, type(formula.formula.left.right)) == ("*", Sum)
    assert isinstance(formula.formula.right, Operation)
    assert formula.formula.right.left == Decimal(2)


def test_conditions_are_read() -> None:
    scope = Scope()

    def condition(text: str) -> object:
        return read_condition(text, scope, "national")

    assert isinstance(condition("A = 1 and B present or C absent"), Or)
    both = condition("A in 1 2 and not B in list xs")
    assert isinstance(both, And)
    assert both.parts[0] == Equals(both.parts[0].path, ("1", "2"))  # type: ignore[union-attr]
    assert isinstance(both.parts[1], Not)
    assert isinstance(both.parts[1].part, InList)
    assert condition("format in a-1 a-2") == FormatIn(("a-1", "a-2"))
    assert isinstance(condition("A fits t"), Fits)
    absent = condition("A absent")
    assert isinstance(absent, Not)
    assert isinstance(absent.part, Present)
    assert condition('A = "two words"') == Equals(absent.part.path, ("two words",))


def test_words_are_parted_outside_brackets_and_quotes() -> None:
    assert split_words('a  {b c} "d e" sum(f g)') == ["a", "{b c}", "d e", "sum(f g)"]
    with pytest.raises(NotationError):
        split_words('"open')


def test_templates_keep_the_order_of_their_parts() -> None:
    template = read_template("t", {"text": "{a}[/{b}]x", "a": "[0-9]+", "b": "[A-Z]"}, "head")
    assert isinstance(template, Template)
    assert [part.name for part in template.parts] == ["a", "b"]
    with pytest.raises(NotationError):
        read_template("t", {"text": "{a}{a}", "a": "x"}, "head")
    with pytest.raises(NotationError):
        read_template("t", {"text": "[{a}", "a": "x"}, "head")
    with pytest.raises(NotationError):
        read_template("t", {"text": "{a}", "a": "x", "c": "y"}, "head")


def block_rows(used: list[dict[str, str]], rows: list[dict[str, str]], head: str = "", start: str = "") -> Reading:
    blocks = {"party": block("party", rows, head)}
    return read_table(MappingSource(table=table(used, start), blocks=blocks))


def test_a_block_is_unfolded_under_the_row_that_uses_it() -> None:
    result = block_rows(
        [row("u1", "Line[c]/Seller", "Item[c]/Party", "use", "party role=CZ", case="x", way="to-wco")],
        [row("p1", "Name", ".", case="y"), row("p2", "Phone[m]", "Phone[m]"), row("p3", "A", "B", way="from-wco")],
        """
[loops]
m = { says = "each phone", national = "Phone", wco = "Phone" }
[cases]
y = { says = "y", national = "Role = $role", wco = "always" }
""",
        LOOPS + '[cases]\nx = { says = "x", national = "always", wco = "always" }\n',
    )
    assert result.faults == ()
    assert result.table is not None
    first, second = result.table.rows
    assert isinstance(first, Row)
    assert (first.id, str(first.national), str(first.wco)) == ("u1/p1", "Line[c]/Seller/Name", "Item[c]/Party")
    assert [term.name for term in first.case] == ["x", "u1/y"]
    assert first.way == "to-wco"
    assert letters_of(second.national) == ("c", "u1/m")
    assert list(result.table.loops) == ["c", "u1/m"]
    condition = result.table.cases["u1/y"].national
    assert isinstance(condition, Equals)
    assert (str(condition.path), condition.values) == ("Line[c]/Seller/Role", ("CZ",))


def test_a_block_may_not_use_itself_and_needs_its_parameters() -> None:
    circle = block_rows([row("u1", "A", "B", "use", "party")], [row("p1", "A", "B", "use", "party")])
    assert [fault.code for fault in circle.faults] == ["mapping.block-circle"]
    missing = block_rows([row("u1", "A", "B", "use", "party")], [row("p1", "", "R", "constant", "$role")])
    assert [(fault.file, fault.row, fault.code) for fault in missing.faults] == [
        ("party.csv", "p1", "mapping.unknown-parameter")
    ]
    taken = block_rows([row("u1", "A", "B", "use", "party message=x")], [row("p1", "A", "B")])
    assert [fault.code for fault in taken.faults] == ["mapping.parameter-name"]


NATIONAL = form("Form", leaf("A"), group("Line", leaf("ID"), most=9), group("Other", leaf("ID"), most=9))
WCO = form("Meta", leaf("A"), group("Item", leaf("ID"), most=9), group("Date", leaf("Day")))

UNLOADABLE = {
    "a path that is not there": (row("r1", "A", "Nowhere"), "mapping.unknown-path"),
    "an attribute that is not there": (row("r1", "A", "A@unit"), "mapping.unknown-path"),
    "a step that is not lined up": (row("r1", "Line/ID", "A"), "mapping.not-lined-up"),
    "a letter at another list": (row("r1", "Other[c]/ID", "Item[c]/ID"), "mapping.not-lined-up"),
    "braces without such a leaf": (row("r1", "A", "Item{Type=1}/ID"), "mapping.unknown-path"),
    "an unknown code list": (row("r1", "A", "A", "code", "nolist"), "mapping.unknown-code-list"),
    "a pointer, which is not built": (row("r1", "", "A", "pointer", "c"), "mapping.not-built"),
}


@pytest.mark.parametrize("name", UNLOADABLE)
def test_a_table_that_does_not_fit_its_formats_is_not_loaded(name: str) -> None:
    cells, code = UNLOADABLE[name]
    result = loaded(NATIONAL, WCO, [cells], LOOPS)
    assert result.mapping is None
    assert [(fault.file, fault.row, fault.code) for fault in result.faults] == [("xx-form.csv", "r1", code)]


def test_unknown_lists_and_schemes_of_conditions_are_faults_of_the_head() -> None:
    result = loaded(
        NATIONAL,
        WCO,
        [row("r1", "A", "A", case="x"), row("r2", "A", "A", case="y")],
        """
[cases]
x = { says = "x", national = "A in list nolist", wco = "always" }
y = { says = "y", national = "A is noscheme", wco = "always" }
""",
    )
    assert [(fault.row, fault.code) for fault in result.faults] == [
        ("cases.x", "mapping.unknown-code-list"),
        ("cases.y", "mapping.unknown-scheme"),
    ]


def test_a_loop_that_cannot_find_its_way_back_is_a_fault() -> None:
    nested = form("Form", group("Line", leaf("ID"), group("Change", leaf("Code"), most=9), most=9))
    flat = form("Meta", group("Item", leaf("ID"), most=9), group("Amendment", leaf("Code"), most=9))
    head = LOOPS + 'n = { says = "each change", national = "Line[c]/Change", wco = "Amendment" }\n'
    rows = [row("r1", "Line[c]/Change[n]/Code", "Amendment[c.n]/Code")]
    both = loaded(nested, flat, rows, head)
    assert [(fault.row, fault.code) for fault in both.faults] == [("loops.n", "mapping.not-invertible")]
    one_way = loaded(nested, flat, rows, 'ways = ["to-wco"]\nways_why = "no way back"\n' + head)
    assert one_way.mapping is not None
