"""A dialect: an older or looser style of writing messages of known formats, as data.

A dialect (file ``<name>.profile.toml``) says how a document of its style is recognised, what is written otherwise in
it, and which format results. It repairs only what it names, on the parsed tree, before the validator of the format;
everything else stays as it came and is judged like any message of the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

DateStyle: TypeAlias = Literal["attribute", "date-time"]
"""How a date stands in a document: ``attribute`` = text and formatCode on the element itself; ``date-time`` = a plain
xs:dateTime or xs:date without formatCode."""

ANY = "*"
"""Stands for every element name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of document of a dialect and the format that it becomes.

    Attributes:
        format: published name of the format.
        body: local name of the body; empty asks nothing.
        namespaces: namespaces of which the body must have one; empty asks nothing.
        when: path below the document element (names as the dialect writes them) and the texts of which it must hold
            one; a text that ends in ``*`` is a beginning.
        has: paths that must be there.
        source: where this is from.
    """

    format: str
    body: str = ""
    namespaces: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateForm:
    """A form of dates that the formats do not have, and the one that takes it: ``text`` is put behind the date.

    Attributes:
        code: formatCode that results.
        text: what is put behind, such as the seconds ``00``.
    """

    code: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a profile file says.

    Attributes:
        file: the profile's own file.
        name: published name with version.
        title: one line for people.
        source: where its facts are from.
        roots: local names of the element that begins a document: the envelope, or the body where there is none.
        root_namespaces: namespaces of which it must have one; ``""`` is none.
        enveloped: whether the root is an envelope; else the formats' envelope is put around it.
        json: whether the JSON form may be written in this style too.
        depth: through how many foreign elements the document may be wrapped; 0: not at all.
        wrapped_packages: packages of formats whose own documents may be wrapped; for a dialect that only unwraps.
        namespaces: namespaces that count as those of the schema.
        absent: whether an element without namespace counts as the schema's.
        kinds: in the order in which they are tried.
        renamed: today's name by (parent's name as today or ``*``, name in the document).
        aside: (parent's name, name) of elements that no format has a place for; the parent may be written with its own
            parent, ``Response/Declaration``, where only that one is meant.
        unwrapped: (parent's name as today, name in the document) of elements whose children stand in the parent today.
        empty_absent: whether an element with nothing in it says as much as none.
        dates: styles of dates besides the formats' own.
        date_forms: forms that the formats do not have, by formatCode.
        any_order: names of classes whose children may stand in any order.
        values: envelope leaves (today's name) whose texts are written otherwise: text by text.
    """

    file: Path
    name: str
    title: str
    source: str
    roots: tuple[str, ...] = ()
    root_namespaces: tuple[str, ...] = ()
    enveloped: bool = True
    json: bool = False
    depth: int = 0
    wrapped_packages: tuple[str, ...] = ()
    namespaces: frozenset[str] = frozenset()
    absent: bool = False
    kinds: tuple[Kind, ...] = ()
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    aside: frozenset[tuple[str, str]] = frozenset()
    unwrapped: frozenset[tuple[str, str]] = frozenset()
    empty_absent: bool = False
    dates: tuple[DateStyle, ...] = ()
    date_forms: Mapping[str, DateForm] = field(default_factory=dict)
    any_order: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def only_unwraps(self) -> bool:
        """Whether it has no documents of its own and only takes those of the formats out of transport elements."""
        return bool(self.wrapped_packages)

    def today(self, parent: str, name: str) -> str:
        """Today's name of an element.

        Args:
            parent: today's name of its parent.
            name: as it stands in the document.
        """
        return self.renamed.get((parent, name)) or self.renamed.get((ANY, name)) or name

    def may_reorder(self, name: str) -> bool:
        """Whether the children of a class with this name may stand in any order."""
        return name in self.any_order or ANY in self.any_order
