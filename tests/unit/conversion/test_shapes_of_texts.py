"""The shapes of texts, places and echoes, each by its number in the notation, on small made-up forms."""

from __future__ import annotations

from tests.unit.conversion.bench import (
    CONTEXT,
    block,
    both_ways,
    code_list,
    codes_of,
    date,
    form,
    group,
    leaf,
    line_of,
    mapping,
    row,
)

SEALS = form("Form", leaf("Seal"), leaf("Plate"))
APART = form("Meta", group("Seal", leaf("ID"), leaf("Party"), leaf("Kind")), leaf("Tractor"), leaf("Trailer"))
SEAL_HEAD = """
[templates]
seal = { text = "{kind}/{number}@{sealer}", kind = "[ME]", number = "[A-Z0-9]+", sealer = "[A-Z]{2}", absent = "0000" }
plate = { text = "{tractor}[/{trailer}]", tractor = "[A-Z0-9]{4,10}", trailer = "[A-Z0-9]{4,10}" }
"""
SEAL_ROWS = [
    row("r1", "Seal~seal.number", "Seal/ID"),
    row("r2", "Seal~seal.sealer", "Seal/Party", "code", "sealer"),
    row("r3", "Seal~seal.kind", "Seal/Kind"),
    row("r4", "Plate~plate.tractor", "Tractor"),
    row("r5", "Plate~plate.trailer", "Trailer"),
]
SEALER = {"sealer": code_list("sealer", {"CA": "1", "CU": "2"})}


def test_shape_9_one_text_is_several_leaves() -> None:
    made = mapping(SEALS, APART, SEAL_ROWS, SEAL_HEAD, lists=SEALER)
    there, back = both_ways(
        made,
        {"Form": {"Seal": "M/123@CA", "Plate": "ABC123/XYZ9"}},
        {"Meta": {"Seal": {"ID": "123", "Party": "1", "Kind": "M"}, "Tractor": "ABC123", "Trailer": "XYZ9"}},
    )
    assert line_of(there, "Seal").row == "r3 r1 r2"  # in the order of the text
    assert set(line_of(there, "Seal").to) == {"Seal/ID", "Seal/Party", "Seal/Kind"}
    assert [line.number for line in back.account.target] == [1, 1]
    both_ways(made, {"Form": {"Plate": "ABC123"}}, {"Meta": {"Tractor": "ABC123"}})


def test_shape_9_a_text_without_the_shape_is_a_finding_and_one_that_says_nothing_is_none() -> None:
    made = mapping(SEALS, APART, SEAL_ROWS, SEAL_HEAD, lists=SEALER)
    misfit = made.to_wco({"Form": {"Seal": "123"}}, CONTEXT)
    assert codes_of(misfit.findings) == [("map.template-misfit", "r1")]
    assert line_of(misfit, "Seal").fate == "unmapped"
    nothing = made.to_wco({"Form": {"Seal": "0000"}}, CONTEXT)
    assert (nothing.findings, nothing.tree) == ((), {"Meta": {}})
    assert line_of(nothing, "Seal").fate == "implied"


def test_shape_9_the_worst_of_the_parts_counts_and_a_missing_part_is_a_finding() -> None:
    made = mapping(SEALS, APART, SEAL_ROWS, SEAL_HEAD, lists=SEALER)
    unknown = made.to_wco({"Form": {"Seal": "M/123@ZZ"}}, CONTEXT)
    assert codes_of(unknown.findings) == [("map.code-unknown", "r2")]
    assert line_of(unknown, "Seal").fate == "unmapped"
    incomplete = made.from_wco({"Meta": {"Seal": {"ID": "123", "Kind": "M"}}}, CONTEXT)
    assert codes_of(incomplete.findings) == [("map.template-incomplete", "r1")]
    assert incomplete.tree == {"Form": {}}
    assert {line.fate for line in incomplete.account.source} == {"unmapped"}


def test_shape_9_parts_on_the_wco_side() -> None:
    made = mapping(
        form("Form", leaf("Post"), leaf("Serial")),
        form("Meta", leaf("ID")),
        [row("r1", "Post", "ID~reg.post"), row("r2", "Serial", "ID~reg.serial")],
        '[templates]\nreg = { text = "{post}/{serial}", post = "[0-9]{3}", serial = "[0-9]+" }\n',
    )
    both_ways(made, {"Form": {"Post": "701", "Serial": "15"}}, {"Meta": {"ID": "701/15"}})


def test_shape_10_the_target_is_chosen_by_a_value_on_both_ways() -> None:
    national = form("Form", leaf("Flag", least=1), leaf("Port"))
    wco = form("Meta", leaf("Type"), group("Exit", leaf("ID")), group("Entry", leaf("ID")))
    made = mapping(
        national,
        wco,
        [
            row("r1", "Flag", "Type", "code", "type"),
            row("r2", "Port", "Exit/ID", case="export"),
            row("r3", "Port", "Entry/ID", case="not export"),
        ],
        '[cases]\nexport = { says = "export form", national = "Flag = E", wco = "Type in list type-export" }\n',
        lists={"type": code_list("type", {"E": "EX", "I": "IM"}), "type-export": code_list("type-export", {"E": "EX"})},
    )
    both_ways(made, {"Form": {"Flag": "E", "Port": "P"}}, {"Meta": {"Type": "EX", "Exit": {"ID": "P"}}})
    both_ways(made, {"Form": {"Flag": "I", "Port": "P"}}, {"Meta": {"Type": "IM", "Entry": {"ID": "P"}}})


def test_shape_10_a_case_with_a_letter_is_decided_for_each_entry() -> None:
    national = form("Form", group("Line", leaf("Unit"), leaf("Amount"), most=9))
    wco = form("Meta", group("Item", leaf("Unit"), leaf("Mass"), leaf("Pieces"), most=9))
    made = mapping(
        national,
        wco,
        [
            row("r1", "Line[c]/Unit", "Item[c]/Unit"),
            row("r2", "Line[c]/Amount", "Item[c]/Mass", case="mass"),
            row("r3", "Line[c]/Amount", "Item[c]/Pieces", case="not mass"),
        ],
        """
[loops]
c = { says = "each line", national = "Line", wco = "Item" }
[cases]
mass = { says = "by mass", national = "Line[c]/Unit in KG MT", wco = "Item[c]/Unit in KG MT" }
""",
    )
    both_ways(
        made,
        {"Form": {"Line": [{"Unit": "KG", "Amount": "5"}, {"Unit": "PC", "Amount": "6"}]}},
        {"Meta": {"Item": [{"Unit": "KG", "Mass": "5"}, {"Unit": "PC", "Pieces": "6"}]}},
    )


LONG = form("Form", leaf("Name", 30))
SHORT = form("Meta", leaf("Name", 10), group("Info", leaf("Type", 3), leaf("Text", 20), most=9))


def test_shape_14_what_is_too_long_is_whole_elsewhere() -> None:
    made = mapping(LONG, SHORT, [row("r1", "Name", "Name", "fit", "over Info{Type=CNM}/Text")])
    both_ways(made, {"Form": {"Name": "short"}}, {"Meta": {"Name": "short"}})
    there, back = both_ways(
        made,
        {"Form": {"Name": "a longer name"}},
        {"Meta": {"Name": "a longer n", "Info": [{"Type": "CNM", "Text": "a longer name"}]}},
    )
    assert line_of(there, "Name").to == ("Name", "Info{Type=CNM}/Text")
    assert line_of(there, "Name").loss == "none"
    assert line_of(back, "Info{Type=CNM}/Text").fate == "mapped"
    assert line_of(back, "Info/Type").fate == "implied"


def test_shape_14_longer_than_every_place_is_a_finding_in_pieces_or_shortened() -> None:
    long = {"Form": {"Name": "one two three four five six"}}
    refused = mapping(LONG, SHORT, [row("r1", "Name", "Name", "fit", "over Info{Type=CNM}/Text")]).to_wco(long, CONTEXT)
    assert codes_of(refused.findings) == [("map.too-long", "r1")]
    assert line_of(refused, "Name").fate == "unmapped"
    pieces = mapping(LONG, SHORT, [row("r1", "Name", "Name", "fit", "over Info{Type=CNM}/Text in pieces")])
    there = pieces.to_wco(long, CONTEXT)
    assert "".join(entry["Text"] for entry in there.tree["Meta"]["Info"]) == "one two three four five six"
    back = pieces.from_wco(there.tree, CONTEXT)
    assert (back.findings, back.tree) == ((), long)
    cut = mapping(LONG, SHORT, [row("r1", "Name", "Name", "fit", "refuse", loss="shortened")]).to_wco(long, CONTEXT)
    assert cut.tree == {"Meta": {"Name": "one two th"}}
    assert line_of(cut, "Name").loss == "shortened"


def test_shape_14_another_text_in_the_other_place_is_not_taken_for_the_whole() -> None:
    made = mapping(LONG, SHORT, [row("r1", "Name", "Name", "fit", "over Info{Type=CNM}/Text")])
    back = made.from_wco({"Meta": {"Name": "short", "Info": [{"Type": "CNM", "Text": "something else"}]}}, CONTEXT)
    assert back.tree == {"Form": {"Name": "short"}}
    assert line_of(back, "Info/Text").fate == "unmapped"


PARTY = group("Party", leaf("ID"), leaf("Name"), group("Phone", leaf("No"), most=9))


def test_shape_16_one_value_for_a_class_that_repeats() -> None:
    wco = form("Meta", group("Origin", leaf("Country"), most=9))
    made = mapping(form("Form", leaf("Origin")), wco, [row("r1", "Origin", "Origin[one]/Country")])
    both_ways(made, {"Form": {"Origin": "PK"}}, {"Meta": {"Origin": [{"Country": "PK"}]}})
    two = made.from_wco({"Meta": {"Origin": [{"Country": "PK"}, {"Country": "AF"}]}}, CONTEXT)
    assert codes_of(two.findings) == [("map.second-entry", "r1")]
    assert {line.fate: line.number for line in two.account.source} == {"mapped": 1, "unmapped": 1}


def test_shape_16_braces_and_one_keep_apart() -> None:
    wco = form("Meta", group("Document", leaf("Type"), leaf("ID"), most=9))
    made = mapping(
        form("Form", leaf("Carnet"), leaf("Other"), leaf("Kind")),
        wco,
        [
            row("r1", "Carnet", "Document{Type=952}/ID"),
            row("r2", "Other", "Document[one]/ID"),
            row("r3", "Kind", "Document[one]/Type"),
        ],
    )
    back = made.from_wco({"Meta": {"Document": [{"Type": "952", "ID": "X"}, {"Type": "730", "ID": "Y"}]}}, CONTEXT)
    assert back.findings == ()
    assert back.tree == {"Form": {"Carnet": "X", "Other": "Y", "Kind": "730"}}


def test_shape_15_a_block_used_in_two_places_with_its_own_loops_and_parameters() -> None:
    party = [leaf("ID"), leaf("Name", 40), leaf("Phone", most=9)]
    wco_party = [leaf("ID"), leaf("Name", 10), group("Communication", leaf("ID"), most=9), leaf("Role")]
    info = group("Info", leaf("Type"), leaf("Text"), most=9)
    national = form("Form", group("Seller", *party), group("Buyer", *party))
    wco = form("Meta", group("Consignor", *wco_party), group("Consignee", *wco_party), info)
    made = mapping(
        national,
        wco,
        [
            row("s1", "Seller", "Consignor", "use", "party role=CZ info=Info{Type=SNM}"),
            row("b1", "Buyer", "Consignee", "use", "party role=CN info=Info{Type=BNM}"),
        ],
        blocks=(
            block(
                "party",
                [
                    row("p1", "ID", "ID"),
                    row("p2", "Name", "Name", "fit", "over $info/Text"),
                    row("p3", "Phone[m]", "Communication[m]/ID"),
                    row("p4", "", "Role", "constant", "$role"),
                ],
                '[loops]\nm = { says = "each phone", national = "Phone", wco = "Communication" }\n',
            ),
        ),
    )
    there, back = both_ways(
        made,
        {"Form": {"Seller": {"ID": "1", "Phone": ["11", "12"]}, "Buyer": {"Name": "a long name of a buyer"}}},
        {
            "Meta": {
                "Consignor": {"ID": "1", "Communication": [{"ID": "11"}, {"ID": "12"}], "Role": "CZ"},
                "Consignee": {"Name": "a long nam", "Role": "CN"},
                "Info": [{"Type": "BNM", "Text": "a long name of a buyer"}],
            }
        },
    )
    assert line_of(there, "Seller/Phone").row == "s1/p3"
    assert line_of(back, "Consignor/Role").row == "s1/p4"


def test_shape_17_one_value_goes_to_several_places_and_is_compared_on_the_way_back() -> None:
    wco = form("Meta", leaf("ID"), leaf("Journey"), date("Issued"))
    made = mapping(
        form("Form", leaf("ID"), leaf("Day")),
        wco,
        [
            row("r1", "ID", "ID"),
            row("r2", "ID", "Journey", way="to-wco"),
            row("r3", "Day", "Issued", "date", "YYYYMMDD | 102"),
        ],
    )
    issued = {"DateTimeString": {"value": "20260301", "@formatCode": "102"}}
    there, back = both_ways(
        made, {"Form": {"ID": "B1", "Day": "20260301"}}, {"Meta": {"ID": "B1", "Journey": "B1", "Issued": issued}}
    )
    assert line_of(there, "ID").to == ("ID", "Journey")
    assert line_of(back, "Journey").fate == "implied"
    differs = made.from_wco({"Meta": {"ID": "B1", "Journey": "B2"}}, CONTEXT)
    assert codes_of(differs.findings) == [("map.echo-differs", "r2")]
    assert differs.tree == {"Form": {"ID": "B1"}}
    assert line_of(differs, "Journey").fate == "unmapped"


def test_the_echo_stands_behind_a_drop() -> None:
    made = mapping(
        form("Form", leaf("ID")),
        form("Meta", leaf("ID"), leaf("Journey")),
        [
            row("r1", "ID", "ID"),
            row("r2", "ID", "Journey", way="to-wco"),
            row("r3", "", "Journey", "drop", way="from-wco", why="said by the ID"),
        ],
    )
    back = made.from_wco({"Meta": {"ID": "B1", "Journey": "B2"}}, CONTEXT)
    assert back.findings == ()
    assert line_of(back, "Journey").fate == "dropped"
    assert line_of(back, "Journey").reason == "said by the ID"


def test_shape_18_a_list_split_by_position() -> None:
    national = form("Form", group("Unit", leaf("No"), most=9))
    wco = form("Meta", group("Means", leaf("ID"), group("Trailer", leaf("ID"), most=9)))
    made = mapping(
        national,
        wco,
        [row("r1", "Unit[m]/No", "Means[m]/ID"), row("r2", "Unit[t]/No", "Means/Trailer[t]/ID")],
        """
[loops]
t = { says = "its trailers", national = "Unit", wco = "Means/Trailer", only = "others" }
m = { says = "the vehicle", national = "Unit", wco = "Means", only = "first" }
""",
    )
    there = made.to_wco({"Form": {"Unit": [{"No": "V"}, {"No": "T1"}, {"No": "T2"}]}}, CONTEXT)
    assert there.findings == ()
    assert there.tree == {"Meta": {"Means": {"ID": "V", "Trailer": [{"ID": "T1"}, {"ID": "T2"}]}}}


def test_shape_19_numbered_leaves_are_entries_of_a_list() -> None:
    wco = form("Meta", group("Seal", leaf("SequenceNumeric", base="decimal"), leaf("ID"), most=9))
    made = mapping(
        form("Form", leaf("Marks1"), leaf("Marks2")),
        wco,
        [
            row("r1", "Marks1", "Seal{SequenceNumeric=1}/ID"),
            row("r2", "Marks2", "Seal{SequenceNumeric=2}/ID"),
        ],
    )
    both_ways(
        made,
        {"Form": {"Marks1": "a", "Marks2": "b"}},
        {"Meta": {"Seal": [{"SequenceNumeric": "1", "ID": "a"}, {"SequenceNumeric": "2", "ID": "b"}]}},
    )


def test_shape_20_values_below_each_line_stand_once_in_the_header() -> None:
    national = form("Form", group("Item", leaf("Name"), leaf("Box", most=9), most=9))
    wco = form(
        "Meta",
        group("Item", leaf("Name"), group("Equipment", leaf("ID"), most=9), most=9),
        group("Equipment", leaf("ID"), most=9),
    )
    made = mapping(
        national,
        wco,
        [row("r1", "Item[i]/Name", "Item[i]/Name"), row("r2", "Item[i]/Box[q]", "Equipment[i.q]/ID")],
        """
[loops]
i = { says = "each line", national = "Item", wco = "Item" }
[loops.q]
says = "each container, once"
national = "Item[i]/Box"
wco = "Equipment"
group = "."
linked = { of = "i", wco = "Equipment", by = "ID" }
""",
    )
    both_ways(
        made,
        {"Form": {"Item": [{"Name": "tea", "Box": ["A", "B"]}, {"Name": "rice", "Box": ["B"]}]}},
        {
            "Meta": {
                "Item": [
                    {"Name": "tea", "Equipment": [{"ID": "A"}, {"ID": "B"}]},
                    {"Name": "rice", "Equipment": [{"ID": "B"}]},
                ],
                "Equipment": [{"ID": "A"}, {"ID": "B"}],
            }
        },
    )


def test_shape_18_the_first_is_the_first_of_those_that_no_case_takes() -> None:
    national = form("Form", group("Unit", leaf("No"), most=9))
    wco = form(
        "Meta", group("Box", leaf("ID"), most=9), group("Means", leaf("ID"), group("Trailer", leaf("ID"), most=9))
    )
    made = mapping(
        national,
        wco,
        [
            row("r1", "Unit[m]/No", "Means[m]/ID"),
            row("r2", "Unit[t]/No", "Means/Trailer[t]/ID"),
            row("r3", "Unit[b]/No", "Box[b]/ID"),
        ],
        """
[loops]
t = { says = "further trucks", national = "Unit", wco = "Means/Trailer", only = "others" }
m = { says = "the first truck", national = "Unit", wco = "Means", only = "first" }
b = { says = "each box", national = "Unit", wco = "Box", only = "box" }
[cases]
box = { says = "a box", national = "Unit[b]/No in B1 B2", wco = "always" }
""",
    )
    there = made.to_wco({"Form": {"Unit": [{"No": no} for no in ("B1", "V1", "B2", "V2")]}}, CONTEXT)
    assert there.findings == ()
    assert there.tree == {
        "Meta": {"Box": [{"ID": "B1"}, {"ID": "B2"}], "Means": {"ID": "V1", "Trailer": [{"ID": "V2"}]}}
    }
    assert there.account.fates()["unmapped"] == 0
    boxes_only = made.to_wco({"Form": {"Unit": [{"No": "B1"}]}}, CONTEXT)
    assert boxes_only.tree == {"Meta": {"Box": [{"ID": "B1"}]}}


def test_a_drop_in_one_loop_of_a_split_list_says_nothing_about_the_entries_of_the_other() -> None:
    made = mapping(
        form("Form", group("Unit", leaf("No"), leaf("Seal", 9), most=9)),
        form("Meta", group("Means", leaf("ID"), group("Trailer", leaf("ID"), leaf("Seal", 3), most=9))),
        [
            row("r1", "Unit[m]/No", "Means[m]/ID"),
            row("r2", "Unit[m]/Seal", "", "drop", way="to-wco", why="nobody asks for it"),
            row("r3", "Unit[t]/No", "Means/Trailer[t]/ID"),
            row("r4", "Unit[t]/Seal", "Means/Trailer[t]/Seal", "fit", "refuse"),
        ],
        """
[loops]
m = { says = "the vehicle", national = "Unit", wco = "Means", only = "first" }
t = { says = "its trailers", national = "Unit", wco = "Means/Trailer", only = "others" }
""",
    )
    units = [{"No": "V", "Seal": "s"}, {"No": "T", "Seal": "longer"}]
    there = made.to_wco({"Form": {"Unit": units}}, CONTEXT)
    assert codes_of(there.findings) == [("map.too-long", "r4")]
    seals = {(line.fate, line.row) for line in there.account.source if line.path.endswith("Seal")}
    assert seals == {("dropped", "r2"), ("unmapped", "")}
