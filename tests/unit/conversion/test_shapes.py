"""The shapes that a plain row cannot say, one by one, each with a small made-up pair of formats."""

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
    origin_of,
    row,
)

LINES = group("Item", leaf("SequenceNumeric", base="decimal"), leaf("Name"), leaf("Mode"), most=None)
CONSIGNMENTS = form(
    "Meta",
    group(
        "Declaration",
        leaf("ID"),
        leaf("Journey"),
        group("Consignment", leaf("ID"), leaf("Place"), leaf("Mode"), group("Carrier", leaf("ID"), most=9), most=99),
    ),
)
FLAT = form("Form", leaf("ID"), leaf("Place"), leaf("Carrier"), group("Line", leaf("ID"), leaf("Mode"), most=99))
EACH_LINE = """
[loops]
c = { says = "each line", national = "Line", wco = "Declaration/Consignment" }
"""


def test_shape_1_a_header_value_stands_in_every_entry() -> None:
    made = mapping(
        FLAT,
        CONSIGNMENTS,
        [
            row("r1", "Line[c]/ID", "Declaration/Consignment[c]/ID"),
            row("r2", "Place", "Declaration/Consignment[every c]/Place"),
        ],
        EACH_LINE,
    )
    national = {"Form": {"Place": "KHI", "Line": [{"ID": "a"}, {"ID": "b"}]}}
    wco = {"Meta": {"Declaration": {"Consignment": [{"ID": "a", "Place": "KHI"}, {"ID": "b", "Place": "KHI"}]}}}
    there, back = both_ways(made, national, wco)
    assert line_of(there, "Place").fate == "mapped"
    assert line_of(back, "Declaration/Consignment/Place").number == 2


def test_shape_1_entries_that_do_not_agree_are_a_finding() -> None:
    made = mapping(
        FLAT,
        CONSIGNMENTS,
        [
            row("r1", "Line[c]/ID", "Declaration/Consignment[c]/ID"),
            row("r2", "Place", "Declaration/Consignment[every c]/Place"),
        ],
        EACH_LINE,
    )
    differs = {"Meta": {"Declaration": {"Consignment": [{"ID": "a", "Place": "KHI"}, {"ID": "b", "Place": "TOR"}]}}}
    absent = {"Meta": {"Declaration": {"Consignment": [{"ID": "a", "Place": "KHI"}, {"ID": "b"}]}}}
    assert codes_of(made.from_wco(differs, CONTEXT).findings) == [("map.written-twice", "r2")]
    assert codes_of(made.from_wco(absent, CONTEXT).findings) == [("map.every-differs", "r2")]


def test_shape_1_no_entry_at_all_leaves_the_value_unmapped() -> None:
    made = mapping(FLAT, CONSIGNMENTS, [row("r2", "Place", "Declaration/Consignment[every c]/Place")], EACH_LINE)
    there = made.to_wco({"Form": {"Place": "KHI"}}, CONTEXT)
    assert there.tree == {"Meta": {}}
    assert line_of(there, "Place").fate == "unmapped"


def test_shape_1_every_may_stand_over_a_whole_list() -> None:
    national = form("Form", leaf("Country", most=9), group("Line", leaf("ID"), most=9))
    wco = form("Meta", group("Consignment", leaf("ID"), group("Itinerary", leaf("Country"), most=9), most=9))
    made = mapping(
        national,
        wco,
        [
            row("r1", "Line[c]/ID", "Consignment[c]/ID"),
            row("r2", "Country[r]", "Consignment[every c]/Itinerary[r]/Country"),
        ],
        """
[loops]
c = { says = "each line", national = "Line", wco = "Consignment" }
r = { says = "each country", national = "Country", wco = "Consignment[every c]/Itinerary" }
""",
    )
    route = [{"Country": "PK"}, {"Country": "AF"}]
    both_ways(
        made,
        {"Form": {"Country": ["PK", "AF"], "Line": [{"ID": "a"}, {"ID": "b"}]}},
        {"Meta": {"Consignment": [{"ID": "a", "Itinerary": route}, {"ID": "b", "Itinerary": route}]}},
    )
    uneven = {"Meta": {"Consignment": [{"ID": "a", "Itinerary": route}, {"ID": "b", "Itinerary": route[:1]}]}}
    assert codes_of(made.from_wco(uneven, CONTEXT).findings) == [("map.every-differs", "loops.r")]


def test_shape_2_every_entry_of_the_national_side_says_one_thing() -> None:
    wco = form("Meta", leaf("Mode"), group("Consignment", leaf("ID"), most=9))
    made = mapping(
        FLAT,
        wco,
        [row("r1", "Line[c]/ID", "Consignment[c]/ID"), row("r2", "Line[every c]/Mode", "Mode")],
        '[loops]\nc = { says = "each line", national = "Line", wco = "Consignment" }\n',
    )
    both_ways(
        made,
        {"Form": {"Line": [{"ID": "a", "Mode": "3"}, {"ID": "b", "Mode": "3"}]}},
        {"Meta": {"Mode": "3", "Consignment": [{"ID": "a"}, {"ID": "b"}]}},
    )


def test_shape_3_only_the_first_entry_carries_and_the_others_must_be_empty() -> None:
    made = mapping(
        FLAT,
        CONSIGNMENTS,
        [
            row("r1", "Line[c]/ID", "Declaration/Consignment[c]/ID"),
            row("r2", "Place", "Declaration/Consignment[first c]/Place"),
        ],
        EACH_LINE,
    )
    national = {"Form": {"Place": "KHI", "Line": [{"ID": "a"}, {"ID": "b"}]}}
    wco = {"Meta": {"Declaration": {"Consignment": [{"ID": "a", "Place": "KHI"}, {"ID": "b"}]}}}
    both_ways(made, national, wco)
    second = {"Meta": {"Declaration": {"Consignment": [{"ID": "a"}, {"ID": "b", "Place": "KHI"}]}}}
    assert codes_of(made.from_wco(second, CONTEXT).findings) == [("map.first-others", "r2")]


def test_shape_4_a_repeated_leaf_becomes_a_class_with_a_number() -> None:
    national = form("Form", leaf("Country", most=99))
    wco = form("Meta", group("Itinerary", leaf("SequenceNumeric", least=1, base="decimal"), leaf("Country"), most=99))
    made = mapping(
        national,
        wco,
        [row("r1", "Country[r]", "Itinerary[r]/Country")],
        '[loops]\nr = { says = "each country", national = "Country", wco = "Itinerary" }\n',
    )
    there, back = both_ways(
        made,
        {"Form": {"Country": ["PK", "AF"]}},
        {"Meta": {"Itinerary": [{"SequenceNumeric": "1", "Country": "PK"}, {"SequenceNumeric": "2", "Country": "AF"}]}},
    )
    assert origin_of(there, "Itinerary/SequenceNumeric") == "calculated"
    assert line_of(back, "Itinerary/SequenceNumeric").fate == "implied"
    holes = made.to_wco({"Form": {"Country": ["PK", " ", "AF"]}}, CONTEXT)
    assert [entry["Country"] for entry in holes.tree["Meta"]["Itinerary"]] == ["PK", "AF"]
    assert sorted(line.fate for line in holes.account.source) == ["implied", "mapped"]


FLAT_PROOFS = form(
    "Form", group("Item", leaf("No"), leaf("Name"), most=99), group("Proof", leaf("ItemNo"), leaf("Cert"), most=99)
)
NESTED_PROOFS = form(
    "Meta",
    group(
        "Item",
        leaf("SequenceNumeric", base="decimal"),
        leaf("Name"),
        group("Document", leaf("ID"), leaf("Type"), most=99),
        most=99,
    ),
    group("Document", leaf("ID"), leaf("Type"), most=99),
)
PROOF_ROWS = [
    row("r1", "Item[i]/Name", "Item[i]/Name"),
    row("r2", "Proof[x]/Cert", "Item[i]/Document{Type=861}[x]/ID"),
]
PROOF_HEAD = """
[loops.i]
says = "each line"
national = "Item"
wco = "Item"
number = { from = "No", to = "SequenceNumeric" }
[loops.x]
says = "each proof"
national = "Proof"
wco = "Item[i]/Document{Type=861}"
key = { national = "ItemNo", wco = "SequenceNumeric", of = "i" }
"""


def test_shape_5_a_flat_list_goes_under_the_line_that_it_names() -> None:
    made = mapping(FLAT_PROOFS, NESTED_PROOFS, PROOF_ROWS, PROOF_HEAD)
    there, back = both_ways(
        made,
        {
            "Form": {
                "Item": [{"No": "1", "Name": "tea"}, {"No": "2", "Name": "rice"}],
                "Proof": [{"ItemNo": "1", "Cert": "Y0"}, {"ItemNo": "2", "Cert": "Y1"}, {"ItemNo": "2", "Cert": "Y2"}],
            }
        },
        {
            "Meta": {
                "Item": [
                    {"SequenceNumeric": "1", "Name": "tea", "Document": [{"Type": "861", "ID": "Y0"}]},
                    {
                        "SequenceNumeric": "2",
                        "Name": "rice",
                        "Document": [{"Type": "861", "ID": "Y1"}, {"Type": "861", "ID": "Y2"}],
                    },
                ]
            }
        },
    )
    assert line_of(there, "Proof/ItemNo").row == "loops.x"
    assert origin_of(there, "Item/Document/Type") == "constant"
    assert line_of(back, "Item/Document/Type").fate == "implied"


def test_shape_5_an_unknown_line_is_refused_or_goes_to_its_own_place() -> None:
    national = {"Form": {"Item": [{"No": "1", "Name": "tea"}], "Proof": [{"ItemNo": "7", "Cert": "Y1"}]}}
    refusing = mapping(FLAT_PROOFS, NESTED_PROOFS, PROOF_ROWS, PROOF_HEAD).to_wco(national, CONTEXT)
    assert codes_of(refusing.findings) == [("map.parent-unknown", "loops.x")]
    assert refusing.findings[0].path == "Proof[1]"
    assert line_of(refusing, "Proof/Cert").fate == "unmapped"
    keeping = mapping(
        FLAT_PROOFS, NESTED_PROOFS, PROOF_ROWS, PROOF_HEAD + 'without_parent = "Document{Type=861}"\n'
    ).to_wco(national, CONTEXT)
    assert keeping.findings == ()
    assert keeping.tree["Meta"]["Document"] == [{"Type": "861", "ID": "Y1"}]


def test_shape_6_a_list_of_numbers_becomes_links() -> None:
    national = form(
        "Form", group("Item", leaf("No"), leaf("Name"), most=99), group("Box", leaf("ID"), leaf("Items"), most=99)
    )
    wco = form(
        "Meta",
        group(
            "Item",
            leaf("SequenceNumeric", base="decimal"),
            leaf("Name"),
            group("Commodity", group("Equipment", leaf("ID"), most=99)),
            most=99,
        ),
        group("Equipment", leaf("ID"), most=99),
    )
    made = mapping(
        national,
        wco,
        [row("r1", "Item[i]/Name", "Item[i]/Name"), row("r2", "Box[k]/ID", "Equipment[k]/ID")],
        """
[loops.i]
says = "each line"
national = "Item"
wco = "Item"
number = { from = "No", to = "SequenceNumeric" }
[loops.k]
says = "each container"
national = "Box"
wco = "Equipment"
linked = { list = "Items", separator = ",", of = "i", wco = "Commodity/Equipment", by = "ID" }
""",
    )
    items = [{"No": "1", "Name": "tea"}, {"No": "2", "Name": "rice"}]
    there, back = both_ways(
        made,
        {"Form": {"Item": items, "Box": [{"ID": "A", "Items": "1,2"}, {"ID": "B", "Items": "2"}]}},
        {
            "Meta": {
                "Item": [
                    {"SequenceNumeric": "1", "Name": "tea", "Commodity": {"Equipment": [{"ID": "A"}]}},
                    {"SequenceNumeric": "2", "Name": "rice", "Commodity": {"Equipment": [{"ID": "A"}, {"ID": "B"}]}},
                ],
                "Equipment": [{"ID": "A"}, {"ID": "B"}],
            }
        },
    )
    assert line_of(there, "Box/Items").row == "loops.k"
    assert line_of(back, "Item/Commodity/Equipment/ID").number == 3
    stray = made.to_wco({"Form": {"Item": items, "Box": [{"ID": "A", "Items": "1,9"}]}}, CONTEXT)
    assert codes_of(stray.findings) == [("map.parent-unknown", "loops.k")]
    assert line_of(stray, "Box/Items").fate == "unmapped"


class BoxNumber:
    """A scheme of one letter: what begins with X is a container."""

    def is_valid(self, text: str) -> bool:
        return text.startswith("X")


def test_shape_7_one_list_goes_two_ways_by_content() -> None:
    national = form("Form", group("Unit", leaf("Number"), most=99))
    wco = form("Meta", group("Means", leaf("ID")), group("Equipment", leaf("ID"), most=99))
    made = mapping(
        national,
        wco,
        [row("r1", "Unit[k]/Number", "Equipment[k]/ID"), row("r2", "Unit[v]/Number", "Means[v]/ID")],
        """
[loops]
k = { says = "each container", national = "Unit", wco = "Equipment", only = "container" }
v = { says = "the truck", national = "Unit", wco = "Means", only = "truck", at_most = 1 }
[cases]
container = { says = "a container", national = "Unit[k]/Number is box", wco = "always" }
truck = { says = "a truck", national = "not Unit[v]/Number is box", wco = "always" }
""",
        schemes={"box": BoxNumber()},
    )
    both_ways(
        made,
        {"Form": {"Unit": [{"Number": "X1"}, {"Number": "X2"}, {"Number": "T1"}]}},
        {"Meta": {"Equipment": [{"ID": "X1"}, {"ID": "X2"}], "Means": {"ID": "T1"}}},
    )
    two_trucks = made.to_wco({"Form": {"Unit": [{"Number": "T1"}, {"Number": "T2"}]}}, CONTEXT)
    assert codes_of(two_trucks.findings) == [("map.too-many-entries", "loops.v")]


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
