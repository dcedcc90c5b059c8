"""An input profile into its canonical format: the same names under other namespaces, lists where those are wider.

Nothing is translated. A place that the canonical format does not have is told, never dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.formats.head import FormatHead
from gateway.formats.structure import Element
from gateway.formats.tree import Tree, entries, is_leaf, leaf_text, root_of


@dataclass(slots=True)
class Renamed:
    """What renaming gave.

    Attributes:
        tree: the message under the names of the other format.
        carried: general paths of the leaves and attributes that it holds, with their numbers.
        empty: those of the profile that were empty, which says nothing and is left out.
        homeless: places of the profile, with positions, that the other format does not have.
    """

    tree: Tree = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    empty: dict[str, int] = field(default_factory=dict)
    homeless: list[str] = field(default_factory=list)


def canonical_names(head: FormatHead) -> tuple[str, ...]:
    """The canonical formats that messages of an input profile may become; none for a format that is no profile."""
    names = [choice.format for choice in head.canonical_for] + [head.canonical]
    return tuple(dict.fromkeys(name for name in names if name))


def canonical_name(head: FormatHead, message: Tree) -> str:
    """The canonical format that one message of an input profile becomes; empty for a format that is no profile.

    Args:
        head: of the profile.
        message: valid by it.
    """
    content = root_of(message)
    for choice in head.canonical_for:
        if choice.children and not any(key in content for key in choice.children):
            continue
        if all(_text_at(content, path) in texts for path, texts in choice.leaves.items()):
            return choice.format
    return head.canonical


def _text_at(content: Any, path: str) -> str | None:
    """Text of the leaf at a path; of repeated elements the first counts."""
    for step in path.split("/"):
        found = entries(content, step) if isinstance(content, dict) else []
        if not found:
            return None
        content = found[0]
    return leaf_text(content).strip() if is_leaf(content) else None


def rename(message: Tree, target: Element) -> Renamed:
    """Write a message of a profile as a message of another format with the same names.

    Args:
        message: valid by the profile.
        target: document element of the other format.
    """
    renamed = Renamed()
    renamed.tree = {target.key: _class(root_of(message), target, "", "", renamed)}
    return renamed


def _class(source: Tree, target: Element, general: str, place: str, renamed: Renamed) -> Tree:
    written: Tree = {}
    for key, value in source.items():
        if key.startswith("@"):
            _attribute(key, value, target, general or "/", place or "/", renamed, written)
            continue
        child = target.child(key)
        path, spot = (f"{general}/{key}", f"{place}/{key}") if general else (key, key)
        if child is None:
            renamed.homeless.append(spot)
            continue
        kept = _entries(source, key, child, path, spot, renamed)
        if kept:
            written[key] = kept if child.repeats else kept[0]
    return written


def _entries(source: Tree, key: str, child: Element, path: str, spot: str, renamed: Renamed) -> list[Any]:
    kept: list[Any] = []
    several = isinstance(source[key], list)
    for position, entry in enumerate(entries(source, key), 1):
        here = f"{spot}[{position}]" if several else spot
        if (position > 1 and not child.repeats) or is_leaf(entry) != child.is_leaf:
            renamed.homeless.append(here)
        elif not child.is_leaf:
            kept.append(_class(entry, child, path, here, renamed))
        elif entry in ("", {"value": ""}):
            renamed.empty[path] = renamed.empty.get(path, 0) + 1
        else:
            kept.append(_leaf(entry, child, path, here, renamed))
    return kept


def _leaf(entry: Any, child: Element, path: str, here: str, renamed: Renamed) -> Any:
    renamed.carried[path] = renamed.carried.get(path, 0) + 1
    if isinstance(entry, str):
        return entry
    written: dict[str, str] = {"value": entry["value"]}
    for name, text in entry.items():
        if name != "value":
            _attribute(name, text, child, path, here, renamed, written)
    return written if len(written) > 1 else entry["value"]


def _attribute(
    key: str, text: str, owner: Element, general: str, place: str, renamed: Renamed, written: dict[str, Any]
) -> None:
    """Carry one attribute; ``key`` has its ``@``."""
    if key[1:] not in owner.attribute_by_name:
        renamed.homeless.append(f"{place}{key}")
        return
    written[key] = text
    renamed.carried[f"{general}{key}"] = renamed.carried.get(f"{general}{key}", 0) + 1
