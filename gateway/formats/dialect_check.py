"""A profile held against the formats that its documents become: every name that it gives must lead somewhere.

A misspelt name in a profile would do nothing at all, and the repair that it asks for would be missing in silence; a
name that is in use today would turn one element into another. `sarhad check` tells both, with key and row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.formats.dialect import ANY, Dialect, Kind
from gateway.formats.format import Format
from gateway.formats.structure import Element
from gateway.formats.suggestions import nearest

_FORM = "formatCode"


@dataclass(frozen=True, slots=True)
class DialectFault:
    """One thing that does not fit.

    Attributes:
        key: in the profile file, with the 1-based number of the row where a table repeats: ``rename[3].to``.
        message: what is wrong.
        remedy: the nearest name, where there is one.
        code: stable.
    """

    key: str
    message: str
    remedy: str = ""
    code: str = "format.profile"


def dialect_faults(dialect: Dialect, formats: Mapping[str, Format]) -> list[DialectFault]:
    """Everything in a profile that does not fit the formats.

    Args:
        dialect: as its file says.
        formats: all, by name.
    """
    faults = [
        DialectFault(f"documents[{row}].format", f"no format is called {kind.format!r}", code="format.unknown")
        for row, kind in enumerate(dialect.kinds, 1)
        if kind.format not in formats
    ]
    packages = sorted({one.head.wco_package for one in formats.values()} - {""})
    faults += [
        DialectFault("wrapper.packages", f"no format is of package {package!r}", nearest(package, packages))
        for package in dialect.wrapped_packages
        if package not in packages
    ]
    if not faults and dialect.kinds:
        faults.extend(_Check(dialect, formats).all())
    return faults


class _Check:
    """The names of one profile, looked up in the formats of its kinds."""

    def __init__(self, dialect: Dialect, formats: Mapping[str, Format]) -> None:
        self._dialect = dialect
        self._roots = {kind.format: formats[kind.format].structure.root for kind in dialect.kinds}
        self._members: dict[str, set[str]] = {}
        self._inner: dict[str, set[str]] = {}
        self._forms: set[str] = set()
        seen: set[int] = set()
        for root in self._roots.values():
            self._learn(root, seen)

    def _learn(self, element: Element, seen: set[int]) -> None:
        if id(element) in seen:
            return
        seen.add(id(element))
        form = element.attribute_by_name.get(_FORM)
        if form is not None:
            self._forms.update(form.type.enumeration)
        if not element.is_leaf:
            self._members.setdefault(element.local, set()).update(child.local for child in element.children)
            for child in element.children:
                inner = self._inner.setdefault(f"{element.local}/{child.key}", set())
                inner.update(one.local for one in child.children)
                self._learn(child, seen)

    def all(self) -> Iterator[DialectFault]:
        """Kinds, names, places, order, dates, envelope."""
        for row, kind in enumerate(self._dialect.kinds, 1):
            yield from self._kind(kind, f"documents[{row}]")
        for row, ((parent, old), new) in enumerate(self._dialect.renamed.items(), 1):
            yield from self._renamed(parent, old, new, f"rename[{row}]")
        yield from self._places()
        for name in sorted(self._dialect.any_order):
            yield from self._class("order.any", name)
        for code, form in self._dialect.date_forms.items():
            key = f"dates.forms.{code}"
            if self._forms and form.code not in self._forms:
                yield DialectFault(
                    f"{key}.to", f"no date has form {form.code!r}", nearest(form.code, sorted(self._forms))
                )
            if code in self._forms:
                yield DialectFault(key, f"form {code!r} is known today: it would be changed")
        envelope = {child.local for root in self._roots.values() for child in root.children}
        for leaf in self._dialect.values:
            yield from _due(f"values.{leaf}", leaf, sorted(envelope), "an envelope")

    def _places(self) -> Iterator[DialectFault]:
        """What is left aside or taken from around others has no place of its own."""
        for parent, name in sorted(self._dialect.aside):
            known = self._inner if "/" in parent else self._members
            yield from _due("aside.parent", parent, sorted(known), "any format of this profile")
            if name in known.get(parent, ()):
                yield DialectFault("aside.element", f"{parent} has a place for {name}: it would be lost")
        for parent, name in sorted(self._dialect.unwrapped):
            yield from self._class("unwrap.parent", parent)
            if name in self._of(parent):
                yield DialectFault("unwrap.element", f"{parent} has a place for {name}: it would be taken apart")

    def _kind(self, kind: Kind, key: str) -> Iterator[DialectFault]:
        root = self._roots[kind.format]
        if kind.body:
            yield from _due(f"{key}.body", kind.body, [child.local for child in root.children], kind.format)
        for path in kind.has:
            yield from self._path(kind, path, f"{key}.has")
        for path in kind.when:
            yield from self._path(kind, path, f"{key}.when")

    def _path(self, kind: Kind, path: str, key: str) -> Iterator[DialectFault]:
        """A path is written with the names of the dialect, from its document element."""
        here: Element | None = self._roots[kind.format]
        if not self._dialect.enveloped and here is not None:
            bodies = (kind.body,) if kind.body else self._dialect.roots
            here = next((child for child in here.children if child.local in bodies), None)
        for step in path.split("/"):
            name = self._dialect.today(here.local, step) if here is not None else step
            children = here.children if here is not None else ()
            found = next((child for child in children if child.local == name), None)
            if found is None:
                names = sorted({child.local for child in children})
                yield DialectFault(key, f"{path!r} leads nowhere in {kind.format}", nearest(name, names))
                return
            here = found

    def _renamed(self, parent: str, old: str, new: str, key: str) -> Iterator[DialectFault]:
        faults = list(self._class(f"{key}.parent", parent))
        yield from faults
        if faults:
            return
        members = self._of(parent)
        yield from _due(f"{key}.to", new, sorted(members), "any class" if parent == ANY else parent)
        if old in members:
            yield DialectFault(f"{key}.from", f"{old} is in use today: it would become another element")

    def _class(self, key: str, name: str) -> Iterator[DialectFault]:
        if name != ANY:
            yield from _due(key, name, sorted(self._members), "any format of this profile")

    def _of(self, parent: str) -> set[str]:
        """Names of what stands below classes of a name, in all formats of the profile."""
        return set().union(*self._members.values()) if parent == ANY else self._members.get(parent, set())


def _due(key: str, name: str, known: Sequence[str], where: str) -> Iterator[DialectFault]:
    if name not in known:
        yield DialectFault(key, f"nothing is called {name!r} in {where}", nearest(name, known))
