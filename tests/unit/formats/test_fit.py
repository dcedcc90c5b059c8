from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.findings import Severity, has_errors
from gateway.formats.fit import fit
from gateway.formats.format import Format
from gateway.formats.json_parsing import JsonNumber, parse_json
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree

Trees = Callable[[Structure], st.SearchStrategy[Tree]]


def codes(cargo: Format, content: Any) -> list[tuple[str, str]]:
    _, findings = fit(cargo.structure, {"Cargo": content})
    return [(finding.code, finding.path) for finding in findings]


def test_all_misfits_at_once(cargo: Format) -> None:
    content: dict[str, Any] = {
        "ID": JsonNumber("1"),
        "Truck": None,
        "Line": [{"Mark": "one", "Gros": "1"}, {"Gross": {"value": "1", "unitCode": "KGM"}}, {"Mark": []}],
        "Issue": "20240101",
        "Ship": "\x02",
        "Owner": [{}],
    }
    assert codes(cargo, content) == [
        ("schema.json-type", "ID"),
        ("schema.json-type", "Issue"),
        ("schema.json-type", "Owner"),
        ("schema.character", "Ship"),
        ("schema.json-type", "Truck"),
        ("schema.json-type", "Line[1]/Mark"),
        ("schema.unknown-element", "Line[1]/Gros"),
        ("schema.unknown-element", "Line[2]/Gross/unitCode"),
        ("schema.json-type", "Line[3]/Mark"),
    ]


def test_the_nearest_name_is_offered_and_a_made_up_name_is_not_shown(cargo: Format) -> None:
    _, findings = fit(cargo.structure, {"Cargo": {"Trucks": "1", "my secret\n": "2"}})
    assert findings[0].remedy == "did you mean Truck?"
    assert findings[1].path == "?"
    assert "secret" not in repr(findings)


def test_order_of_the_schema_is_restored(cargo: Format) -> None:
    tree, findings = fit(cargo.structure, {"Cargo": {"Truck": "1", "ID": "a", "@calendar": "x"}})
    assert findings == ()
    assert tree is not None
    assert list(tree["Cargo"]) == ["@calendar", "ID", "Truck"]


def test_unknown_members_can_be_left_aside(cargo: Format) -> None:
    tree, findings = fit(cargo.structure, {"Cargo": {"ID": "a", "New": 1}}, keep_aside=True)
    assert tree == {"Cargo": {"ID": "a"}}
    assert [(finding.code, finding.severity) for finding in findings] == [("format.unknown-element", Severity.WARNING)]


def test_null_can_mean_absent(cargo: Format) -> None:
    tree, findings = fit(cargo.structure, {"Cargo": {"ID": "a", "Truck": None}}, null_absent=True)
    assert (tree, findings) == ({"Cargo": {"ID": "a"}}, ())


def test_another_root(cargo: Format) -> None:
    others: list[Any] = [[], {}, {"Freight": {}}, "x", None]
    for value in others:
        tree, findings = fit(cargo.structure, value)
        assert tree is None
        assert has_errors(findings)


def test_a_member_beside_the_root_is_told_with_all_the_rest(cargo: Format) -> None:
    _, findings = fit(cargo.structure, {"More": {}, "Cargo": {"Unknown": 1}, "a value": 2})
    told = [(finding.code, finding.path, finding.json_pointer) for finding in findings]
    assert told == [
        ("schema.unknown-element", "", "/More"),
        ("schema.unknown-element", "", ""),
        ("schema.unknown-element", "Unknown", ""),
    ]
    assert "a value" not in str(findings)


def test_findings_are_bounded(cargo: Format) -> None:
    _, findings = fit(cargo.structure, {"Cargo": {f"x{number}": "" for number in range(10_000)}})
    assert len(findings) == 200


@given(data=st.data())
@settings(max_examples=100)
def test_json_of_a_tree_is_the_tree(cargo: Format, trees: Trees, data: st.DataObject) -> None:
    tree = data.draw(trees(cargo.structure))
    again, findings = fit(cargo.structure, parse_json(cargo.to_json(tree)))
    assert (again, findings) == (tree, ())
