"""The kind of rule that follows WCO pointers: one sibling ``Pointer`` for each level from the root class down.

``sections`` asks whether the class codes lie under one another in the model and the tag belongs to the last class,
``root`` whether the list begins at a root class: some administrations leave the first levels out.
``place`` asks whether this message holds the place; it is silent on pointers into another message, which begin at
another root class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.formats.structure import Element
from gateway.formats.tree import Tree, leaf_text
from gateway.validation.check import FINE, Breaks, Built, Place, Run
from gateway.validation.class_graph import ClassGraph, is_class
from gateway.validation.rule import Rule
from gateway.validation.rule_options import PointerRule

_SECTION, _NUMBER, _TAG = "375", "006", "381"


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a pointer's parts in one format."""

    section: str
    number: str
    tag: str

    def read(self, entry: Tree) -> tuple[str, str, str]:
        """Class code, number and tag of one pointer, each empty where it is absent."""
        return _text(entry, self.section), _text(entry, self.number), _text(entry, self.tag)


def _text(entry: Tree, key: str) -> str:
    leaf = entry.get(key)
    return "" if leaf is None else (leaf if leaf.__class__ is str else leaf_text(leaf)).strip()


def build_pointer(rule: Rule, place: Place) -> Built | None:
    """A list of pointers resolves."""
    options: PointerRule = rule.options
    element = place.element
    names = {child.annotation.wco_id: child.key for child in element.children}
    if not element.repeats or _SECTION not in names:
        return None
    keys = _Keys(names[_SECTION], names.get(_NUMBER, ""), names.get(_TAG, ""))
    if options.looks == "place":
        return Built(value=_place_test(keys, place.structure.root))
    known = place.known
    if options.looks == "root":
        return Built(value=lambda entries, _: _root_broken(entries, keys, known.graph))
    return Built(value=lambda entries, _: _sections_broken(entries, keys, known.graph))


def _root_broken(entries: list[Tree], keys: _Keys, graph: ClassGraph) -> Breaks:
    first = next(_levels(entries, keys, graph.roots), None)
    if first is None or not graph.roots or first[1][0] in graph.roots or first[1][0] not in graph.tags:
        return FINE  # a class that the model does not have is told by ``sections``
    return ((f"[{first[0]}]/{keys.section}", f"one of {', '.join(sorted(graph.roots))}, where a message begins"),)


def _sections_broken(entries: list[Tree], keys: _Keys, graph: ClassGraph) -> Breaks:
    if not graph.roots:
        return FINE
    broken: list[tuple[str, str]] = []
    for position, (section, _, tag), above in _levels(entries, keys, graph.roots):
        known = section in (graph.classes.get(above, ()) if above else graph.tags)
        if not known:
            broken.append((f"[{position}]/{keys.section}", "a class that lies below the one before it"))
            break
        if tag and tag not in graph.tags.get(section, ()):
            broken.append((f"[{position}]/{keys.tag}", "the id of an attribute of that class"))
    return tuple(broken)


def _levels(entries: list[Tree], keys: _Keys, roots: Iterable[str]) -> Iterator[tuple[int, tuple[str, str, str], str]]:
    """Each pointer with the class above it; a root class begins another list."""
    above = ""
    for position, entry in enumerate(entries, 1):
        read = keys.read(entry)
        if not read[0]:  # a tag alone, or nothing that could be followed
            continue
        yield position, read, "" if read[0] in roots else above
        above = read[0]


def _place_test(keys: _Keys, root: Element) -> Any:
    below = _Below()
    own = {child.annotation.wco_id: child for child in root.children if is_class(child.annotation.wco_id)}

    def test(entries: list[Tree], run: Run) -> Breaks:
        held: list[tuple[Element, Tree]] = []
        for position, (section, number, _), above in _levels(entries, keys, own):
            if not above:
                if section not in own:
                    return FINE  # into another message
                held = [(own[section], one) for one in _entries(run.root, own[section])]
            else:
                held = [found for one in held for found in below.find(one, section)]
            if number:
                held = below.numbered(held, number)
            if not held:
                return ((f"[{position}]", "a place that this message holds"),)
        return FINE

    return test


def _entries(tree: Tree, element: Element) -> list[Tree]:
    given = tree.get(element.key)
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


class _Below:
    """Which classes lie below each class of a format, by class code, and which of its leaves holds the number."""

    def __init__(self) -> None:
        self._classes: dict[int, dict[str, list[Element]]] = {}
        self._numbers: dict[int, str] = {}

    def find(self, held: tuple[Element, Tree], section: str) -> list[tuple[Element, Tree]]:
        """The entries of a class below one place; classes without a code are no level of their own."""
        element, tree = held
        by_code = self._classes.get(id(element))
        if by_code is None:
            by_code = {}
            for child in element.children:
                if not child.is_leaf:
                    by_code.setdefault(child.annotation.wco_id, []).append(child)
            self._classes[id(element)] = by_code  # whole, for other threads look there too
        if "" in by_code:
            return self._through(tree, element, section)
        return [(child, one) for child in by_code.get(section, ()) for one in _entries(tree, child)]

    def _through(self, tree: Tree, element: Element, section: str) -> list[tuple[Element, Tree]]:
        found: list[tuple[Element, Tree]] = []
        for child in element.children:
            if child.key not in tree or child.is_leaf:
                continue
            identity = child.annotation.wco_id
            below = [(child, one) for one in _entries(tree, child)]
            if identity == section:
                found.extend(below)
            elif not identity:
                found.extend(deeper for one in below for deeper in self.find(one, section))
        return found

    def numbered(self, held: list[tuple[Element, Tree]], number: str) -> list[tuple[Element, Tree]]:
        """The entry with this sequence number, else the one in this place."""
        wanted = number.lstrip("0")
        for element, tree in held:
            key = self._numbers.get(id(element))
            if key is None:
                codes = {child.annotation.wco_id: child.key for child in reversed(element.children)}
                key = self._numbers[id(element)] = codes.get(_NUMBER, "")
            if key in tree and leaf_text(tree[key]).strip().lstrip("0") == wanted:
                return [(element, tree)]
        place = int(wanted) if wanted.isdigit() and len(wanted) < 7 else 0
        return [held[place - 1]] if 0 < place <= len(held) else []
