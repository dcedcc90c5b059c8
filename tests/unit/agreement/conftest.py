"""A small made-up format and agreement that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.agreement.agreement import Agreement
from gateway.agreement.compile import MappedPlaces, compile_agreement
from gateway.agreement.policy import Permission, decide
from gateway.agreement.reading import read_agreement
from gateway.findings import Fault
from gateway.formats.structure import Annotation, Attribute, Element, SimpleType, Structure

TEXT = SimpleType(base="token", max_length=70)
NUMBER = SimpleType(base="decimal")
CODE = SimpleType(base="token", max_length=3, enumeration=("AAA", "CNM", "ZZZ"))


def leaf(key: str, *, most: int | None = 1, least: int = 0, **more: Any) -> Element:
    kind = more.pop("type", TEXT)
    return Element(key=key, local=key, minimum=least, maximum=most, type=kind, **more)


def entry(key: str, *children: Element, most: int | None = 1, **more: Any) -> Element:
    return Element(key=key, local=key, minimum=0, maximum=most, children=children, **more)


def _structure() -> Structure:
    date = entry("IssueDateTime", leaf("DateTimeString", attributes=(Attribute(name="formatCode", type=TEXT),)))
    party = (leaf("ID", attributes=(Attribute(name="schemeID", type=TEXT),)), leaf("Name"))
    contact = entry("Contact", leaf("Name", annotation=Annotation(hint="person-name")))
    remark = entry(
        "AdditionalInformation",
        leaf("StatementTypeCode", least=1, type=CODE),
        leaf("StatementDescription", type=SimpleType(base="string", max_length=512)),
        most=None,
    )
    item = entry(
        "Item",
        leaf("SequenceNumeric", least=1, type=SimpleType(base="integer")),
        leaf("Description"),
        leaf("Value", type=NUMBER, attributes=(Attribute(name="currencyID", type=TEXT),)),
        leaf("Marks", most=None),
        most=None,
        attributes=(Attribute(name="kind", type=TEXT),),
    )
    content = (leaf("ID", least=1), date, entry("Importer", *party), entry("Seller", *party, contact), remark, item)
    root = Element(key="Envelope", local="Envelope", children=(leaf("Version"), entry("Declaration", *content)))
    return Structure(root=root, digest="d1")


AGREEMENT = """
id = "aa-xx-goods"
version = 1
title = "Goods declarations"
partner = "xx"
parties = [{ code = "aa", name = "Our administration" }, { code = "xx", name = "Their administration" }]
status = "active"
zone = "+05:30"
in_force_from = 2024-01-01
in_force_to = 2026-07-01
legal_basis = [{ ref = "Made-up treaty", certainty = "ours", source = "test" }]
purposes = { RISK = "risk analysis", VALUE = "customs value" }
clauses = [{ id = "A1", text = "what is exchanged" }, { id = "A2", text = "what is held back" }]
onward = { other_agency = "prior-consent", third_country = "never" }
correction = { within_hours = 24, receiver_confirms = true }
service = { acknowledge_within_minutes = 60 }

[[messages]]
type = "goods"
direction = "out"
purposes = ["RISK"]
format = "xx-goods-1.0"
clause = "A1"
fields = "goods-out"
retention_days = 365

[fields.goods-out]
wco = "dec-0.1"
"""

ALLOW_SOME = """
[[fields.goods-out.allow]]
clause = "A1"
says = "identity and goods"
paths = ["Declaration/ID", "Declaration/IssueDateTime", "Declaration/Item/Description", "Declaration/Item/Value"]
"""


@pytest.fixture(scope="session")
def structure() -> Structure:
    return _structure()


@pytest.fixture(scope="session")
def text() -> str:
    return AGREEMENT + ALLOW_SOME


def compiled(
    body: str, structure: Structure, mapped: MappedPlaces | None = None, *, head: str = AGREEMENT
) -> tuple[Agreement | None, tuple[Fault, ...]]:
    """Read and compile the shared head with other field terms."""
    source, faults = read_agreement((head + body).encode(), "agreements/aa-xx-goods-v1.toml")
    assert source is not None, faults
    return compile_agreement(source, {"dec-0.1": structure}, lambda _: mapped or MappedPlaces())


Permitting = Callable[..., Permission]


@pytest.fixture(scope="session")
def permitting(structure: Structure) -> Permitting:
    """A permission with the given field terms."""

    def make(body: str, mapped: MappedPlaces | None = None) -> Permission:
        agreement, faults = compiled(body, structure, mapped)
        assert agreement is not None, faults
        at = datetime(2026, 3, 1, tzinfo=UTC)
        return decide([agreement], partner="xx", direction="out", message_type="goods", purpose="RISK", at=at)

    return make


@pytest.fixture(scope="session")
def compiling(structure: Structure) -> Callable[..., tuple[Agreement | None, tuple[Fault, ...]]]:
    """Compile the shared head with other field terms, faults returned."""

    def make(
        body: str, mapped: MappedPlaces | None = None, head: str = AGREEMENT
    ) -> tuple[Agreement | None, tuple[Fault, ...]]:
        return compiled(body, structure, mapped, head=head)

    return make


@pytest.fixture(scope="session")
def head() -> str:
    return AGREEMENT
