"""What a new version changes: nothing that newly leaves goes unsaid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreement.diff import changes
from gateway.agreement.fieldset import SEQUENCE
from gateway.agreement.release import release
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree, general_path, leaves

Compiling = Callable[..., Any]
Permitting = Callable[..., Any]

MESSAGE: Tree = {
    "Envelope": {
        "Declaration": {
            "ID": "id",
            "Importer": {"ID": {"value": "ntn", "@schemeID": "AA"}, "Name": "importer"},
            "Seller": {"Name": "seller", "Contact": {"Name": "person"}},
            "Item": [{"@kind": "k", "SequenceNumeric": "1", "Description": "tea", "Value": "5", "Marks": ["m"]}],
        }
    }
}


def group(*paths: str, side: str = "allow", extra: str = "", clause: str = "A1") -> str:
    listed = ", ".join(f'"{path}"' for path in paths)
    said = 'says = "x"' if side == "allow" else 'why = "x"'
    return f'\n[[fields.goods-out.{side}]]\nclause = "{clause}"\n{said}\npaths = [{listed}]\n{extra}\n'


WHOLE = group("Declaration/Seller", "Declaration/Item", extra="whole = true")
ID = group("Declaration/ID")


@pytest.fixture
def between(compiling: Compiling) -> Callable[..., list[tuple[str, str]]]:
    def said(old: str, new: str, heads: tuple[str, str] | None = None) -> list[tuple[str, str]]:
        versions = [compiling(body, head=head) if head else compiling(body) for body, head in _pairs(old, new, heads)]
        assert all(not faults for _, faults in versions), versions
        return [(one.kind, one.what) for one in changes(versions[0][0], versions[1][0])]

    return said


def _pairs(old: str, new: str, heads: tuple[str, str] | None) -> list[tuple[str, str]]:
    first, second = heads or ("", "")
    return [(old, first), (new, second)]


def test_what_newly_leaves_comes_first_and_what_no_longer_leaves_last(between: Any) -> None:
    old = group("Declaration/ID", "Declaration/Seller/Name")
    new = group("Declaration/ID", "Declaration/Importer/Name") + group("Declaration/Item/Value")
    assert between(old, new) == [
        ("releases", "Declaration/Importer/Name"),
        ("releases", "Declaration/Item/Value"),
        ("withholds", "Declaration/Seller/Name"),
    ]
    assert between(old, old) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (WHOLE, WHOLE + group("Declaration/Item/Marks", side="deny"), [("withholds", "Declaration/Item/Marks")]),
        (WHOLE + group("Declaration/Item/Marks", side="deny"), WHOLE, [("releases", "Declaration/Item/Marks")]),
        (WHOLE + group("Declaration/Item@kind", side="deny"), WHOLE, [("releases", "Declaration/Item@kind")]),
        (
            WHOLE + group("Declaration/Item/Marks", side="deny"),
            WHOLE + group("Declaration/Item/Marks", side="deny", clause="A2"),
            [("alters", "Declaration/Item/Marks")],
        ),
        (ID + WHOLE, ID + WHOLE + group("Declaration/Item", side="deny"), [("withholds", "Declaration/Item")]),
        (ID + WHOLE, ID + WHOLE.replace("Declaration/Seller", "Declaration/Importer"), None),
        (WHOLE, WHOLE.replace("whole = true", "whole = true\npersonal = true"), "alters"),
        (ID, ID.replace("A1", "A2"), [("alters", "Declaration/ID")]),
        (ID, group("Declaration/ID", extra='transform = "hash"'), [("alters", "Declaration/ID")]),
        (ID, ID + group("Declaration/Importer", side="deny"), []),
    ],
)
def test_each_change_of_fields_is_said(between: Any, old: str, new: str, expected: Any) -> None:
    found = between(old, new)
    if expected is None:
        assert found == [("releases", "Declaration/Importer"), ("withholds", "Declaration/Seller")]
    elif isinstance(expected, str):
        assert {kind for kind, _ in found} == {expected}
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ('purposes = ["RISK"]', 'purposes = ["RISK", "VALUE"]', [("alters", "purposes")]),
        ("retention_days = 365", "retention_days = 3650", [("alters", "retention_days")]),
        ("retention_days = 365", 'retention_days = 365\nrecipients = ["all"]', [("alters", "recipients")]),
        ('third_country = "never"', 'third_country = "prior-consent"', [("alters", "onward")]),
        ("in_force_to = 2026-07-01", "", [("alters", "in_force_to")]),
        ('status = "active"', 'status = "suspended"', [("alters", "status")]),
        (
            'direction = "out"',
            'direction = "in"',
            [
                ("permits", "the message type"),
                ("releases", "Declaration/ID"),
                ("withholds", "Declaration/ID"),
                ("forbids", "the message type"),
            ],
        ),
    ],
)
def test_each_change_of_terms_is_said(between: Any, head: str, was: str, becomes: str, expected: Any) -> None:
    assert was in head
    assert between(ID, ID, (head, head.replace(was, becomes))) == expected


RULES = (
    group("Declaration/ID"),
    group("Declaration/Importer", extra="whole = true"),
    group("Declaration/Seller", extra="whole = true"),
    group("Declaration/Seller", extra="whole = true\npersonal = true"),
    group("Declaration/Item", extra="whole = true"),
    group("Declaration/Item/Description"),
    group("Declaration/Item/Marks", side="deny"),
    group("Declaration/Item@kind", side="deny"),
    group("Declaration/Importer/ID", side="deny"),
    group("Declaration/Importer", side="deny"),
    group("Declaration/Seller", side="deny"),
)
EXCLUSIVE = ({2, 3}, {4, 5})
"""Pairs of grants that one agreement cannot hold beside each other."""


def drawn() -> st.SearchStrategy[str]:
    """Field terms that compile."""
    chosen = st.sets(st.integers(1, len(RULES) - 1)).filter(lambda one: not any(pair <= one for pair in EXCLUSIVE))
    return chosen.map(lambda numbers: RULES[0] + "".join(RULES[number] for number in sorted(numbers)))


@pytest.fixture(scope="module")
def leaving(permitting: Permitting, structure: Structure) -> Callable[[str], set[str]]:
    """General paths of what leaves of the message; numbers of entries go with what is listed and are not told."""

    def under(rules: str) -> set[str]:
        sent = {general_path(path) for path, _ in leaves(release(permitting(rules), MESSAGE, structure).tree)}
        return {path for path in sent if not path.endswith(SEQUENCE)}

    return under


@settings(max_examples=150)
@given(old=drawn(), new=drawn())
def test_more_or_less_never_leaves_without_a_word(
    old: str, new: str, compiling: Compiling, leaving: Callable[[str], set[str]]
) -> None:
    said = changes(compiling(old)[0], compiling(new)[0])
    told = {"more": ("releases", "alters"), "less": ("withholds", "alters")}
    for which, paths in (("more", leaving(new) - leaving(old)), ("less", leaving(old) - leaving(new))):
        places = [one.what for one in said if one.kind in told[which]]
        for path in paths:
            assert any(path.startswith(place) for place in places), (which, path)
