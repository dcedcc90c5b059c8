"""Whatever is done to a signed document by chance: it is refused, or what comes out is exactly what was signed."""

from __future__ import annotations

import copy
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import EnvelopeRefused
from gateway.security.xml_form import EnvelopeForm
from tests.attacks.xmldsig.conftest import CONTENT, DSIG, METADATA, XmlForge

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
TAGS = (f"{{{DSIG}}}Signature", f"{{{DSIG}}}Object", f"{{{DSIG}}}Reference", f"{{{METADATA}}}aud", "{urn:note}Mass")


def remove(one: etree._Element, _other: etree._Element, _number: int) -> None:
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)


def repeat(one: etree._Element, other: etree._Element, _number: int) -> None:
    other.append(copy.deepcopy(one))


def move(one: etree._Element, other: etree._Element, _number: int) -> None:
    if one not in {*other.iterancestors(), other}:
        other.append(one)


def wrap(one: etree._Element, _other: etree._Element, number: int) -> None:
    parent = one.getparent()
    if parent is not None:
        wrapper = etree.Element(TAGS[number % len(TAGS)])
        parent.replace(one, wrapper)
        wrapper.append(one)


def put_first(one: etree._Element, _other: etree._Element, _number: int) -> None:
    parent = one.getparent()
    if parent is not None:
        parent.insert(0, one)


def rename(one: etree._Element, _other: etree._Element, number: int) -> None:
    one.tag = TAGS[number % len(TAGS)]


def take_text(one: etree._Element, other: etree._Element, _number: int) -> None:
    one.text = other.text


def follow(one: etree._Element, _other: etree._Element, _number: int) -> None:
    if one.getparent() is not None:
        one.tail = "99.9"


def identify(one: etree._Element, _other: etree._Element, number: int) -> None:
    one.set("Id", ("meta", "sig", "props")[number % 3])


def take_algorithm(one: etree._Element, other: etree._Element, _number: int) -> None:
    one.set("Algorithm", other.get("Algorithm", "urn:none"))


ACTS = (remove, repeat, move, wrap, put_first, rename, take_text, follow, identify, take_algorithm)
Act = Callable[[etree._Element, etree._Element, int], None]


@QUICK
@given(
    form=st.sampled_from([EnvelopeForm.XMLDSIG, EnvelopeForm.XADES]),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=3),
)
def test_a_tree_that_was_changed_by_chance(xml: XmlForge, form: EnvelopeForm, acts: list[tuple[Act, int, int]]) -> None:
    forge = xml.in_form(form)
    root = forge.signed()
    for act, first, second in acts:
        nodes = list(root.iter())
        act(nodes[first % len(nodes)], nodes[second % len(nodes)], second)
    try:
        opened = forge.open(forge.seal(root))
    except EnvelopeRefused:
        return
    assert (opened.payload, opened.metadata.aud, opened.metadata.jti) == (CONTENT.encode(), "aa", "m-1")


@QUICK
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255), drop=st.integers(0, 3))
def test_bytes_that_were_changed_by_chance(xml: XmlForge, place: int, byte: int, drop: int) -> None:
    data = bytearray(etree.tostring(xml.signed(), encoding="UTF-8"))
    place %= len(data)
    data[place : place + drop] = bytes([byte])
    try:
        opened = xml.open(xml.seal(bytes(data)))
    except EnvelopeRefused:
        return
    assert (opened.payload, opened.metadata.aud, opened.metadata.jti) == (CONTENT.encode(), "aa", "m-1")
