"""The message tree: one in-memory form for every message, whatever its syntax.

A message is its JSON form: a dict with one key, the root's name. Inside it, exact element names are keys; a list
stands where the schema allows more than one; every leaf is a ``str`` (numbers keep their text, never float); a leaf
that has attributes is ``{"value": text, "@unitCode": text}``; a class's attribute is an ``"@name"`` key; a second
namespace under one local name gets its alias (``dec:Declaration``). A missing key is absent; ``""`` is empty; ``{}`` is
an empty class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Tree: TypeAlias = dict[str, Any]
Leaf: TypeAlias = str | dict[str, str]


def root_name(message: Tree) -> str:
    """Name of the document element of a message."""
    return next(iter(message))


def root_of(message: Tree) -> Tree:
    """The content of the document element; a class even when it is empty."""
    content: Tree = message[root_name(message)]
    return content


def leaf_text(leaf: Leaf) -> str:
    """The text of a leaf, with or without attributes."""
    return leaf if isinstance(leaf, str) else leaf["value"]


def is_leaf(value: Any) -> bool:
    """Whether a value of the tree is a leaf (text, or text with attributes)."""
    return isinstance(value, str) or (isinstance(value, dict) and "value" in value)


def entries(parent: Tree, key: str) -> list[Any]:
    """The occurrences under a key as a list: none, the single one, or all of a repeated element."""
    value = parent.get(key)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def leaves(message: Tree) -> Iterator[tuple[str, str]]:
    """Every leaf and attribute of a message below its root as (path with 1-based positions, text).

    Positions are written only inside lists: ``Declaration/Consignment[2]/Consignee/Name``, attributes as
    ``.../TotalPackageQuantity@unitCode``, the root's own as ``/@calendar``.
    """
    yield from _leaves_below(root_of(message), "")


def _leaves_below(parent: Tree, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in parent.items():
        if key.startswith("@"):
            yield (f"{prefix}{key}" if prefix else f"/{key}"), value
            continue
        path = f"{prefix}/{key}" if prefix else key
        if isinstance(value, list):
            for position, entry in enumerate(value, 1):
                yield from _leaves_at(entry, f"{path}[{position}]")
        else:
            yield from _leaves_at(value, path)


def _leaves_at(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif "value" in value:
        yield path, value["value"]
        for name, text in value.items():
            if name != "value":
                yield f"{path}{name}", text
    else:
        yield from _leaves_below(value, path)


def general_path(path: str) -> str:
    """A path without its positions: ``Declaration/Consignment[2]/ID`` becomes ``Declaration/Consignment/ID``."""
    if "[" not in path:
        return path
    parts: list[str] = []
    for step in path.split("/"):
        name, bracket, rest = step.partition("[")
        parts.append(name + rest.partition("]")[2] if bracket else name)
    return "/".join(parts)
