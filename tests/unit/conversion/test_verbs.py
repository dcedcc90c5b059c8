"""The verbs, forward and back, each with its loss and with what it refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversion.mapping import Mapping
from gateway.conversion.verbs.pieces import cut, shortened
from gateway.findings import Severity
from tests.unit.conversion.bench import (
    CONTEXT,
    both_ways,
    code_list,
    codes_of,
    date,
    form,
    group,
    leaf,
    line_of,
    mapping,
    origin_of,
    row,
)

BOX = [leaf("A", 20), leaf("B", 20), leaf("C", 20), leaf("Unit")]
NATIONAL = form("Form", *BOX, group("Line", leaf("Qty"), leaf("Price"), most=9), leaf("Total"), leaf("Count"))
WCO = form(
    "Meta",
    *BOX,
    leaf("Mass", base="decimal", total_digits=8, fraction_digits=3, attributes=("unitCode",)),
    date("Day"),
    group("Info", leaf("Type"), leaf("Text"), most=9),
    group("Item", leaf("Qty"), leaf("Price"), leaf("Value", base="decimal", fraction_digits=2), most=9),
    leaf("Amount", base="decimal", fraction_digits=2),
)
LINES = '[loops]\nc = { says = "each line", national = "Line", wco = "Item" }\n'
COUNTRIES = code_list("country", {"156": "CN", "116": "JP", "CHN": "CN"}, preferred=("156",), identity="2021")


def one(verb: str, argument: str = "", wco: str = "B", head: str = "", **more: Any) -> Mapping:
    cells = {key: more.pop(key) for key in ("loss", "way", "case") if key in more}
    lists = {"country": COUNTRIES, "mass": code_list("mass", {"KG": "KGM", "MT": "TNE"}, preferred=("MT",))}
    return mapping(NATIONAL, WCO, [row("r1", "A", wco, verb, argument, **cells)], head, lists=lists, **more)


def refused(made: Mapping, text: str) -> tuple[str, str]:
    there = made.to_wco({"Form": {"A": text}}, CONTEXT)
    (finding,) = there.findings
    assert finding.path == "A"
    assert text not in f"{finding.message}{finding.remedy}{finding.expected}"
    assert line_of(there, "A").fate == "unmapped"
    assert "B" not in there.tree["Meta"]
    return finding.code, finding.row


def test_copy_carries_the_text_and_refuses_what_the_other_form_does_not_allow() -> None:
    both_ways(one("copy"), {"Form": {"A": " kept as is "}}, {"Meta": {"B": " kept as is "}})
    strict = form("Meta", leaf("B", enumeration=("EX",)), leaf("D", patterns=("[0-9]+",)))
    made = mapping(NATIONAL, strict, [row("r1", "A", "B"), row("r2", "C", "D", "fit", "refuse")])
    there = made.to_wco({"Form": {"A": "IM", "C": "x1"}}, CONTEXT)
    assert codes_of(there.findings) == [("map.not-allowed", "r1"), ("map.not-allowed", "r2")]
    assert there.tree == {"Meta": {}}
    both_ways(made, {"Form": {"A": "EX", "C": "11"}}, {"Meta": {"B": "EX", "D": "11"}})


def test_code_goes_by_the_list_and_back_to_the_preferred_code() -> None:
    made = one("code", "country")
    both_ways(made, {"Form": {"A": "156"}}, {"Meta": {"B": "CN"}})
    assert made.to_wco({"Form": {"A": "CHN"}}, CONTEXT).tree == {"Meta": {"B": "CN"}}
    assert refused(made, "999") == ("map.code-unknown", "r1")
    back = made.from_wco({"Meta": {"B": "XX"}}, CONTEXT)
    assert codes_of(back.findings) == [("map.code-unknown", "r1")]


def test_code_with_another_code_is_coarser_and_with_a_text_it_loses_nothing() -> None:
    coarse = one("code", "country else ZZ", loss="coarser").to_wco({"Form": {"A": "999"}}, CONTEXT)
    assert (coarse.tree, line_of(coarse, "A").loss) == ({"Meta": {"B": "ZZ"}}, "coarser")
    kept = one("code", "country else ZZ text Info{Type=COU}/Text")
    there, _ = both_ways(kept, {"Form": {"A": "999"}}, {"Meta": {"B": "ZZ", "Info": [{"Type": "COU", "Text": "999"}]}})
    assert line_of(there, "A").loss == "none"
    both_ways(kept, {"Form": {"A": "156"}}, {"Meta": {"B": "CN"}})
    only = one("code", "country else text Info{Type=COU}/Text")
    both_ways(only, {"Form": {"A": "999"}}, {"Meta": {"Info": [{"Type": "COU", "Text": "999"}]}})


def test_code_names_its_list_or_compares_it() -> None:
    national = form("Form", leaf("A", attributes=("listId",)))
    made = mapping(national, WCO, [row("r1", "A", "B", "code", "country id at A@listId")], lists={"country": COUNTRIES})
    there, _ = both_ways(made, {"Form": {"A": {"value": "156", "@listId": "2021"}}}, {"Meta": {"B": "CN"}})
    assert line_of(there, "A@listId").fate == "implied"
    other = made.to_wco({"Form": {"A": {"value": "156", "@listId": "2020"}}}, CONTEXT)
    assert codes_of(other.findings) == [("map.list-id-differs", "r1")]
    assert line_of(other, "A@listId").fate == "unmapped"


@pytest.mark.parametrize(
    ("text", "code", "loss"),
    [
        ("20260316", "102", "none"),
        ("20260316101112", "304", "none"),
        ("20260316101112000", "304", "none"),
        ("20260316101112345", "304", "rounded"),
    ],
)
def test_date_keeps_its_precision_and_tells_its_loss(text: str, code: str, loss: str) -> None:
    made = one("date", "compact +05:00 | 102 or 304", "Day", loss="rounded")
    there = made.to_wco({"Form": {"A": text}}, CONTEXT)
    written = there.tree["Meta"]["Day"]["DateTimeString"]
    assert written["@formatCode"] == code
    assert written["value"] == (text if code == "102" else f"{text[:14]}+05")
    assert line_of(there, "A").loss == loss
    assert line_of(there, "A").to == ("Day/DateTimeString",)
    back = made.from_wco(there.tree, CONTEXT)
    assert back.findings == ()
    assert text.startswith(back.tree["Form"]["A"])
    assert {line.fate for line in back.account.source} == {"mapped"}


def test_a_date_that_is_none_or_of_another_format_code_is_a_finding() -> None:
    made = one("date", "compact +05:00 | 102 or 304", "Day", loss="rounded")
    assert refused(made, "20260231") == ("map.date-unreadable", "r1")
    other = {"Meta": {"Day": {"DateTimeString": {"value": "202603161011", "@formatCode": "203"}}}}
    assert codes_of(made.from_wco(other, CONTEXT).findings) == [("map.date-unreadable", "r1")]
    day_only = one("date", "YYYYMMDD | 304", "Day")
    assert refused(day_only, "20260316") == ("map.date-unwritable", "r1")


def test_number_is_multiplied_exactly_and_divided_on_the_way_back() -> None:
    made = one("number", "times 1000 digits 3", "Mass", loss="rounded")
    both_ways(made, {"Form": {"A": "1.5"}}, {"Meta": {"Mass": "1500"}})
    rounded = made.to_wco({"Form": {"A": "0.0012345"}}, CONTEXT)
    assert (rounded.tree, line_of(rounded, "A").loss) == ({"Meta": {"Mass": "1.234"}}, "rounded")
    up = one("number", "digits 1 half-up", "Mass", loss="rounded").to_wco({"Form": {"A": "0.25"}}, CONTEXT)
    assert up.tree == {"Meta": {"Mass": "0.3"}}
    assert refused(made, "99999999") == ("map.too-many-digits", "r1")
    assert refused(made, "1e3") == ("map.not-a-number", "r1")


@given(st.decimals(min_value=0, max_value=99999, places=3, allow_nan=False))
def test_number_round_trip_is_the_same_number(value: Decimal) -> None:
    made = mapping(NATIONAL, WCO, [row("r1", "A", "Mass", "number")])
    back = made.from_wco(made.to_wco({"Form": {"A": format(value, "f")}}, CONTEXT).tree, CONTEXT)
    assert Decimal(back.tree["Form"]["A"]) == value


def tonnes(value: Decimal, source: str, target: str) -> Decimal | None:
    factor = {"KGM": Decimal(1), "TNE": Decimal(1000)}
    if source not in factor or target not in factor:
        return None
    return value * factor[source] / factor[target]


def test_measure_takes_the_unit_along_and_comes_back_in_the_preferred_one() -> None:
    made = one("measure", "mass KGM unit at Unit", "Mass", factor=tonnes)
    there, back = both_ways(
        made, {"Form": {"A": "1.5", "Unit": "MT"}}, {"Meta": {"Mass": {"value": "1500", "@unitCode": "KGM"}}}
    )
    assert line_of(there, "Unit").fate == "mapped"
    assert line_of(back, "Mass@unitCode").fate == "mapped"
    kilos = made.to_wco({"Form": {"A": "7", "Unit": "KG"}}, CONTEXT)
    assert kilos.tree == {"Meta": {"Mass": {"value": "7", "@unitCode": "KGM"}}}
    assert refused(made, "1") == ("map.unit-missing", "r1")
    bad = made.to_wco({"Form": {"A": "1", "Unit": "XX"}}, CONTEXT)
    assert codes_of(bad.findings) == [("map.unit-unknown", "r1")]
    tons = made.from_wco({"Meta": {"Mass": {"value": "2", "@unitCode": "TNE"}}}, CONTEXT)
    assert tons.tree == {"Form": {"A": "2", "Unit": "MT"}}


def test_measure_with_a_fixed_unit() -> None:
    made = one("measure", "mass KGM unit KG", "Mass", factor=tonnes)
    both_ways(made, {"Form": {"A": "12"}}, {"Meta": {"Mass": {"value": "12", "@unitCode": "KGM"}}})


def test_chunks_join_without_trimming_and_are_cut_again() -> None:
    national = form("Form", leaf("Text", 5, most=3))
    wco = form("Meta", leaf("Text", 8), group("Info", leaf("Type"), leaf("Text", 20), most=9))
    made = mapping(national, wco, [row("r1", "Text", "Text", "chunks", "5 3 over Info{Type=GDS}/Text")])
    both_ways(made, {"Form": {"Text": ["ab cd"]}}, {"Meta": {"Text": "ab cd"}})
    there, back = both_ways(
        made,
        {"Form": {"Text": ["ab cd", " ef g", "h"]}},
        {"Meta": {"Text": "ab cd ef", "Info": [{"Type": "GDS", "Text": "ab cd ef gh"}]}},
    )
    assert line_of(there, "Text").number == 3
    assert {line.fate for line in back.account.source} == {"mapped", "implied"}
    long = made.from_wco({"Meta": {"Text": "x" * 8, "Info": [{"Type": "GDS", "Text": "x" * 16}]}}, CONTEXT)
    assert codes_of(long.findings) == [("map.too-long", "r1")]


def test_a_constant_stands_where_other_rows_make_its_class() -> None:
    national = form("Form", leaf("A"))
    wco = form("Meta", group("Party", leaf("ID"), leaf("Role")), group("Info", leaf("Type"), leaf("Code"), most=9))
    made = mapping(
        national,
        wco,
        [
            row("r1", "A", "Party/ID"),
            row("r2", "", "Party/Role", "constant", "CZ"),
            row("r3", "", "Info{Type=X}/Code", "constant", "1"),
        ],
    )
    info = [{"Type": "X", "Code": "1"}]
    there, back = both_ways(made, {"Form": {"A": "7"}}, {"Meta": {"Party": {"ID": "7", "Role": "CZ"}, "Info": info}})
    assert origin_of(there, "Party/Role") == "constant"
    assert line_of(back, "Party/Role").fate == "implied"
    assert made.to_wco({"Form": {}}, CONTEXT).tree == {"Meta": {"Info": info}}
    other = made.from_wco({"Meta": {"Party": {"ID": "7", "Role": "XX"}}}, CONTEXT)
    assert codes_of(other.findings) == [("map.constant-differs", "r2")]
    assert other.findings[0].severity is Severity.WARNING
    assert line_of(other, "Party/Role").fate == "unmapped"


def test_a_constant_with_a_case_is_a_flag_or_a_default() -> None:
    national = form("Form", group("Head", leaf("Flag", base="boolean", least=1), leaf("Kind"), least=1), leaf("Carnet"))
    wco = form("Meta", leaf("Kind"), group("Document", leaf("Type"), leaf("ID"), most=9))
    made = mapping(
        national,
        wco,
        [
            row("r1", "Carnet", "Document{Type=952}/ID", case="tir"),
            row("r2", "Head/Flag", "", "constant", "true", case="tir"),
            row("r3", "Head/Flag", "", "constant", "false", case="not tir"),
            row("r4", "Head/Kind", "Kind"),
            row("r5", "", "Kind", "constant", "ZZ", way="to-wco", case="no-kind"),
        ],
        """
[cases]
tir = { says = "under a carnet", national = "Head/Flag = true", wco = "Document{Type=952} present" }
no-kind = { says = "no kind is given", national = "Head/Kind absent", wco = "never" }
""",
    )
    there = made.to_wco({"Form": {"Head": {"Flag": "1"}, "Carnet": "XB1"}}, CONTEXT)
    assert there.tree == {"Meta": {"Document": [{"Type": "952", "ID": "XB1"}], "Kind": "ZZ"}}
    assert line_of(there, "Head/Flag").fate == "implied"
    assert origin_of(there, "Kind") == "default"
    back = made.from_wco(there.tree, CONTEXT)
    assert back.tree["Form"]["Head"]["Flag"] == "true"
    without = made.from_wco({"Meta": {"Kind": "K"}}, CONTEXT)
    assert without.tree == {"Form": {"Head": {"Flag": "false", "Kind": "K"}}}


def test_a_total_is_compared_and_computed_again() -> None:
    made = mapping(
        NATIONAL,
        WCO,
        [
            row("r1", "Line[c]/Qty", "Item[c]/Qty"),
            row("r2", "Total", "", "total", "sum Line[c]/Qty tolerance 0.01"),
            row("r3", "Count", "", "total", "count Line[c]"),
        ],
        LINES,
    )
    there, back = both_ways(
        made,
        {"Form": {"Line": [{"Qty": "1.5"}, {"Qty": "2"}], "Total": "3.5", "Count": "2"}},
        {"Meta": {"Item": [{"Qty": "1.5"}, {"Qty": "2"}]}},
    )
    assert line_of(there, "Total").fate == "implied"
    assert origin_of(back, "Count") == "total"
    wrong = made.to_wco({"Form": {"Line": [{"Qty": "1"}], "Total": "9", "Count": "1"}}, CONTEXT)
    assert codes_of(wrong.findings) == [("map.total-differs", "r2")]
    assert line_of(wrong, "Total").fate == "unmapped"
    near = made.to_wco({"Form": {"Line": [{"Qty": "1"}], "Total": "1.009", "Count": "1"}}, CONTEXT)
    assert near.findings == ()


def test_a_formula_is_computed_and_its_echo_allows_one_unit_of_the_last_digit() -> None:
    rows = [
        row("r1", "Line[c]/Qty", "Item[c]/Qty"),
        row("r2", "Line[c]/Price", "Item[c]/Price"),
        row("r3", "", "Item[c]/Value", "calculate", "Line[c]/Qty * Line[c]/Price digits 2", way="to-wco"),
        row("r4", "", "Amount", "calculate", "sum(Line[c]/Price) / 3 digits 2", way="to-wco"),
    ]
    made = mapping(NATIONAL, WCO, rows, LINES)
    there, back = both_ways(
        made,
        {"Form": {"Line": [{"Qty": "3", "Price": "1.115"}, {"Qty": "2", "Price": "5"}]}},
        {
            "Meta": {
                "Item": [{"Qty": "3", "Price": "1.115", "Value": "3.34"}, {"Qty": "2", "Price": "5", "Value": "10"}],
                "Amount": "2.04",
            }
        },
    )
    assert origin_of(there, "Amount") == "calculated"
    assert line_of(back, "Amount").fate == "implied"
    item = {"Qty": "3", "Price": "1.115"}
    near = made.from_wco({"Meta": {"Item": [{**item, "Value": "3.35"}]}}, CONTEXT)
    assert near.findings == ()
    far = made.from_wco({"Meta": {"Item": [{**item, "Value": "3.37"}]}}, CONTEXT)
    assert codes_of(far.findings) == [("map.echo-differs", "r3")]


def test_a_formula_that_divides_by_nothing_or_reads_no_number_is_a_finding() -> None:
    rows = [row("r1", "A", "Amount", "calculate", "A / C digits 2", way="to-wco", loss="computed")]
    made = mapping(NATIONAL, WCO, rows)
    assert codes_of(made.to_wco({"Form": {"A": "1", "C": "0"}}, CONTEXT).findings) == [("map.division-by-zero", "r1")]
    assert codes_of(made.to_wco({"Form": {"A": "x", "C": "2"}}, CONTEXT).findings) == [("map.not-a-number", "r1")]
    computed = made.to_wco({"Form": {"A": "1", "C": "8"}}, CONTEXT)
    assert computed.tree == {"Meta": {"Amount": "0.12"}}
    assert line_of(computed, "A").loss == "computed"
    assert made.to_wco({"Form": {"A": "1"}}, CONTEXT).tree == {"Meta": {}}


def test_a_drop_reaches_what_has_no_row_and_keeps_its_reason() -> None:
    national = form("Form", group("Secret", leaf("A"), leaf("B"), group("Deep", leaf("C", most=3))), leaf("Sign"))
    made = mapping(
        national,
        form("Meta", leaf("A")),
        [
            row("r1", "Secret/A", "A"),
            row("r2", "Secret", "", "drop", way="to-wco", why="stays at home"),
            row("r3", "Sign", "", "drop", way="to-wco", case="old", why="old signature"),
        ],
        '[cases]\nold = { says = "old", national = "Secret/A = old", wco = "always" }\n',
    )
    there = made.to_wco({"Form": {"Secret": {"A": "old", "B": "1", "Deep": {"C": ["2", "3"]}}, "Sign": "x"}}, CONTEXT)
    assert line_of(there, "Secret/Deep/C").number == 2
    assert line_of(there, "Secret/Deep/C").places == ("Secret/Deep/C[1]", "Secret/Deep/C[2]")
    assert (line_of(there, "Secret/B").fate, line_of(there, "Secret/B").reason) == ("dropped", "stays at home")
    assert line_of(there, "Sign").row == "r3"
    new = made.to_wco({"Form": {"Secret": {"A": "new"}, "Sign": "x"}}, CONTEXT)
    assert line_of(new, "Sign").fate == "unmapped"


def test_variables_carry_what_the_exchange_knows() -> None:
    made = mapping(
        NATIONAL,
        WCO,
        [
            row("r1", "A", "$message/reference"),
            row("r2", "B", "$partner/our-id", way="from-wco"),
            row("r3", "C", "$agreement/id", way="from-wco"),
            row("r4", "Unit", "$message/uuid", way="from-wco"),
        ],
    )
    there = made.to_wco({"Form": {"A": "M-1"}}, CONTEXT)
    assert there.variables == {"message/reference": "M-1"}
    assert line_of(there, "A").to == ("$message/reference",)
    back = made.from_wco({"Meta": {}}, CONTEXT)
    assert back.tree == {
        "Form": {
            "A": CONTEXT.reference,
            "B": "AA01",
            "C": "aa-xx-manifest",
            "Unit": "01234567-89ab-cdef-0123-456789abcdef",
        }
    }


def test_attributes_go_only_with_their_value() -> None:
    national = form("Form", leaf("Value", attributes=("currency",)), leaf("Currency"))
    wco = form("Meta", leaf("Amount", attributes=("currencyID",)))
    made = mapping(national, wco, [row("r1", "Value", "Amount"), row("r2", "Currency", "Amount@currencyID")])
    both_ways(
        made,
        {"Form": {"Value": "5", "Currency": "PKR"}},
        {"Meta": {"Amount": {"value": "5", "@currencyID": "PKR"}}},
    )
    alone = made.to_wco({"Form": {"Currency": "PKR"}}, CONTEXT)
    assert alone.tree == {"Meta": {}}
    assert codes_of(alone.findings) == [("map.attribute-alone", "r2")]
    assert alone.findings[0].severity is Severity.WARNING
    assert line_of(alone, "Currency").fate == "unmapped"


@given(st.text(alphabet="ab ", min_size=1, max_size=60).map(str.strip).filter(bool), st.integers(2, 20))
def test_pieces_joined_are_the_text_again(text: str, size: int) -> None:
    pieces = cut(text, size)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= size for piece in pieces)
    assert text.startswith(shortened(text, size))
