"""Where cells stand: in the table itself, or in a block that a row of it uses.

A block's paths begin at its two roots, its own loops, cases and templates are renamed by the row that uses it, and
``$name`` stands for the text that this row gives. A `Scope` does all three while a cell is read, so that what comes out
is in full and blocks leave no trace but the row ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from gateway.conversion.model import Side
from gateway.conversion.notation.cells import NotationError
from gateway.formats.paths import Path, parse_path

_ROOT = Path()
_PARAMETER = re.compile(r"\$([A-Za-z][\w-]*)")
VARIABLE_SCOPES = frozenset({"message", "agreement", "partner"})
"""First words of variables; a parameter cannot be called so."""


@dataclass(frozen=True, slots=True)
class Given:
    """The text that a ``use`` row gives for a parameter, and where that row stands."""

    text: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One place where cells are read.

    Attributes:
        prefix: empty for the table, ``mt40/`` for a block used by row ``mt40``.
        national, wco: roots of the paths.
        own: names of loops, cases and templates that this table or block declares.
        given: parameters by name.
        parent: the scope of the ``use`` row.
        blocks: names of the blocks around, outermost first.
    """

    prefix: str = ""
    national: Path = _ROOT
    wco: Path = _ROOT
    own: AbstractSet[str] = frozenset()
    given: Mapping[str, Given] = field(default_factory=dict)
    parent: Scope | None = None
    blocks: tuple[str, ...] = ()

    def name(self, name: str) -> str:
        """The name in the table of a loop, case or template that a cell here names."""
        if name in self.own or self.parent is None:
            return f"{self.prefix}{name}"
        return self.parent.name(name)

    def text(self, cell: str) -> str:
        """A cell with its parameters put in.

        Raises:
            NotationError: a parameter that nobody gives.
        """
        return _PARAMETER.sub(self._given_text, cell) if "$" in cell else cell

    def path(self, cell: str, side: Side) -> Path:
        """A path of a cell, in full.

        Raises:
            NotationError, PathSyntaxError: naming what cannot be read.
        """
        parameter = _PARAMETER.match(cell)
        if parameter and parameter[1] in self.given:
            given = self.given[parameter[1]]
            return _join(given.scope.path(given.text, side), self.relative(cell[parameter.end() :].lstrip("/") or "."))
        path = self.relative(cell)
        return path if path.variable else _join(self.national if side == "national" else self.wco, path)

    def relative(self, cell: str) -> Path:
        """A path from an entry or a root; ``.`` is that place itself."""
        text = self.text(cell)
        if text == "." or text.startswith((".~", "./@")):
            text = text[1:]
            path = _part_only(text) if text.startswith("~") else parse_path(text) if text else Path()
        else:
            path = parse_path(text)
        return self._renamed(path)

    def _given_text(self, match: re.Match[str]) -> str:
        name = match[1]
        if name in VARIABLE_SCOPES:
            return match[0]
        if name not in self.given:
            raise NotationError(
                f"nothing gives the parameter ${name}",
                code="mapping.unknown-parameter",
                remedy="give it in the use row as name=text",
            )
        given = self.given[name]
        return given.scope.text(given.text)

    def _renamed(self, path: Path) -> Path:
        steps = tuple(
            replace(step, loop=".".join(self.name(letter) for letter in step.loop.split("."))) if step.loop else step
            for step in path.steps
        )
        template = self.name(path.template) if path.template else ""
        return replace(path, steps=steps, template=template)


def _part_only(text: str) -> Path:
    whole = parse_path(f"x{text}")
    return replace(whole, steps=())


def _join(root: Path, below: Path) -> Path:
    if root.attribute or root.template or root.variable:
        if below == Path():
            return root
        raise NotationError("nothing can stand below an attribute, a part of a text or a variable")
    return replace(below, steps=(*root.steps, *below.steps))
