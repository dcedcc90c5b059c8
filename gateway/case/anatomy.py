"""How the structure of a format answers to WCO ids: class codes, tag ids, entries that carry their own number.

A class code is two digits and a letter (``68A``); everything else that carries a WCO id is an attribute of the class
that holds it (``D005``, ``360``), also a date, whose text stands one element deeper (wco 5, 10).
"""

from __future__ import annotations

import re
from typing import Any

from gateway.codes.numbers import parse_decimal
from gateway.errors import ContentRefused
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries, leaf_text

DECLARATION = "42A"
AMENDMENT = "06A"
STATEMENT = "03A"
POINTER = "97A"
SEQUENCE = "006"
_CLASS_CODE = re.compile(r"[0-9]{2}[A-Z]\Z")


class NoDeclaration(ContentRefused):
    """The message, or its format, holds no declaration that could be changed."""

    code = "amend.no-declaration"


def is_class(element: Element) -> bool:
    """Whether a pointer names this element by a section of its own, and not by a tag."""
    return not element.is_leaf and _CLASS_CODE.match(element.annotation.wco_id) is not None


def class_of(parent: Element, section: str) -> Element | None:
    """The child class with this code."""
    return next((one for one in parent.children if one.annotation.wco_id == section and is_class(one)), None)


def tag_of(parent: Element, tag: str) -> Element | None:
    """The data element with this id."""
    return next((one for one in parent.children if one.annotation.wco_id == tag and not is_class(one)), None)


def number_element(element: Element) -> Element | None:
    """The data element in which the entries of a repeated class carry their own number, None where they carry none."""
    if not element.repeats or element.annotation.wco_id == POINTER:
        return None
    found = tag_of(element, SEQUENCE)
    return found if found is not None and found.is_leaf and not found.repeats else None


def own_number(entry: Tree, counted: Element) -> int | None:
    """The number that an entry carries itself, None where it is absent or no whole number."""
    return whole_number(entry.get(counted.key))


def whole_number(leaf: Any) -> int | None:
    """A leaf as a whole number, None where it is absent or no such."""
    number = parse_decimal(leaf_text(leaf).strip()) if leaf is not None else None
    return int(number) if number is not None and number == number.to_integral_value() else None


def declaration_of(structure: Structure) -> Element:
    """The declaration's class in a format: the child of the document element with code 42A.

    Raises:
        NoDeclaration: the format has none.
    """
    found = class_of(structure.root, DECLARATION)
    if found is None or found.repeats:
        raise NoDeclaration("this format holds no single declaration", remedy="hand in a declaration")
    return found


def declared(structure: Structure, message: Tree) -> Tree:
    """The content of the declaration of a message.

    Raises:
        NoDeclaration: the format or the message has none.
    """
    element = declaration_of(structure)
    found = entries(message[structure.root.key], element.key)
    if not found:
        raise NoDeclaration("the message holds no declaration", remedy="hand in a declaration, not a response")
    content: Tree = found[0]
    return content


def text_of(element: Element, content: Tree, tag: str) -> str:
    """The text of a data element by its id, empty where it is absent."""
    found = tag_of(element, tag)
    leaf = content.get(found.key) if found is not None else None
    return leaf_text(leaf).strip() if leaf is not None and found is not None and found.is_leaf else ""


def classes_in_words(parent: Element) -> str:
    """The sections that a pointer may name next, for people: ``68A GovernmentAgencyGoodsItem, 28A Consignment``."""
    return ", ".join(f"{one.annotation.wco_id} {one.key}" for one in parent.children if is_class(one)) or "none"


def tags_in_words(parent: Element) -> str:
    """The tags that a pointer may end with, for people: ``D014 ID, D013 TypeCode``."""
    known = [one for one in parent.children if one.annotation.wco_id and not is_class(one)]
    return ", ".join(f"{one.annotation.wco_id} {one.key}" for one in known) or "none"
