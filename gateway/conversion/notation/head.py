"""Reading the TOML head: loops, cases, templates, the date that code lists go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.conversion.model import (
    Case,
    CaseTerm,
    DatedBy,
    Direction,
    Key,
    Linked,
    Loop,
    Numbering,
    TableSource,
    Template,
)
from gateway.conversion.notation.cells import FaultList, NotationError
from gateway.conversion.notation.conditions import read_condition
from gateway.conversion.notation.scope import Scope
from gateway.conversion.notation.templates import read_template
from gateway.errors import GatewayError
from gateway.formats.paths import Path

TABLE_KEYS = frozenset(
    {
        "name",
        "version",
        "national",
        "wco",
        "ways",
        "ways_why",
        "record",
        "dated_by",
        "loops",
        "cases",
        "templates",
        "title",
        "source",
    }
)
BLOCK_KEYS = frozenset({"name", "version", "title", "source", "loops", "cases", "templates"})
_LOOP_KEYS = frozenset(
    {
        "says",
        "national",
        "wco",
        "number",
        "only",
        "group",
        "key",
        "linked",
        "at_most",
        "without_parent",
    }
)
_CASE_KEYS = frozenset({"says", "national", "wco"})


def own_names(head: Mapping[str, Any]) -> frozenset[str]:
    """Names of the loops, cases and templates that a head declares."""
    return frozenset(name for group in ("loops", "cases", "templates") for name in _entries(head, group))


def check_keys(source: TableSource, known: frozenset[str], faults: FaultList) -> None:
    """A fault for each key of the head that nobody reads: a misspelt key would be silence otherwise."""
    for key in source.head:
        if key not in known:
            faults.add(source.head_file, key, "mapping.unknown-key", f"unknown key {key!r}", _known(known))


def read_loops(source: TableSource, scope: Scope, faults: FaultList) -> dict[str, Loop]:
    """The declared loops by their name in the table."""
    loops: dict[str, Loop] = {}
    for name, entry in _entries(source.head, "loops").items():
        try:
            _only_keys(entry, _LOOP_KEYS)
            loops[scope.name(name)] = _read_loop(scope.name(name), entry, scope, source.head_file)
        except GatewayError as error:
            faults.add_error(source.head_file, f"loops.{name}", error)
    return loops


def _read_loop(name: str, entry: Mapping[str, Any], scope: Scope, file: str) -> Loop:
    at_most = entry.get("at_most")
    if at_most is not None and (not isinstance(at_most, int) or at_most < 1):
        raise NotationError("at_most is not a number of entries", remedy="write at_most = 1")
    group = entry.get("group")
    parent = str(entry.get("without_parent", "refuse"))
    return Loop(
        name=name,
        says=_text(entry, "says"),
        national=scope.path(_text(entry, "national"), "national"),
        wco=scope.path(_text(entry, "wco"), "wco"),
        number=_read_number(entry.get("number"), scope),
        only=_read_only(entry.get("only"), scope),
        group=scope.relative(str(group)) if group is not None else None,
        key=_read_key(entry.get("key"), scope),
        linked=_read_linked(entry.get("linked"), scope),
        at_most=at_most,
        without_parent=None if parent == "refuse" else scope.path(parent, "wco"),
        file=file,
    )


def _read_number(entry: Any, scope: Scope) -> Numbering | None:
    if entry is None:
        return None
    _only_keys(entry, frozenset({"from", "to", "unique"}))
    unique = entry.get("unique")
    if unique not in (None, "message"):
        raise NotationError("unique can only be message", remedy='write unique = "message"')
    national = scope.relative(str(entry["from"])) if "from" in entry else None
    return Numbering(national, scope.relative(_text(entry, "to")), unique is not None)


def _read_only(text: Any, scope: Scope) -> CaseTerm | Any:
    if text in (None, ""):
        return ""
    if text in ("first", "others"):
        return text
    return read_case_terms(str(text), scope)[0]


def _read_key(entry: Any, scope: Scope) -> Key | None:
    if entry is None:
        return None
    _only_keys(entry, frozenset({"national", "wco", "of"}))
    return Key(
        scope.relative(_text(entry, "national")), scope.relative(_text(entry, "wco")), scope.name(_text(entry, "of"))
    )


def _read_linked(entry: Any, scope: Scope) -> Linked | None:
    if entry is None:
        return None
    _only_keys(entry, frozenset({"list", "separator", "of", "wco", "by"}))
    numbers = scope.relative(str(entry["list"])) if "list" in entry else None
    return Linked(
        numbers,
        str(entry.get("separator", "")),
        scope.name(_text(entry, "of")),
        scope.relative(_text(entry, "wco")),
        scope.relative(_text(entry, "by")),
    )


def read_cases(source: TableSource, scope: Scope, faults: FaultList) -> dict[str, Case]:
    """The named cases by their name in the table."""
    cases: dict[str, Case] = {}
    for name, entry in _entries(source.head, "cases").items():
        try:
            _only_keys(entry, _CASE_KEYS)
            cases[scope.name(name)] = Case(
                name=scope.name(name),
                says=_text(entry, "says"),
                national=read_condition(_text(entry, "national"), scope, "national"),
                wco=read_condition(_text(entry, "wco"), scope, "wco"),
                file=source.head_file,
            )
        except GatewayError as error:
            faults.add_error(source.head_file, f"cases.{name}", error)
    return cases


def read_templates(source: TableSource, scope: Scope, faults: FaultList) -> dict[str, Template]:
    """The templates by their name in the table."""
    templates: dict[str, Template] = {}
    for name, entry in _entries(source.head, "templates").items():
        try:
            templates[scope.name(name)] = read_template(scope.name(name), entry, source.head_file)
        except GatewayError as error:
            faults.add_error(source.head_file, f"templates.{name}", error)
    return templates


def read_case_terms(cell: str, scope: Scope) -> tuple[CaseTerm, ...]:
    """The ``case`` cell: cases or ``not`` cases, joined by ``and``.

    Raises:
        NotationError: anything else.
    """
    terms: list[CaseTerm] = []
    for part in cell.split(" and ") if cell else ():
        words = part.split()
        negated = words[:1] == ["not"]
        names = words[1:] if negated else words
        if len(names) != 1:
            raise NotationError(
                f"cannot read the case {part!r}", code="mapping.case", remedy="write CASE, not CASE, joined by and"
            )
        terms.append(CaseTerm(scope.name(names[0]), negated))
    return tuple(terms)


def read_dated_by(head: Mapping[str, Any], scope: Scope) -> DatedBy:
    """The leaves that hold the document's date.

    Raises:
        NotationError, PathSyntaxError: what cannot be read.
    """
    entry = head.get("dated_by", {})
    _only_keys(entry, frozenset({"national", "wco"}))
    sides: dict[str, Path] = {}
    for side in ("national", "wco"):
        if side in entry:
            sides[side] = scope.path(str(entry[side]), "national" if side == "national" else "wco")
    return DatedBy(national=sides.get("national"), wco=sides.get("wco"))


def read_ways(head: Mapping[str, Any]) -> tuple[Direction, ...]:
    """The directions that the mapping works in; both when the head says nothing.

    Raises:
        NotationError: an unknown way, or one way without a reason.
    """
    ways = head.get("ways", ["to-wco", "from-wco"])
    if not isinstance(ways, list) or not ways or any(way not in ("to-wco", "from-wco") for way in ways):
        raise NotationError("ways holds something else than to-wco and from-wco", remedy='write ways = ["to-wco"]')
    if len(ways) == 1 and not head.get("ways_why"):
        raise NotationError("a mapping of one way says why", remedy="add ways_why")
    return tuple(ways)


def _entries(head: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    entries = head.get(group, {})
    return entries if isinstance(entries, Mapping) else {}


def _text(entry: Mapping[str, Any], key: str) -> str:
    text = entry.get(key)
    if not isinstance(text, str) or not text:
        raise NotationError(f"the key {key!r} is missing", code="mapping.missing-key", remedy=f"add {key}")
    return text


def _only_keys(entry: Any, known: frozenset[str]) -> None:
    if not isinstance(entry, Mapping):
        raise NotationError("not a table of keys", remedy=_known(known))
    for key in entry:
        if key not in known:
            raise NotationError(f"unknown key {key!r}", code="mapping.unknown-key", remedy=_known(known))


def _known(keys: frozenset[str]) -> str:
    return f"known are {', '.join(sorted(keys))}"
