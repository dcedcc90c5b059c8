from __future__ import annotations

import random

import pytest
from lxml import etree

from gateway.formats.structure import Element, SimpleType, Structure
from gateway.simulator.damage import PAYLOAD_DAMAGES, break_a_rule, change_one_byte, misspelt_element

GOOD = b'<?xml version="1.0" encoding="UTF-8"?><m xmlns="urn:x"><a>1</a><b>20260316</b></m>'

NOT_WELL_FORMED = {"not-well-formed", "entity-bomb"}


@pytest.mark.parametrize("name", sorted(PAYLOAD_DAMAGES))
def test_each_damage_changes_the_message(name: str) -> None:
    assert PAYLOAD_DAMAGES[name](GOOD) != GOOD


@pytest.mark.parametrize("name", sorted(PAYLOAD_DAMAGES))
def test_the_damage_is_where_it_should_be(name: str) -> None:
    parser = etree.XMLParser(resolve_entities=False, huge_tree=True)
    bad = PAYLOAD_DAMAGES[name](GOOD)
    if name in NOT_WELL_FORMED:
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(bad, parser)
    else:
        assert etree.fromstring(bad, parser) is not None


def test_a_misspelt_element_is_closed_by_the_same_name() -> None:
    assert b"<aX>1</aX>" in misspelt_element(GOOD)


def test_one_byte_is_changed_and_no_more() -> None:
    sealed = b"abcdefghij" * 20
    changed = change_one_byte(sealed, random.Random(1))
    assert len(changed) == len(sealed)
    assert sum(one != other for one, other in zip(sealed, changed, strict=True)) == 1


def leaf(key: str) -> Element:
    return Element(key=key, local=key, type=SimpleType())


STRUCTURE = Structure(root=Element(key="m", local="m", children=(leaf("a"), leaf("b"))), digest="x")


def test_a_rule_is_broken_by_the_first_value_that_breaks_it() -> None:
    message = {"m": {"a": "1", "b": "20260316"}}
    broken = break_a_rule(message, STRUCTURE, lambda tree: tree["m"]["b"][4:] == "0230", random.Random(1))
    assert broken == {"m": {"a": "1", "b": "20260230"}}
    assert message == {"m": {"a": "1", "b": "20260316"}}


def test_where_no_value_breaks_a_rule_there_is_none() -> None:
    assert break_a_rule({"m": {"a": "1"}}, STRUCTURE, lambda _: False, random.Random(1)) is None
