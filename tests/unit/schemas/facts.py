"""The tables of the data model that the schemas are measured by, and the smallest documents that hold one place.

``facts_classes.csv`` is the class dictionary: for each class its data elements in schema order (WCO id, format, EDIFACT
number, occurrence) and its child classes. ``facts_places.csv`` is the nesting of declaration and response: each place
with its class, occurrence and the letters of the packages that are marked there. Both were typed from the published
facts of release 3.6, not from our schemas.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.formats.format import Format, load_format
from gateway.formats.generation.facets import admits
from gateway.formats.structure import Element

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE.parents[2] / "wco_schemas"
DMS = SCHEMAS / "profiles" / "dms-3.6" / "dms-3.6.format.toml"
CANONICAL = SCHEMAS / "wco" / "3.6"
PARTS_OF_A_PARTY = ("Address", "Contact", "Communication")
"""Child classes that the nesting leaves out; they stand in the class dictionary."""

ATTRIBUTES = {
    "Amount": {"currencyID"},
    "Code": {
        "listID", "listAgencyID", "listAgencyName", "listName", "listVersionID", "name", "languageID", "listURI",
        "listSchemeURI",
    },
    "ID": {
        "schemeID", "schemeName", "schemeAgencyID", "schemeAgencyName", "schemeVersionID", "schemeDataURI", "schemeURI",
    },
    "Measure": {"unitCode"},
    "Quantity": {"unitCode"},
    "Numeric": set(),
    "Text": {"languageID"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A data element of a class, or (without id and format) a child class."""

    name: str
    is_class: bool
    wco_id: str
    format: str
    edifact: str
    occurs: str

    @property
    def term(self) -> str:
        """The representation term that the name ends with; text where there is none."""
        return next((term for term in ATTRIBUTES if self.name.endswith(term)), "Text")

    @property
    def is_date(self) -> bool:
        return self.name.endswith("DateTime")


@dataclass(frozen=True, slots=True)
class Site:
    """One place of the nesting."""

    message: str
    path: str
    class_code: str
    occurs: str
    packages: str


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def members() -> dict[str, list[Member]]:
    """Members of each class by its code, in schema order."""
    found: dict[str, list[Member]] = {}
    for row in _rows("facts_classes.csv"):
        found.setdefault(row["class"], []).append(
            Member(row["member"], row["kind"] == "class", row["wco_id"], row["format"], row["edifact"], row["occurs"])
        )
    return found


@cache
def sites() -> tuple[Site, ...]:
    """All places of the nesting, parents before children."""
    return tuple(Site(*row.values()) for row in _rows("facts_places.csv"))


def data_of(code: str) -> list[Member]:
    """Data elements of a class in schema order."""
    return [member for member in members()[code] if not member.is_class]


def classes_at(site: Site) -> dict[str, str]:
    """Names and occurrences of the child classes of a place, in schema order."""
    parts = {
        member.name: member.occurs
        for member in members()[site.class_code]
        if member.is_class and member.name in PARTS_OF_A_PARTY
    }
    below = {
        each.path.rpartition("/")[2]: each.occurs
        for each in sites()
        if each.message == site.message and each.path.rpartition("/")[0] == site.path
    }
    return parts | below


@cache
def load(head: Path) -> Format:
    """A format of the project, read once for all tests."""
    return load_format(head)


def canonical(name: str) -> Format:
    """A format of the canonical set, by its short name."""
    return load(CANONICAL / f"{name}-3.6.format.toml")


@cache
def schema_of(head: Path) -> etree.XMLSchema:
    """The schema of a format, compiled by libxml2 with no part of the gateway."""
    return etree.XMLSchema(etree.parse(str(load(head).head.schema)))


def occurs(element: Element) -> str:
    """``0..1``, ``1..*``: the occurrence of an element as the tables write it."""
    return f"{element.minimum}..{'*' if element.maximum is None else element.maximum}"


def document(found: Format, path: str, value: Any = None) -> etree._Element:
    """The smallest document that holds one place: only what is mandatory stands beside it.

    Args:
        found: a format of XML syntax.
        path: general path of a leaf or class.
        value: content of the place in the form of the message tree; None for a valid one.
    """
    root = found.structure.root
    tree = {root.key: _content(root, path.split("/"), value)}
    return etree.fromstring(found.to_xml(tree))


def _content(element: Element, steps: list[str], value: Any) -> Any:
    if not steps and value is not None:
        return value
    if element.is_leaf:
        return _leaf(element)
    content: dict[str, Any] = {}
    for child in element.children:
        if steps and child.key == steps[0]:
            entry = _content(child, steps[1:], value)
        elif child.minimum > 0 and not (steps and _barred(element, child.key, steps[0])):
            entry = _content(child, [], None)
        else:
            continue
        content[child.key] = [entry] if child.repeats else entry
    return content


def _barred(element: Element, one: str, other: str) -> bool:
    """Whether two children stand in different branches of one choice."""
    return any(
        any(one in branch and other not in branch for branch in group)
        and any(other in branch and one not in branch for branch in group)
        for group in element.choices
    )


def _leaf(element: Element) -> Any:
    assert element.type is not None
    if element.local == "DateTimeString":
        return {"value": "20260228", "@formatCode": "102"}
    candidates = (*element.type.enumeration, "1", "A", "AA", "AAA")
    return next(text for text in candidates if admits(element.type, text))


def bounds(form: str) -> tuple[list[str], list[str]]:
    """Values at the border of a WCO format: those that it just admits, and those just beyond.

    Args:
        form: ``an..35``, ``a2``, ``n1``, ``n..5`` or ``n..16,3``.

    Raises:
        ValueError: the format has another form.
    """
    read = re.fullmatch(r"(an?|n)(\.\.)?(\d+)(?:,(\d+))?", form)
    if read is None:
        raise ValueError(form)
    kind, upto, size, fraction = read[1], bool(read[2]), int(read[3]), int(read[4] or 0)
    if kind == "an":
        return ["x", "\u00e9" * size, "x" * size], ["", "  ", "\t", "x" * (size + 1)]
    if kind == "a":
        return ["Z" * size], ["", "Z" * (size - 1), "Z" * (size + 1), "z" * size, "1" * size]
    if not upto:
        return ["9" * size], ["", "9" * (size + 1), "x" * size]
    whole = "9" * (size - fraction)
    if fraction:
        good = [f"{whole}.{'9' * fraction}", f"0.{'0' * (fraction - 1)}1", f"-{whole}", f"000{whole}", f"{whole}.500"]
        return good, [f"{whole}9.{'9' * fraction}", f"1.{'0' * fraction}1", "", "1E3", "1,5", "x", "NaN"]
    return ["9" * size, "1"], ["9" * (size + 1), "", "1.5", "1E3", "x"]
