"""The JSON form of a message: the message tree itself, or the native document of a JSON-native format.

An XML format's JSON form is its message tree, every leaf a text. A JSON-native format's document is the content of the
root; its numbers and booleans are written as tokens straight from their text, so that ``1.10`` stays ``1.10``.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from gateway.formats.codec import TreeUnfit
from gateway.formats.fit import fit
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$")


def write_json(structure: Structure, tree: Tree) -> bytes:
    """The message in its JSON form, UTF-8 without blanks.

    Raises:
        TreeUnfit: the tree does not fit the structure, or a number's text is no JSON number.
    """
    if structure.syntax == "xml":
        try:
            return orjson.dumps(tree)
        except (orjson.JSONEncodeError, TypeError):
            raise unfit(structure, tree) from None
    if list(tree) != [structure.root.key]:
        raise unfit(structure, tree)
    try:
        return orjson.dumps(_native_class(structure.root, tree[structure.root.key], ""))
    except (AttributeError, KeyError, TypeError, orjson.JSONEncodeError):
        raise unfit(structure, tree) from None


def unfit(structure: Structure, tree: Tree) -> TreeUnfit:
    """The error that names all misfits of a tree."""
    _, findings = fit(structure, tree, as_tree=True)
    first = findings[0] if findings else None
    message = first.message if first is not None else "the tree does not fit the format"
    return TreeUnfit(message, path=first.path if first is not None else "", findings=findings)


def _native_class(element: Element, value: Tree, path: str) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for child in element.children:
        if child.key in value:
            below = f"{path}/{child.key}" if path else child.key
            given = value[child.key]
            if child.repeats:
                if not isinstance(given, list):
                    raise TypeError(below)
                content[child.key] = [
                    _native(child, entry, f"{below}[{position}]") for position, entry in enumerate(given, 1)
                ]
            else:
                content[child.key] = _native(child, given, below)
    unknown = next((key for key in value if key not in element.by_key), None)
    if unknown is not None:
        raise KeyError(unknown)
    return content


def _native(element: Element, value: Any, path: str) -> Any:
    if element.type is None:
        return _native_class(element, value, path)
    if not isinstance(value, str):
        raise TypeError(path)
    if element.json_type == "string":
        return value
    if element.json_type == "boolean" and value in ("true", "false"):
        return value == "true"
    if element.json_type == "number" and _NUMBER.match(value):
        return orjson.Fragment(value)
    due = "a number with all its digits" if element.json_type == "number" else "true or false"
    raise TreeUnfit(f"{due} is due here", path=path, remedy="write no sign +, no leading zero and no exponent")
