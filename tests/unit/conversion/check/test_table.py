"""The static check, fault by fault, on a small made-up pair of forms."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.conversion import arguments as a
from gateway.conversion import conditions as c
from gateway.conversion.check import check_table
from gateway.conversion.check.coverage import coverage_of
from gateway.conversion.model import Case, CaseTerm, Literally, Part, Row, Table, Template
from gateway.formats.paths import parse_path
from gateway.formats.structure import Attribute, Element, SimpleType, Structure


def leaf(key: str, *, minimum: int = 0, attributes: tuple[Attribute, ...] = (), **facets: Any) -> Element:
    return Element(key=key, local=key, minimum=minimum, type=SimpleType(**facets), attributes=attributes)


def node(key: str, *children: Element, minimum: int = 0, **more: Any) -> Element:
    return Element(key=key, local=key, minimum=minimum, children=children, **more)


NATIONAL = Structure(
    root=node(
        "Form",
        node(
            "Head",
            leaf("Kind", minimum=1, enumeration=("I", "E")),
            leaf("Number", max_length=20),
            leaf("Mode", enumeration=("1", "2")),
        ),
    ),
    digest="n",
)
WCO = Structure(
    root=node(
        "MetaData",
        node(
            "Declaration",
            leaf("ID", max_length=20),
            leaf("TypeCode", max_length=3),
            leaf("Note", max_length=5),
            node("Office", leaf("ID", minimum=1, max_length=20), leaf("Name", max_length=70)),
            node(
                "Means",
                leaf("ModeCode", max_length=1),
                leaf("Truck"),
                leaf("Ship"),
                choices=((("Truck",), ("Ship",)),),
                choice_required=(False,),
            ),
            minimum=1,
        ),
    ),
    digest="w",
)
MODES, _ = read_code_list(
    "national,wco,label,preferred,valid_from,valid_to,certainty,source\n1,3,road,,,,S,made up\n2,1,sea,,,,S,made up\n",
    'name = "modes"\ntitle = "modes"\nsource = "made up"\npattern_national = "[0-9]"\npattern_wco = "[0-9]"\n',
    "modes.csv",
)
KINDS, _ = read_code_list(
    "national,wco,label,preferred,valid_from,valid_to,certainty,source\nI,IM,in,,,,S,made up\n",
    'name = "kinds"\ntitle = "kinds"\nsource = "made up"\npattern_national = "[A-Z]"\npattern_wco = "[A-Z]{2}"\n',
    "kinds.csv",
)
assert MODES is not None
assert KINDS is not None
LISTS: dict[str, CodeList] = {"modes": MODES, "kinds": KINDS}


def row(number: int, national: str, wco: str, verb: Any = "copy", argument: Any = None, **more: Any) -> Row:
    return Row(
        id=f"r{number}",
        national=parse_path(national) if national else None,
        wco=parse_path(wco) if wco else None,
        verb=verb,
        argument=argument if argument is not None else a.NoArgument(),
        way=more.pop("way", "both"),
        file="rows.csv",
        **more,
    )


KIND_WAYS = c.Equals(parse_path("Head/Kind"), ("E",)), c.Equals(parse_path("Declaration/TypeCode"), ("EX",))
EXPORT = Case(name="export", says="export", national=KIND_WAYS[0], wco=KIND_WAYS[1])

SOUND = (
    row(1, "Head/Kind", "Declaration/TypeCode"),
    row(2, "Head/Number", "Declaration/ID"),
    row(3, "Head/Mode", "Declaration/Means/ModeCode", "code", a.CodeArgument("modes")),
)


def table(*rows: Row, **more: Any) -> Table:
    return Table(
        name="xx-form",
        version="1",
        national=("xx-form-1.0",),
        wco="dec-3.6",
        ways=more.pop("ways", ("to-wco", "from-wco")),
        rows=rows,
        cases={"export": EXPORT},
        head_file="head.toml",
        rows_file="rows.csv",
        **more,
    )


def codes(checked: Table) -> set[tuple[str, str]]:
    return {(fault.code, fault.row) for fault in check_table(checked, NATIONAL, WCO, LISTS)}


def test_a_sound_table_has_no_faults() -> None:
    assert check_table(table(*SOUND), NATIONAL, WCO, LISTS) == []


def test_a_leaf_that_no_row_names_is_found() -> None:
    assert ("mapping.leaf-without-row", "Head/Number") in codes(table(SOUND[0], SOUND[2]))


def test_a_drop_is_a_home() -> None:
    dropped = row(2, "Head/Number", "", "drop", way="to-wco", why="internal")
    assert codes(table(SOUND[0], dropped, SOUND[2])) == set()


def test_a_leaf_without_a_row_in_one_case_is_found() -> None:
    only_export = row(2, "Head/Number", "Declaration/ID", case=(CaseTerm("export"),))
    assert ("mapping.leaf-without-row-in-a-case", "r2") in codes(table(SOUND[0], only_export, SOUND[2]))


def test_two_cases_that_cover_everything_are_enough() -> None:
    first = row(2, "Head/Number", "Declaration/ID", case=(CaseTerm("export"),))
    second = row(4, "Head/Number", "Declaration/Office/ID", case=(CaseTerm("export", negated=True),))
    assert codes(table(SOUND[0], first, second, SOUND[2])) == set()


def test_a_mandatory_target_without_a_row_is_found() -> None:
    named = row(2, "Head/Number", "Declaration/Office/Name")
    assert ("mapping.mandatory-without-row", "r2") in codes(table(SOUND[0], named, SOUND[2]))


def test_a_mandatory_target_without_a_row_on_the_way_back_is_found() -> None:
    one_way = row(1, "Head/Kind", "Declaration/TypeCode", way="to-wco")
    found = codes(table(one_way, *SOUND[1:]))
    assert any(code == "mapping.mandatory-without-row" for code, _ in found)


def test_a_mandatory_target_that_lacks_a_row_in_one_case_is_found() -> None:
    office = row(4, "Head/Number", "Declaration/Office/ID", way="to-wco", case=(CaseTerm("export"),), why="echo")
    name = row(5, "Head/Number", "Declaration/Office/Name", way="to-wco", why="echo")
    assert ("mapping.mandatory-without-row-in-a-case", "r4") in codes(table(*SOUND, office, name))


def test_two_rows_that_write_one_place_are_found() -> None:
    again = row(4, "Head/Mode", "Declaration/ID", way="to-wco", why="again")
    assert ("mapping.two-rows-one-place", "r4") in codes(table(*SOUND, again))


def test_a_part_and_the_whole_written_together_are_found() -> None:
    template = Template(name="t", pieces=(Part("a", "[0-9]{2}"), Literally("-"), Part("b", ".+")))
    part = row(4, "Head/Mode", "Declaration/ID~t.a", way="to-wco", why="again")
    assert ("mapping.two-rows-one-place", "r4") in codes(table(*SOUND, part, templates={"t": template}))


def test_two_branches_of_a_choice_are_found_unless_their_cases_exclude_each_other() -> None:
    truck = row(4, "Head/Number", "Declaration/Means/Truck", way="to-wco", why="echo")
    ship = row(5, "Head/Number", "Declaration/Means/Ship", way="to-wco", why="echo")
    assert ("mapping.two-branches", "r5") in codes(table(*SOUND, truck, ship))
    apart = (
        row(4, "Head/Number", "Declaration/Means/Truck", way="to-wco", why="echo", case=(CaseTerm("export"),)),
        row(5, "Head/Number", "Declaration/Means/Ship", way="to-wco", why="echo", case=(CaseTerm("export", True),)),  # noqa: FBT003
    )
    assert codes(table(*SOUND, *apart)) == set()


def test_a_copy_that_may_not_fit_is_found() -> None:
    short = row(2, "Head/Number", "Declaration/Note")
    assert ("mapping.does-not-fit", "r2") in codes(table(SOUND[0], short, SOUND[2]))


def test_a_list_that_lacks_an_enumerated_code_is_found_unless_there_is_an_else() -> None:
    kind = row(1, "Head/Kind", "Declaration/TypeCode", "code", a.CodeArgument("kinds"))
    assert ("mapping.list-not-total", "r1") in codes(table(kind, *SOUND[1:]))
    other = row(
        1, "Head/Kind", "Declaration/TypeCode", "code", a.CodeArgument("kinds", otherwise="ZZ"), loss="coarser", why="x"
    )
    assert codes(table(other, *SOUND[1:])) == set()


@pytest.mark.parametrize(
    ("argument", "verb"),
    [
        (a.CodeArgument("modes", otherwise="9"), "code"),
        (a.DateArgument("compact", "102 or 304"), "date"),
        (a.NumberArgument(digits=3), "number"),
    ],
)
def test_a_loss_that_is_understated_is_found(argument: Any, verb: Any) -> None:
    lossy = row(2, "Head/Number", "Declaration/ID", verb, argument)
    assert ("mapping.loss-understated", "r2") in codes(table(SOUND[0], lossy, SOUND[2]))


def test_a_formula_cannot_go_both_ways() -> None:
    formula = a.CalculateArgument(a.Operand(parse_path("Head/Number")), 2)
    both = row(2, "Head/Number", "Declaration/ID", "calculate", formula, loss="computed", why="x")
    assert ("mapping.no-inverse", "r2") in codes(table(SOUND[0], both, SOUND[2]))


def test_an_echo_that_nobody_can_compute_is_found() -> None:
    alone = row(2, "Head/Number", "Declaration/ID", way="to-wco", why="one way")
    assert ("mapping.echo-not-computable", "r2") in codes(table(SOUND[0], alone, SOUND[2]))
    assert codes(table(SOUND[0], alone, SOUND[2], ways=("to-wco",))) == set()


@pytest.mark.parametrize(
    ("first", "ambiguous"), [("[A-Z0-9]+", True), ("[A-Z]+", False), ("[A-Z0-9]{3}", False), (".+", True)]
)
def test_a_template_that_can_be_taken_apart_in_two_ways_is_found(first: str, ambiguous: bool) -> None:
    template = Template(name="t", pieces=(Part("a", first), Literally("7"), Part("b", "[A-Z]+")))
    part = row(2, "Head/Number~t.a", "Declaration/ID")
    rest = row(4, "Head/Number~t.b", "Declaration/Office/ID")
    found = codes(table(SOUND[0], part, rest, SOUND[2], templates={"t": template}))
    assert (("mapping.template-ambiguous", "templates.t") in found) is ambiguous


def test_coverage_counts_leaves_by_way() -> None:
    one_way = row(2, "Head/Number", "Declaration/ID", way="to-wco", why="x")
    dropped = row(3, "Head/Mode", "", "drop", way="to-wco", why="x")
    coverage = coverage_of(table(SOUND[0], one_way, dropped), NATIONAL)
    assert (coverage.leaves, coverage.both, coverage.one_way, coverage.dropped) == (3, 1, 1, 1)
    assert coverage.homeless == ()
