"""Release: the outgoing tree is built from listed leaves only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreement.compile import MappedPlaces
from gateway.agreement.fields import Overflow
from gateway.agreement.policy import Permission
from gateway.agreement.release import release
from gateway.errors import DataFolderError
from gateway.formats.paths import Qualifier
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, general_path, leaves

Permitting = Callable[..., Permission]
CNM = "Declaration/AdditionalInformation{StatementTypeCode=CNM}/StatementDescription"
LINKED = MappedPlaces(
    overflow=(Overflow(home="Declaration/Importer/Name", over=CNM),),
    claims={"Declaration/AdditionalInformation": (Qualifier("StatementTypeCode", "CNM"),)},
)


def grant(*paths: str, **more: Any) -> str:
    extra = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    return f'\n[[fields.goods-out.allow]]\nclause = "A1"\nsays = "x"\npaths = {json.dumps(list(paths))}\n{extra}'


def deny(*paths: str) -> str:
    return f'\n[[fields.goods-out.deny]]\nclause = "A2"\nwhy = "x"\npaths = {json.dumps(list(paths))}\n'


MESSAGE: Tree = {
    "Envelope": {
        "Version": "3",
        "Declaration": {
            "ID": "id-1",
            "IssueDateTime": {"DateTimeString": {"value": "20260316", "@formatCode": "102"}},
            "Importer": {"ID": {"value": "ntn-1", "@schemeID": "AA"}, "Name": "importer cut"},
            "Seller": {"Name": "seller-1", "Contact": {"Name": "person-1"}},
            "AdditionalInformation": [
                {"StatementTypeCode": "AAA", "StatementDescription": "remark-1"},
                {"StatementTypeCode": "CNM", "StatementDescription": "importer cut and continued"},
            ],
            "Item": [
                {"@kind": "k1", "SequenceNumeric": "1", "Description": "tea", "Value": {"value": "1234.5"}},
                {"SequenceNumeric": "2", "Value": {"value": "99", "@currencyID": "USD"}, "Marks": ["m1", "m2"]},
            ],
        },
    }
}


def test_only_listed_leaves_leave_and_the_rest_is_named(permitting: Permitting, structure: Structure) -> None:
    made = release(permitting(grant("Declaration/ID", "Declaration/Item/Value")), MESSAGE, structure)
    assert made.tree == {
        "Envelope": {
            "Declaration": {
                "ID": "id-1",
                "Item": [
                    {"SequenceNumeric": "1", "Value": "1234.5"},
                    {"SequenceNumeric": "2", "Value": {"value": "99", "@currencyID": "USD"}},
                ],
            }
        }
    }
    assert [one.path for one in made.withheld if one.path.startswith("Declaration/Item")] == [
        "Declaration/Item[1]@kind",
        "Declaration/Item[1]/Description",
        "Declaration/Item[2]/Marks[1]",
        "Declaration/Item[2]/Marks[2]",
    ]
    assert made.counts()["Declaration/Item/Marks", "not-listed", ""] == 2
    assert made.clauses == ("A1",)


def test_a_class_appears_only_when_something_in_it_is_released(permitting: Permitting, structure: Structure) -> None:
    made = release(permitting(grant("Declaration/ID", "Declaration/Item/Description")), MESSAGE, structure)
    assert made.tree["Envelope"]["Declaration"]["Item"] == [{"SequenceNumeric": "1", "Description": "tea"}]
    assert ("Declaration/Item/SequenceNumeric", "not-listed", "") in made.counts()


def test_the_whole_of_a_class_leaves_without_its_personal_data(permitting: Permitting, structure: Structure) -> None:
    whole = permitting(grant("Declaration/Seller", whole=True))
    made = release(whole, MESSAGE, structure)
    assert made.tree["Envelope"]["Declaration"] == {"Seller": {"Name": "seller-1"}}
    assert ("Declaration/Seller/Contact/Name", "personal", "") in made.counts()
    expressly = permitting(grant("Declaration/Seller", whole=True, personal=True))
    made = release(expressly, MESSAGE, structure)
    assert made.tree["Envelope"]["Declaration"]["Seller"]["Contact"] == {"Name": "person-1"}


def test_braces_release_that_entry_only(permitting: Permitting, structure: Structure) -> None:
    path = "Declaration/AdditionalInformation{StatementTypeCode=AAA}/StatementDescription"
    made = release(permitting(grant(path)), MESSAGE, structure)
    assert made.tree["Envelope"]["Declaration"]["AdditionalInformation"] == [
        {"StatementTypeCode": "AAA", "StatementDescription": "remark-1"}
    ]


def test_a_step_without_braces_does_not_see_what_mappings_keep_apart(
    permitting: Permitting, structure: Structure
) -> None:
    bare = grant("Declaration/AdditionalInformation/StatementDescription")
    made = release(permitting(bare, LINKED), MESSAGE, structure)
    assert made.tree["Envelope"]["Declaration"]["AdditionalInformation"] == [{"StatementDescription": "remark-1"}]


def test_blanks_around_a_code_do_not_hide_an_entry_from_a_denial(permitting: Permitting, structure: Structure) -> None:
    disguised: Tree = {
        "Envelope": {
            "Declaration": {"AdditionalInformation": [{"StatementTypeCode": " CNM ", "StatementDescription": "secret"}]}
        }
    }
    rules = grant("Declaration/AdditionalInformation", whole=True) + deny(CNM)
    made = release(permitting(rules), disguised, structure)
    assert "secret" not in json.dumps(made.tree)


def test_an_overflow_place_leaves_only_with_its_home_field(permitting: Permitting, structure: Structure) -> None:
    remarks = grant("Declaration/AdditionalInformation{StatementTypeCode=CNM}", whole=True)
    made = release(permitting(remarks, LINKED), MESSAGE, structure)
    assert "continued" not in json.dumps(made.tree)
    assert ("Declaration/AdditionalInformation/StatementDescription", "home-withheld", "Declaration/Importer/Name") in (
        made.counts()
    )
    both = permitting(remarks + grant("Declaration/Importer/Name"), LINKED)
    assert "importer cut and continued" in json.dumps(release(both, MESSAGE, structure).tree)
    masked = permitting(remarks + grant("Declaration/Importer/Name", transform="mask 2"), LINKED)
    assert "continued" not in json.dumps(release(masked, MESSAGE, structure).tree)


def test_a_denial_wins_over_a_grant(permitting: Permitting, structure: Structure) -> None:
    rules = grant("Declaration", whole=True, personal=True) + deny(
        "Declaration/Importer", "Declaration/Item/Value@currencyID"
    )
    made = release(permitting(rules), MESSAGE, structure)
    assert "Importer" not in made.tree["Envelope"]["Declaration"]
    assert made.tree["Envelope"]["Declaration"]["Item"][1]["Value"] == "99"
    assert ("Declaration/Importer/Name", "denied", "A2") in made.counts()
    assert ("Declaration/Item/Value@currencyID", "denied", "A2") in made.counts()


def test_what_the_structure_does_not_know_never_leaves(permitting: Permitting, structure: Structure) -> None:
    odd: Tree = {"Envelope": {"Declaration": {"ID": {"value": "1", "@new": "x"}, "New": {"Leaf": "y"}, "Seller": "z"}}}
    made = release(permitting(grant("Declaration", whole=True)), odd, structure)
    assert made.tree == {"Envelope": {"Declaration": {"ID": "1"}}}
    assert {one.path: one.reason for one in made.withheld} == {
        "Declaration/ID@new": "unknown",
        "Declaration/New/Leaf": "unknown",
        "Declaration/Seller": "unknown",
    }


def test_transforms_are_done_and_told(permitting: Permitting, structure: Structure) -> None:
    rules = (
        grant("Declaration/Importer/ID", transform="hash")
        + grant("Declaration/Item/Value", transform="coarsen to 100")
        + grant("Declaration/Seller/Name", transform="mask 2")
        + grant("Declaration/IssueDateTime", transform="coarsen year")
    )
    permission = permitting(rules)
    made = release(permission, MESSAGE, structure, secret=b"k" * 32)
    content = made.tree["Envelope"]["Declaration"]
    assert [item["Value"] for item in content["Item"]] == ["1200", {"value": "100", "@currencyID": "USD"}]
    assert content["Seller"] == {"Name": "****-1"}
    assert content["IssueDateTime"] == {"DateTimeString": {"value": "2026", "@formatCode": "602"}}
    assert content["Importer"]["ID"]["value"] != "ntn-1"
    assert made.transformed["Declaration/Importer/ID"] == "hash"
    other = release(permission, MESSAGE, structure, secret=b"j" * 32)
    assert other.tree["Envelope"]["Declaration"]["Importer"] != content["Importer"]


def test_hashing_without_a_secret_is_refused(permitting: Permitting, structure: Structure) -> None:
    with pytest.raises(DataFolderError) as refused:
        release(permitting(grant("Declaration/Importer/ID", transform="hash")), MESSAGE, structure)
    assert refused.value.stable_code == "agreement.no-secret"


def test_findings_name_paths_and_never_values(permitting: Permitting, structure: Structure) -> None:
    made = release(permitting(grant("Declaration/ID")), MESSAGE, structure)
    said = json.dumps([finding.as_json() for finding in made.findings()])
    assert "Declaration/Item/Marks" in said
    for _, value in leaves(MESSAGE):
        assert value in {"1", "2", "3", "99", "AA"} or value not in said


PATHS = (
    "Version",
    "Declaration/ID",
    "Declaration/IssueDateTime",
    "Declaration/Importer/ID",
    "Declaration/Importer/Name",
    "Declaration/Seller/Name",
    "Declaration/AdditionalInformation/StatementTypeCode",
    "Declaration/AdditionalInformation/StatementDescription",
    "Declaration/AdditionalInformation{StatementTypeCode=AAA}/StatementDescription",
    CNM,
    "Declaration/Item/Description",
    "Declaration/Item/Value",
    "Declaration/Item/Marks",
    "Declaration/Item@kind",
)


def messages(structure: Structure) -> st.SearchStrategy[Tree]:
    """Random messages of the structure in which every free text is unlike any other."""
    return st.fixed_dictionaries({"Envelope": _of(structure.root)}).map(lambda tree: _numbered(tree, count()))


def _of(element: Element) -> st.SearchStrategy[Any]:
    if element.type is not None and element.type.enumeration:
        return st.sampled_from(element.type.enumeration)
    if element.type is None:
        children = {child.key: st.lists(_of(child), min_size=1, max_size=2) for child in element.children}
        single = {child.key: _of(child) for child in element.children if not child.repeats}
        return st.fixed_dictionaries({}, optional=children | single)
    bearing = {"value": st.just("?")} | {f"@{one.name}": st.just("?") for one in element.attributes}
    return st.just("?") if not element.attributes else st.one_of(st.just("?"), st.fixed_dictionaries(bearing))


def _numbered(value: Any, numbers: Iterator[int]) -> Any:
    if isinstance(value, dict):
        return {key: _numbered(below, numbers) for key, below in value.items()}
    if isinstance(value, list):
        return [_numbered(below, numbers) for below in value]
    return f"v{next(numbers)}v" if value == "?" else value


@settings(max_examples=60)
@given(data=st.data())
def test_nothing_outside_the_list_is_ever_sent(
    data: st.DataObject, permitting: Permitting, structure: Structure
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(PATHS), min_size=1, unique=True))
    message = data.draw(messages(structure))
    made = release(permitting("".join(grant(path) for path in chosen), LINKED_NOWHERE), message, structure)
    listed = {_plain(path) for path in chosen}
    for path, _ in leaves(made.tree):
        place = general_path(path).removesuffix("/DateTimeString").partition("@")[0]
        structural = place.endswith(("SequenceNumeric", "StatementTypeCode")) or general_path(path) in listed
        assert place in listed or structural, path
    sent = {value for _, value in leaves(made.tree)}
    there = dict(leaves(message))
    for one in made.withheld:
        value = there[one.path]
        assert value not in sent or value in {"AAA", "CNM", "ZZZ"}, one
    assert len(there) == len(made.withheld) + sum(made.released.values())


LINKED_NOWHERE = MappedPlaces(claims={"Declaration/AdditionalInformation": (Qualifier("StatementTypeCode", "ZZZ"),)})


def _plain(path: str) -> str:
    return path.partition("{")[0] + path.partition("}")[2]


@settings(max_examples=60)
@given(data=st.data())
def test_taking_a_grant_away_or_adding_a_denial_never_sends_more(
    data: st.DataObject, permitting: Permitting, structure: Structure
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(PATHS), min_size=2, unique=True))
    gone = data.draw(st.sampled_from(chosen))
    message = data.draw(messages(structure))
    mapped = data.draw(st.sampled_from([MappedPlaces(), LINKED_NOWHERE]))
    before = _placed(release(permitting("".join(grant(path) for path in chosen), mapped), message, structure), message)
    fewer = "".join(grant(path) for path in chosen if path != gone)
    denied = "".join(grant(path) for path in chosen) + deny(gone)
    for rules in (fewer, denied):
        assert _placed(release(permitting(rules, mapped), message, structure), message) <= before


def _placed(made: Any, message: Tree) -> set[str]:
    """Where in the source the released leaves stand."""
    return {path for path, _ in leaves(message)} - {one.path for one in made.withheld}


HOMES = (
    "",
    grant("Declaration/Importer/Name"),
    grant("Declaration/Importer/Name", transform="mask 2"),
    grant("Declaration/Importer/Name", transform="hash"),
    grant("Declaration/Importer", whole=True),
)
OVERFLOWS = (
    grant("Declaration/AdditionalInformation{StatementTypeCode=CNM}", whole=True),
    grant("Declaration/AdditionalInformation", whole=True),
    grant("Declaration/AdditionalInformation{StatementTypeCode=CNM}", whole=True, transform="none", personal=True),
)
DENIALS = ("", deny("Declaration/Importer"), deny("Declaration/Importer/Name"), deny("Declaration/Importer/ID"))


@settings(max_examples=150)
@given(data=st.data())
def test_a_value_moved_elsewhere_is_sent_only_if_its_home_is(
    data: st.DataObject, permitting: Permitting, structure: Structure
) -> None:
    granted = st.tuples(st.sampled_from(HOMES), st.sampled_from(OVERFLOWS)).map("".join)
    rules = data.draw(st.one_of(granted, st.just(grant("Declaration", whole=True)))) + data.draw(
        st.sampled_from(DENIALS)
    )
    blank = st.sampled_from(["", " ", "\n"])
    entries = [
        {"StatementTypeCode": f"{data.draw(blank)}{code}{data.draw(blank)}", "StatementDescription": text}
        for code, text in (("CNM", "home and its continuation"), ("AAA", "remark"))
    ]
    message: Tree = {
        "Envelope": {
            "Declaration": {
                "ID": "1",
                "Importer": {"ID": "n", "Name": "home"},
                "AdditionalInformation": data.draw(st.permutations(entries)),
            }
        }
    }
    made = release(permitting(grant("Version") + rules, LINKED), message, structure, secret=b"k" * 32)
    importer = made.tree["Envelope"].get("Declaration", {}).get("Importer", {})
    sent = {value for _, value in leaves(made.tree)}
    if "home and its continuation" in sent:
        assert importer.get("Name") == "home"
    if "Name" not in importer:
        assert not any(value in text for text in sent for value in ("home", "continuation"))
