"""Both sides of a mapping, ready for compiling: structures, places, readers, writers, tests, and how loops nest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gateway.codes.codelists import CodeList
from gateway.conversion.cases import Scheme, Test, Tests
from gateway.conversion.matching import Claims
from gateway.conversion.model import CaseTerm, Loop, Side, Table, letters_of
from gateway.conversion.notation.mentions import argument_paths, condition_paths
from gateway.conversion.places import Place, Strictness, UnknownPlace, check_letters, resolve, resolve_below
from gateway.conversion.reading import Reading
from gateway.conversion.run import NATIONAL, WCO
from gateway.conversion.splitting import Splitter
from gateway.conversion.verbs.numbers import Factor
from gateway.conversion.writing import Writing
from gateway.formats.paths import Path
from gateway.formats.structure import Structure

SIDES: tuple[Side, Side] = ("national", "wco")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What tables refer to outside themselves.

    Attributes:
        lists: code lists by name.
        schemes: identifier schemes by name.
        factor: converts between units of measure.
    """

    lists: Mapping[str, CodeList] = field(default_factory=dict)
    schemes: Mapping[str, Scheme] = field(default_factory=dict)
    factor: Factor


class Sides:
    """Everything that compiling one direction or the other shares.

    Args:
        table: the mapping.
        structures: of the national and of the WCO form.
        resources: code lists, schemes, units.
        format_name: the release of the national form.
    """

    def __init__(
        self, table: Table, structures: tuple[Structure, Structure], resources: Resources, format_name: str
    ) -> None:
        self.table = table
        self.structures = structures
        self.resources = resources
        self.parents = {name: self._parent(loop) for name, loop in table.loops.items()}
        self.depths = {"": 0, **{name: self._depth(name) for name in table.loops}}
        self.splitters = {name: Splitter(template) for name, template in table.templates.items()}
        claims = (Claims(self._claiming("national")), Claims(self._claiming("wco")))
        self.reading = (Reading(NATIONAL, self.depths, claims[NATIONAL]), Reading(WCO, self.depths, claims[WCO]))
        self.writing = (Writing(self.reading[NATIONAL]), Writing(self.reading[WCO]))
        self.tests = tuple(
            Tests(
                self.reading[index],
                self._finder(side),
                lists=resources.lists,
                schemes=resources.schemes,
                splitters=self.splitters,
                format_name=format_name,
            )
            for index, side in enumerate(SIDES)
        )

    def place(self, path: Path, side: int, strictness: Strictness = "lined-up") -> Place:
        """A path of a side, found and checked.

        Raises:
            UnknownPlace: not in the structure, or not lined up.
        """
        place = resolve(path, self.structures[side], strictness)
        check_letters(place, self.table.loops, SIDES[side])
        return place

    def loop_place(self, loop: Loop, side: int) -> Place:
        """Where the list of a loop stands on a side."""
        return self.place(loop.national if side == NATIONAL else loop.wco, side, "last-open")

    def entry_place(self, path: Path, loop: Loop, side: int, strictness: Strictness = "lined-up") -> Place:
        """A path relative to the entry of a loop."""
        return resolve_below(path, self.loop_place(loop, side), loop.name, strictness)

    def test(self, terms: tuple[CaseTerm, ...], side: int) -> Test | None:
        """The test of a ``case`` cell on one side; None when it always holds."""
        return self.tests[side].terms(terms, self.table.cases)

    def scope(self, letters: Iterable[str]) -> str:
        """The innermost of some loops, which must all lie around each other.

        Raises:
            UnknownPlace: ``mapping.not-lined-up`` when they do not.
        """
        named = set(letters)
        inner = max(named, key=lambda name: self.depths[name], default="")
        stray = named - set(self.chain(inner))
        if stray:
            raise UnknownPlace(
                f"the letters {inner!r} and {min(stray)!r} have nothing to do with each other",
                code="mapping.not-lined-up",
                remedy="a row can stand only in loops that lie within each other",
            )
        return inner

    def chain(self, name: str) -> tuple[str, ...]:
        """A loop and the loops around it, innermost first."""
        found: list[str] = []
        while name:
            found.append(name)
            name = self.parents[name]
        return tuple(found)

    def case_letters(self, terms: tuple[CaseTerm, ...], side: int) -> list[str]:
        """The letters in the conditions of a ``case`` cell on one side."""
        letters: list[str] = []
        for term in terms:
            case = self.table.cases[term.name]
            for path in condition_paths(case.national if side == NATIONAL else case.wco):
                letters.extend(letters_of(path))
        return letters

    def _parent(self, loop: Loop) -> str:
        letters = {*letters_of(loop.national), *letters_of(loop.wco)}
        if loop.key is not None:
            letters.add(loop.key.of)
        return self._innermost(letters - {loop.name})

    def _innermost(self, letters: set[str]) -> str:
        return max(letters, key=self._depth, default="")

    def _depth(self, name: str, seen: tuple[str, ...] = ()) -> int:
        loop = self.table.loops[name]
        letters = {*letters_of(loop.national), *letters_of(loop.wco)} - {name}
        if loop.key is not None:
            letters.add(loop.key.of)
        if name in seen:
            raise UnknownPlace(
                f"the loop {name!r} lies within itself", code="mapping.not-lined-up", remedy="correct its paths"
            )
        return 1 + max((self._depth(letter, (*seen, name)) for letter in letters), default=0)

    def _finder(self, side: Side) -> Callable[[Path, Strictness], Place]:
        index = SIDES.index(side)

        def find(path: Path, strictness: Strictness) -> Place:
            return self.place(path, index, strictness)

        return find

    def _claiming(self, side: Side) -> list[Place]:
        """All places of a side that name braces; unknown ones are left to whoever compiles their row."""
        table = self.table
        paths = [row.path(side) for row in table.rows]
        paths += [path for row in table.rows for path in argument_paths(row.argument)]
        paths += [loop.national if side == "national" else loop.wco for loop in table.loops.values()]
        for case in table.cases.values():
            paths += condition_paths(case.national if side == "national" else case.wco)
        found: list[Place] = []
        for path in paths:
            if path is not None and any(step.qualifier for step in path.steps):
                try:
                    found.append(resolve(path, self.structures[SIDES.index(side)], "open"))
                except UnknownPlace:
                    continue
        return found
