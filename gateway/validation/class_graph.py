"""Which WCO classes and attributes lie below which class, over all packages: what a pointer may say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.formats.structure import Element, Structure

_CLASS = re.compile(r"[0-9]{2}[A-Z]")


def is_class(identity: str) -> bool:
    """Whether a WCO id is that of a class (two digits and a letter)."""
    return _CLASS.fullmatch(identity) is not None


@dataclass(slots=True)
class ClassGraph:
    """What lies below what.

    Attributes:
        roots: classes that a document may begin with.
        classes: child classes by class.
        tags: attributes by class.
    """

    roots: set[str] = field(default_factory=set)
    classes: dict[str, set[str]] = field(default_factory=dict)
    tags: dict[str, set[str]] = field(default_factory=dict)

    def _take(self, element: Element, owner: str, seen: set[tuple[int, str]]) -> None:
        if (id(element), owner) in seen:
            return
        seen.add((id(element), owner))
        for child in element.children:
            identity = child.annotation.wco_id
            if is_class(identity):
                self.classes.setdefault(owner, set()).add(identity)
                self._take(child, identity, seen)
            elif identity:
                self.tags.setdefault(owner, set()).add(identity)
            elif not child.is_leaf:  # a class without an id of its own: what is below it hangs on the one above
                self._take(child, owner, seen)

    @classmethod
    def over(cls, structures: Iterable[Structure]) -> ClassGraph:
        """The graph of all these packages together."""
        graph = cls()
        for structure in structures:
            seen: set[tuple[int, str]] = set()
            for child in structure.root.children:
                identity = child.annotation.wco_id
                if is_class(identity):
                    graph.roots.add(identity)
                    graph._take(child, identity, seen)
        return graph
