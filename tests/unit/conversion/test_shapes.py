"""The shapes that a plain row cannot say, one by one, each with a small made-up pair of formats."""

from __future__ import annotations

from tests.unit.conversion.bench import (
    CONTEXT,
    both_ways,
    codes_of,
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


def test_a_number_that_the_other_side_has_no_room_for_is_refused_by_its_loop_and_the_entries_are_counted() -> None:
    national = form("Form", group("Line", leaf("No", base="integer"), leaf("ID"), most=9))
    wco = form("Meta", group("Item", leaf("SequenceNumeric", base="integer", total_digits=3), leaf("ID"), most=9))
    head = """
[loops]
i = { says = "each line", national = "Line", wco = "Item", number = { from = "No", to = "SequenceNumeric" } }
"""
    made = mapping(national, wco, [row("r1", "Line[i]/ID", "Item[i]/ID")], head)
    there = made.to_wco({"Form": {"Line": [{"No": "7", "ID": "a"}, {"No": "12345", "ID": "b"}]}}, CONTEXT)
    assert [(finding.code, finding.row, finding.path) for finding in there.findings] == [
        ("map.not-allowed", "loops.i", "Line[2]/No")
    ]
    assert "12345" not in there.findings[0].message
    assert [entry["SequenceNumeric"] for entry in there.tree["Meta"]["Item"]] == ["7", "2"]
