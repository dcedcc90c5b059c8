"""The chain: what follows what, what may not, and its record."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.case.chain import ChainBroken, Link, Standing, advance, begin, check_links, digest_of
from gateway.case.record import NoRecord, read_record, record_of, state_of
from gateway.errors import GatewayError
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from tests.unit.case.conftest import Request

CANCEL = {"TypeCode": "INV"}


def run(structure: Structure, standing: Standing, *messages: Tree) -> tuple[Standing, list[list[str]]]:
    said = []
    for message in messages:
        standing, applied = advance(structure, standing, message)
        said.append([one.code for one in applied.findings])
    return standing, said


def test_two_amendments_and_a_cancellation(structure: Structure, declaration: Tree, request_for: Request) -> None:
    first = request_for("42A:228", content={"GoodsItemQuantity": "4"})
    second = request_for("42A:228", content={"GoodsItemQuantity": "5"}, FunctionalReferenceID="A-2")
    cancel = request_for("", reason="1", **CANCEL)
    standing, said = run(structure, begin(declaration), first, second, cancel)
    assert said == [[], [], []]
    assert [link.kind for link in standing.links] == ["amendment", "amendment", "cancellation"]
    assert standing.links[0].before == digest_of(declaration)
    assert standing.links[1].before == standing.links[0].after
    assert standing.links[2].before == standing.links[2].after == standing.digest == digest_of(standing.tree)
    assert [link.message for link in standing.links] == [digest_of(one) for one in (first, second, cancel)]
    content = standing.tree["MetaData"]["Declaration"]
    assert (content["GoodsItemQuantity"], content["VersionID"]) == ("5", "3")
    assert (standing.cancelled, state_of(standing)) == (True, "cancelled")


def test_nothing_follows_a_cancellation(structure: Structure, declaration: Tree, request_for: Request) -> None:
    standing, _ = run(structure, begin(declaration), request_for("", reason="1", **CANCEL))
    later, said = run(structure, standing, request_for("42A:228", content={"GoodsItemQuantity": "4"}))
    assert (later, said) == (standing, [["amend.cancelled"]])
    _, again = run(structure, standing, request_for("", reason="1", FunctionalReferenceID="A-3", **CANCEL))
    assert again == [["amend.cancelled"]]


def test_the_same_message_is_not_applied_twice(structure: Structure, declaration: Tree, request_for: Request) -> None:
    message = request_for("42A 67A 68A/4", content={
        "GoodsShipment": {"GovernmentAgencyGoodsItem": [{"SequenceNumeric": "4"}]}})  # fmt: skip
    standing, said = run(structure, begin(declaration), message, message)
    assert said == [[], ["amend.repeated"]]
    assert len(standing.links) == 1


def test_a_number_that_is_learnt_holds_for_what_follows(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    del declaration["MetaData"]["Declaration"]["ID"]
    first = request_for("42A:228", content={"GoodsItemQuantity": "4"}, FunctionalReferenceID="LRN-2026-1")
    second = request_for("42A:228", content={"GoodsItemQuantity": "5"}, FunctionalReferenceID="A-2")
    other = request_for("42A:228", content={"GoodsItemQuantity": "6"}, ID="26XX9", FunctionalReferenceID="LRN-2026-1")
    _, said = run(structure, begin(declaration), first, second, other)
    assert said == [[], [], ["amend.other-declaration"]]


def test_the_digest_is_one_for_xml_and_json(dec: Any, declaration: Tree) -> None:
    from_xml = dec.read(dec.to_xml(declaration)).tree
    from_json = dec.read(json.dumps(declaration, indent=3).encode()).tree
    assert digest_of(from_xml) == digest_of(from_json) == digest_of(declaration)


def test_a_record_is_taken_up_again_and_holds_no_value(
    structure: Structure, declaration: Tree, request_for: Request
) -> None:
    standing, _ = run(structure, begin(declaration), request_for("42A:228", content={"GoodsItemQuantity": "47711"}))
    record = orjson.dumps(record_of(standing, "dec-3.6"))
    assert b"47711" not in record
    assert b"26XX" not in record
    assert b"47711" in orjson.dumps(record_of(standing, "dec-3.6", values=True))
    links = read_record(record)
    assert begin(standing.tree, links=links).digest == standing.digest
    with pytest.raises(ChainBroken):
        begin(declaration, links=links)


def test_links_that_do_not_follow_are_refused() -> None:
    one = Link(kind="amendment", message="m", before="a", after="b")
    two = Link(kind="amendment", message="n", before="b", after="c")
    end = Link(kind="cancellation", message="o", before="c", after="c")
    check_links([one, two, end])
    for broken in ([one, end], [two, one], [end, Link(kind="amendment", message="p", before="c", after="d")]):
        with pytest.raises(ChainBroken) as refused:
            check_links(broken)
        assert refused.value.path == "links[2]"


@pytest.mark.parametrize(
    "record",
    [b"", b"[]", b"{}", b'{"links": 1}', b'{"links": [1]}', b'{"links": [{"kind": "amendment"}]}',
     b'{"links": [{"kind": "amendment", "message": 1, "before": "a", "after": "b"}]}', b"\xff"],
)  # fmt: skip
def test_what_is_no_record_is_refused(record: bytes) -> None:
    with pytest.raises(NoRecord):
        read_record(record)


WORDS = st.sampled_from(["links", "kind", "message", "before", "after", "reasons"])
SMALL = st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=5)
ANYTHING = st.recursive(SMALL, lambda one: st.lists(one, max_size=3) | st.dictionaries(WORDS, one, max_size=6))


@given(ANYTHING)
def test_any_json_is_a_record_or_refused(value: Any) -> None:
    try:
        read_record(orjson.dumps(value))
    except GatewayError:
        return
    assert isinstance(value, dict)
