"""What holds for every message: no exception, accounts that add up, the same message back."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.conversion.mapping import Conversion
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, general_path, leaf_text, leaves
from tests.unit.conversion.bench import CONTEXT, block, code_list, date, form, group, leaf, mapping, row

PARTY = [leaf("ID", 8), leaf("Name", 40), leaf("Phone", 6, most=3)]
WCO_PARTY = [leaf("ID", 8), leaf("Name", 10), group("Communication", leaf("ID", 6), most=9), leaf("Role")]
NATIONAL = form(
    "Form",
    group("Head", leaf("Number", 10, least=1), leaf("Sent"), leaf("Flag", least=1), least=1),
    group("Seller", *PARTY),
    leaf("Origin", 2),
    leaf("Secret", 5),
    leaf("Ports", 5, most=4),
    group(
        "Line",
        leaf("No", least=1),
        leaf("Text", 30),
        leaf("Mass", base="decimal", total_digits=8, fraction_digits=4),
        leaf("Code"),
        leaf("Seal"),
        leaf("Quantity", attributes=("unit",)),
        most=5,
    ),
    group("Proof", leaf("LineNo"), leaf("Cert", 6), most=5),
    group("Box", leaf("ID", 4, least=1), leaf("Lines"), most=4),
)
WCO = form(
    "Meta",
    group(
        "Declaration",
        leaf("ID"),
        leaf("Journey"),
        leaf("Type"),
        date("Issued"),
        group("Consignor", *WCO_PARTY),
        group("Origin", leaf("Country"), most=9),
        group("Itinerary", leaf("SequenceNumeric", least=1, base="decimal"), leaf("Port"), most=9),
        group("Info", leaf("Type"), leaf("Text", 60), most=99),
        group(
            "Item",
            leaf("SequenceNumeric", base="decimal"),
            leaf("Text", 10),
            leaf("Mass", base="decimal", total_digits=16, fraction_digits=3),
            leaf("Code"),
            group("Seal", leaf("ID"), leaf("Party")),
            leaf("Quantity", attributes=("unitCode",)),
            group("Document", leaf("Type"), leaf("ID"), most=9),
            group("Equipment", leaf("ID"), most=9),
            most=99,
        ),
        group("Equipment", leaf("ID"), most=99),
    ),
)
ITEM = "Declaration/Item[i]"
ROWS = [
    row("h1", "Head/Number", "Declaration/ID"),
    row("h2", "Head/Number", "Declaration/Journey", way="to-wco"),
    row("h3", "Head/Sent", "Declaration/Issued", "date", "compact +05:00 | 102 or 304", loss="rounded"),
    row("h4", "Head/Flag", "Declaration/Type", "code", "type"),
    row("h5", "Seller", "Declaration/Consignor", "use", "party info=Declaration/Info{Type=SNM}", case="export"),
    row("h6", "Origin", "Declaration/Origin[one]/Country"),
    row("h7", "Secret", "", "drop", way="to-wco"),
    row("h8", "Ports[p]", "Declaration/Itinerary[p]/Port"),
    row("h9", "Seller", "", "drop", way="to-wco", case="not export"),
    row("i1", "Line[i]/Text", f"{ITEM}/Text", "fit", "over Declaration/Info{Type=TXT}/Text in pieces", case="never"),
    row("i2", "Line[i]/Text", f"{ITEM}/Text", "fit", "refuse", loss="shortened"),
    row("i3", "Line[i]/Mass", f"{ITEM}/Mass", "number", "digits 3", loss="rounded"),
    row("i4", "Line[i]/Code", f"{ITEM}/Code", "code", "goods"),
    row("i5", "Line[i]/Seal~seal.number", f"{ITEM}/Seal/ID"),
    row("i6", "Line[i]/Seal~seal.sealer", f"{ITEM}/Seal/Party"),
    row("i7", "Line[i]/Quantity", f"{ITEM}/Quantity"),
    row("i8", "Line[i]/Quantity@unit", f"{ITEM}/Quantity@unitCode"),
    row("x1", "Proof[x]/Cert", f"{ITEM}/Document{{Type=861}}[x]/ID"),
    row("k1", "Box[k]/ID", "Declaration/Equipment[k]/ID"),
]
HEAD = """
[loops]
p = { says = "each port", national = "Ports", wco = "Declaration/Itinerary" }
[loops.i]
says = "each line"
national = "Line"
wco = "Declaration/Item"
number = { from = "No", to = "SequenceNumeric" }
[loops.x]
says = "each proof"
national = "Proof"
wco = "Declaration/Item[i]/Document{Type=861}"
key = { national = "LineNo", wco = "SequenceNumeric", of = "i" }
[loops.k]
says = "each container"
national = "Box"
wco = "Declaration/Equipment"
linked = { list = "Lines", separator = ",", of = "i", wco = "Equipment", by = "ID" }
[cases]
export = { says = "an export", national = "Head/Flag = E", wco = "Declaration/Type = EX" }
never = { says = "never", national = "never", wco = "never" }
[templates]
seal = { text = "{number}[@{sealer}]", number = "[A-Z0-9]+", sealer = "[A-Z]{2}", absent = "0000" }
"""
PARTY_BLOCK = block(
    "party",
    [
        row("p1", "ID", "ID"),
        row("p2", "Name", "Name", "fit", "over $info/Text"),
        row("p3", "Phone[m]", "Communication[m]/ID"),
        row("p4", "", "Role", "constant", "CZ"),
    ],
    '[loops]\nm = { says = "each phone", national = "Phone", wco = "Communication" }\n',
)
MADE = mapping(
    NATIONAL,
    WCO,
    ROWS,
    HEAD,
    (PARTY_BLOCK,),
    lists={"type": code_list("type", {"E": "EX", "I": "IM"}), "goods": code_list("goods", {"1": "A", "2": "B"})},
)

WORDS = st.sampled_from(
    ["a", "KHI", "0", "1", "2", "861", "SNM", "", " ", "E", "EX", "x" * 12, "M1@CA", "20260316", "3,1"]
)


def any_content(element: Element) -> st.SearchStrategy[Any]:
    """Any content that a structure allows, with texts that mostly mean nothing to the mapping."""
    if element.is_leaf:
        attributes = [f"@{attribute.name}" for attribute in element.attributes]
        if not attributes:
            return WORDS
        with_attributes = st.fixed_dictionaries(
            {"value": WORDS}, optional={name: st.sampled_from(["KGM", "102", ""]) for name in attributes}
        )
        return st.one_of(WORDS, with_attributes.filter(lambda leaf: len(leaf) > 1))
    required = {child.key: any_occurrences(child) for child in element.children if child.minimum}
    optional = {child.key: any_occurrences(child) for child in element.children if not child.minimum}
    return st.fixed_dictionaries(required, optional=optional)


def any_occurrences(element: Element) -> st.SearchStrategy[Any]:
    one = any_content(element)
    return st.lists(one, min_size=1, max_size=3) if element.repeats else one


def any_tree(structure: Structure) -> st.SearchStrategy[Tree]:
    return any_content(structure.root).map(lambda content: {structure.root.key: content})


def assert_accounts(conversion: Conversion, source: Tree) -> None:
    """Every leaf of both sides is in the account, each once, under its own path."""
    for lines, tree in ((conversion.account.source, source), (conversion.account.target, conversion.tree)):
        counted: Counter[str] = Counter()
        for line in lines:
            counted["/".join(step.partition("{")[0] for step in line.path.split("/"))] += line.number
        assert counted == Counter(general_path(path) for path, _ in leaves(tree))


@given(any_tree(NATIONAL))
@settings(max_examples=150)
def test_any_national_message_converts_and_is_accounted_for(tree: Tree) -> None:
    assert_accounts(MADE.to_wco(tree, CONTEXT), tree)


@given(any_tree(WCO))
@settings(max_examples=150)
def test_any_wco_message_converts_and_is_accounted_for(tree: Tree) -> None:
    assert_accounts(MADE.from_wco(tree, CONTEXT), tree)


@given(any_tree(NATIONAL))
@settings(max_examples=100)
def test_a_finding_names_a_row_and_no_value(tree: Tree) -> None:
    secret = "Q" * 11
    marked = _replaced(tree, secret)
    for finding in MADE.to_wco(marked, CONTEXT).findings:
        assert finding.row
        assert finding.path
        assert secret not in str(finding.as_json())


def _replaced(value: Any, secret: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(below, secret) for key, below in value.items()}
    if isinstance(value, list):
        return [_replaced(below, secret) for below in value]
    return secret if value == "x" * 12 else value


ID = st.text(alphabet="ABCDEFGH0123456789", min_size=1, max_size=4)


@st.composite
def sound_message(draw: st.DrawFn) -> Tree:
    """A message that means something: numbers that lines have, codes of the lists, seals of the template's shape."""
    flag = draw(st.sampled_from(["E", "I"]))
    form_: dict[str, Any] = {
        "Head": {"Number": draw(ID), "Flag": flag, "Sent": draw(st.sampled_from(["20260316", "20260316101112"]))}
    }
    if flag == "E" and draw(st.booleans()):
        form_["Seller"] = {
            "Name": draw(st.sampled_from(["short", "a name that is longer than ten"])),
            "Phone": draw(st.lists(ID, min_size=1, max_size=3)),
        }
    count = draw(st.integers(0, 3))
    if count:
        form_["Line"] = [draw(sound_line(number + 1)) for number in range(count)]
        form_["Proof"] = [{"LineNo": str(draw(st.integers(1, count))), "Cert": draw(ID)}]
        boxes = draw(st.lists(ID, min_size=1, max_size=3, unique=True))
        numbers = st.lists(st.integers(1, count), min_size=1, max_size=count, unique=True).map(sorted)
        form_["Box"] = [{"ID": box, "Lines": ",".join(map(str, draw(numbers)))} for box in boxes]
    if draw(st.booleans()):
        form_["Ports"] = draw(st.lists(ID, min_size=1, max_size=4))
    if draw(st.booleans()):
        form_["Origin"] = draw(st.sampled_from(["PK", "CN"]))
    return {"Form": form_}


@st.composite
def sound_line(draw: st.DrawFn, number: int) -> Tree:
    line: dict[str, Any] = {"No": str(number), "Code": draw(st.sampled_from(["1", "2"]))}
    line["Mass"] = format(draw(st.decimals(0, 9999, places=3, allow_nan=False)), "f")
    if draw(st.booleans()):
        line["Seal"] = draw(st.sampled_from(["M1", "M2@CA"]))
    if draw(st.booleans()):
        line["Quantity"] = {"value": "5", "@unit": "KGM"}
    return line


@given(sound_message())
@settings(max_examples=150)
def test_a_sound_message_comes_back_the_same(tree: Tree) -> None:
    there = MADE.to_wco(tree, CONTEXT)
    assert there.findings == ()
    assert not there.account.fates()["unmapped"]
    back = MADE.from_wco(there.tree, CONTEXT)
    assert back.findings == ()
    assert not back.account.fates()["unmapped"]
    assert _plain(back.tree) == _plain(tree)


def _plain(tree: Tree) -> dict[str, str]:
    """Leaves by place, numbers written plainly: the one difference that the mapping declares."""
    return {
        path: str(Decimal(text).normalize()) if path.endswith("/Mass") else leaf_text(text)
        for path, text in leaves(tree)
    }
