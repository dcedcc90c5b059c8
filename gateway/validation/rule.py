"""What a business rule is: a check that the schema cannot make, told as data.

A rule says where it looks, when it holds and what must hold there, in a closed set of kinds (see `rule_files`). The
kinds are built in `text_kinds`, `leaf_kinds`, `class_kinds`, `list_kinds` and `pointer_kinds`; `rulebook` works out
once for each format which of its places a rule concerns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from gateway.codes.codelists import CodeList
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.findings import Severity
from gateway.formats.structure import Structure
from gateway.validation.class_graph import ClassGraph

Subject: TypeAlias = Literal["text", "leaf", "class", "list", "any"]
"""What a kind looks at: the text of a leaf or attribute, a leaf with its attributes, one class, all occurrences of a
repeated element, or any element, leaf or class."""

Wanted: TypeAlias = "tuple[str, ...] | Literal['present', 'absent']"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of ``when``.

    Attributes:
        path: from the class that holds the subject (for a class: from itself), or from the message's root after ``/``.
        wanted: texts of which one must stand there (``IM*`` is any text that begins so), or whether anything does.
        negated: the path was written after ``!``.
    """

    path: str
    wanted: Wanted
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: stable code, quoted by findings.
        severity: only an error makes a message invalid.
        source: where the rule comes from.
        text: what must hold, one sentence.
        remedy: what the sender can do.
        kind: name of the engine.
        at: selectors of the places it looks at, see `selectors`.
        when: all must hold for the rule to speak.
        packages: packages of the WCO Data Model that it is for; empty with empty ``formats`` for all of them.
        formats: names of formats that it is for.
        options: what the kind asks for, see the models in `rule_options`.
        file: where it stands, for faults.
    """

    id: str
    severity: Severity
    source: str
    text: str
    remedy: str
    kind: str
    at: tuple[str, ...]
    options: Any
    when: tuple[Condition, ...] = ()
    packages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    file: str = ""

    def is_for(self, format_name: str, package: str) -> bool:
        """Whether the rule is for a format.

        Args:
            format_name: its published name.
            package: the package of its head, empty for a national format.
        """
        if format_name in self.formats:
            return True
        return bool(package) and not self.formats and (not self.packages or package in self.packages)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What rules may ask for besides the message.

    Attributes:
        code_lists: by name; a rule whose list is not there says nothing.
        schemes: identifier schemes by name; the same.
        structures: of the WCO packages, for pointers into other messages.
    """

    code_lists: Mapping[str, CodeList] = field(default_factory=lambda: MappingProxyType({}))
    schemes: Mapping[str, IdentifierScheme] = field(default_factory=lambda: MappingProxyType({}))
    structures: tuple[Structure, ...] = ()

    @cached_property
    def graph(self) -> ClassGraph:
        """What lies below what in those packages, put together when the first pointer is judged."""
        return ClassGraph.over(self.structures)
