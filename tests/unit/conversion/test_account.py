"""The account: both halves, over one step and over several, as numbers that add up."""

from __future__ import annotations

from gateway.conversion.account import Account, SourceLine, TargetLine, WithheldLeaf, chain, released
from gateway.conversion.trails import UNMAPPED, Trail, by_parts, joined
from tests.unit.conversion.bench import CONTEXT, form, group, leaf, mapping, row

NATIONAL = form("Form", leaf("A"), leaf("B"), leaf("C", 20), leaf("Secret"), group("Line", leaf("ID"), most=9))
WCO = form(
    "Meta",
    leaf("A"),
    leaf("B"),
    leaf("C", 5),
    group("Info", leaf("Type"), leaf("Text"), most=9),
    group("Item", leaf("SequenceNumeric", least=1, base="decimal"), leaf("ID"), most=9),
    leaf("Version"),
)
OTHER = form("Paper", leaf("X"), leaf("C", 20), group("Entry", leaf("ID"), most=9))
LINES = '[loops]\nc = { says = "each line", national = "Line", wco = "Item" }\n'
ENTRIES = '[loops]\nc = { says = "each entry", national = "Entry", wco = "Item" }\n'


def first_step() -> Account:
    made = mapping(
        NATIONAL,
        WCO,
        [
            row("r1", "A", "A"),
            row("r2", "B", "B"),
            row("r3", "C", "C", "fit", "over Info{Type=CNM}/Text"),
            row("r4", "Secret", "", "drop", way="to-wco", why="stays at home"),
            row("r5", "Line[c]/ID", "Item[c]/ID"),
        ],
        LINES,
        wco_defaults={"Version": "3.6"},
    )
    tree = {
        "Form": {
            "A": "1",
            "B": "2",
            "C": "longer than five",
            "Secret": "s",
            "Line": [{"ID": "x"}, {"ID": "y"}, {"ID": "z"}],
        }
    }
    return made.to_wco(tree, CONTEXT).account


def second_step(items: int) -> Account:
    made = mapping(
        OTHER,
        WCO,
        [
            row("s1", "X", "A"),
            row("s2", "", "B", "drop", way="from-wco", why="no place there"),
            row("s3", "C", "C", "fit", "over Info{Type=CNM}/Text"),
            row("s4", "Entry[c]/ID", "Item[c]/ID"),
        ],
        ENTRIES,
        wco_defaults={"Version": "3.6"},
    )
    entries = [{"SequenceNumeric": str(n + 1), "ID": "v"} for n in range(items)]
    content = {
        "A": "1",
        "B": "2",
        "C": "longe",
        "Info": [{"Type": "CNM", "Text": "longer than five"}],
        "Version": "3.6",
    }
    return made.from_wco({"Meta": {**content, "Item": entries} if items else content}, CONTEXT).account


def test_both_halves_of_one_step() -> None:
    account = first_step()
    assert account.fates() == {"withheld": 0, "mapped": 6, "implied": 0, "dropped": 1, "unmapped": 0}
    assert account.origins() == {"row": 7, "constant": 1, "calculated": 3, "total": 0, "default": 1}
    assert account.losses()["none"] == 6


def test_the_report_keeps_its_contract() -> None:
    report = first_step().as_json()
    assert list(report) == ["from", "to", "source", "target", "counts"]
    assert (report["from"], report["to"]) == ("xx-form-1.0", "form-3.6")
    assert report["source"][0] == {
        "path": "A",
        "fate": "mapped",
        "loss": "none",
        "to": "A",
        "row": "r1",
        "reason": "",
        "count": 1,
    }
    dropped = next(line for line in report["source"] if line["fate"] == "dropped")
    assert dropped["places"] == ["Secret"]
    assert report["counts"]["source"] == 7
    assert report["counts"]["target"] == sum(line["count"] for line in report["target"])
    assert "longer than five" not in str(report)


def test_two_steps_name_the_first_path_and_the_last() -> None:
    account = chain(first_step(), second_step(3))
    lines = {line.path: line for line in account.source}
    assert (lines["A"].fate, lines["A"].to, lines["A"].row) == ("mapped", ("X",), "r1 s1")
    assert (lines["B"].fate, lines["B"].reason) == ("dropped", "no place there")
    assert (lines["C"].fate, lines["C"].to) == ("mapped", ("C",))
    assert (lines["Secret"].fate, lines["Secret"].row) == ("dropped", "r4")
    assert (lines["Line/ID"].to, lines["Line/ID"].number) == (("Entry/ID",), 3)
    assert account.target == second_step(3).target
    assert sum(account.fates().values()) == 7


def test_a_release_between_the_steps_withholds_with_its_clause() -> None:
    withheld = [
        WithheldLeaf("A", "denied", "Art. 3"),
        WithheldLeaf("Item[2]/ID", "not-listed", ""),
        WithheldLeaf("Item[3]/ID", "not-listed", ""),
    ]
    second = second_step(1)
    without_a = Account(
        source_format=second.source_format,
        target_format=second.target_format,
        source=tuple(line for line in second.source if line.path != "A"),
        target=tuple(line for line in second.target if line.path != "X"),
    )
    account = chain(first_step(), without_a, withheld)
    lines = {(line.path, line.fate): line for line in account.source}
    assert (lines["A", "withheld"].row, lines["A", "withheld"].reason) == ("Art. 3", "denied")
    assert lines["Line/ID", "withheld"].number == 2
    assert lines["Line/ID", "mapped"].number == 1
    assert sum(account.fates().values()) == 7


def test_a_release_without_a_second_conversion() -> None:
    account = released(first_step(), [WithheldLeaf("B", "not-listed", "4"), WithheldLeaf("Item[1]/ID")], "dec-3.6")
    assert account.fates() == {"withheld": 2, "mapped": 4, "implied": 0, "dropped": 1, "unmapped": 0}
    assert account.target_format == "dec-3.6"
    assert sum(line.number for line in account.target) == 12 - 2


def test_a_leaf_that_reached_one_of_its_places_is_mapped() -> None:
    before = SourceLine(path="A", fate="mapped", to=("P", "Q"), row="r1", number=2)
    first = Account(source_format="a", target_format="b", source=(before,))
    second = Account(
        source_format="b",
        target_format="c",
        source=(
            SourceLine(path="P", fate="mapped", loss="rounded", to=("Z",), row="s1", number=1),
            SourceLine(path="P", fate="dropped", row="s2", reason="no room", number=1),
            SourceLine(path="Q", fate="dropped", row="s3", reason="no place", number=2),
        ),
        target=(TargetLine(path="Z", origin="row", row="s1", number=1),),
    )
    lines = {line.fate: line for line in chain(first, second).source}
    assert (lines["mapped"].number, lines["mapped"].loss, lines["mapped"].to) == (1, "rounded", ("Z",))
    assert lines["dropped"].number == 1


def test_a_leaf_of_two_rows_is_lossless_if_one_carries_it_whole() -> None:
    whole = Trail("mapped", "none", "A", ("P",), "r1")
    rounded = Trail("mapped", "rounded", "A", ("Q",), "r2")
    both = joined(rounded, whole)
    assert (both.loss, set(both.to), set(both.row.split())) == ("none", {"P", "Q"}, {"r1", "r2"})
    assert joined(Trail("implied"), whole) is whole


def test_of_parts_the_worst_counts() -> None:
    good, coarse = Trail("mapped", "none", "A", ("P",), "r1"), Trail("mapped", "coarser", "A", ("Q",), "r2")
    assert by_parts((good, coarse)).loss == "coarser"
    assert by_parts((good, None)).fate == "unmapped"
    assert by_parts((good, UNMAPPED)).fate == "unmapped"
