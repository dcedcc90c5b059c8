"""Loading a mapping: read, checked for what compiling needs, compiled once."""

from __future__ import annotations

from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, field
from decimal import Decimal

from gateway.codes.codelists import CodeList
from gateway.conversion.cases import Scheme
from gateway.conversion.compilation import PlanCompiler
from gateway.conversion.conditions import InList, Satisfies
from gateway.conversion.mapping import Mapping
from gateway.conversion.model import MappingSource, Table
from gateway.conversion.notation.cells import FaultList
from gateway.conversion.notation.mentions import conditions_in
from gateway.conversion.notation.table import read_table
from gateway.conversion.run import NATIONAL, WCO
from gateway.conversion.sides import Resources, Sides
from gateway.conversion.verbs.numbers import Factor
from gateway.errors import GatewayError
from gateway.findings import Fault
from gateway.formats.structure import Structure


def same_unit(value: Decimal, source: str, target: str) -> Decimal | None:
    """Conversion of units where no table of units is given: equal codes only."""
    return value if source == target else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a mapping stands in.

    Attributes:
        lists: code lists by name.
        schemes: identifier schemes by name, for ``is SCHEME``.
        factor: converts between units of measure (`gateway.codes.units.Units.convert`).
        national_defaults, wco_defaults: ``[defaults]`` of the format heads: leaves that the formats fix themselves.
    """

    lists: ReadMapping[str, CodeList] = field(default_factory=dict)
    schemes: ReadMapping[str, Scheme] = field(default_factory=dict)
    factor: Factor = same_unit
    national_defaults: ReadMapping[str, str] = field(default_factory=dict)
    wco_defaults: ReadMapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded mapping.

    Attributes:
        mapping: None when there is a fault.
        table: what could be read, even beside faults; None when the head says too little.
        faults: all faults found.
    """

    mapping: Mapping | None
    table: Table | None
    faults: tuple[Fault, ...]


def load_mapping(
    source: MappingSource,
    national: Structure,
    wco: Structure,
    surroundings: Surroundings,
    national_name: str = "",
) -> Loaded:
    """Read and compile a mapping.

    Args:
        source: table, head and blocks as they lie in the data folder.
        national: structure of one release of the national form.
        wco: structure of the canonical form.
        surroundings: code lists, schemes, units, defaults of the formats.
        national_name: name of that release, for ``format in``; the first that the head names when empty.
    """
    reading = read_table(source)
    if reading.table is None or reading.faults:
        return Loaded(None, reading.table, reading.faults)
    return compile_table(reading.table, national, wco, surroundings, national_name)


def compile_table(
    table: Table, national: Structure, wco: Structure, surroundings: Surroundings, national_name: str = ""
) -> Loaded:
    """Compile a table that was read without faults; arguments as `load_mapping`."""
    faults = FaultList()
    _check_names(table, surroundings, faults)
    if faults:
        return Loaded(None, table, faults.found)
    name = national_name or next(iter(table.national), "")
    resources = Resources(lists=surroundings.lists, schemes=surroundings.schemes, factor=surroundings.factor)
    try:
        sides = Sides(table, (national, wco), resources, name)
    except GatewayError as error:
        faults.add_error(table.head_file, "loops", error)
        return Loaded(None, table, faults.found)
    defaults = (surroundings.national_defaults, surroundings.wco_defaults)
    plans = [
        PlanCompiler(sides, NATIONAL if way == "to-wco" else WCO, defaults, faults).compile() for way in table.ways
    ]
    if faults:
        return Loaded(None, table, tuple(dict.fromkeys(faults)))
    return Loaded(Mapping(table, name, sides, plans), table, ())


def _check_names(table: Table, surroundings: Surroundings, faults: FaultList) -> None:
    """Code lists and schemes that conditions name must exist."""
    for name, case in table.cases.items():
        for side in (case.national, case.wco):
            for condition in conditions_in(side):
                if isinstance(condition, InList) and condition.code_list not in surroundings.lists:
                    faults.add(
                        case.file,
                        f"cases.{name}",
                        "mapping.unknown-code-list",
                        f"unknown code list {condition.code_list!r}",
                        "add the list to the codelists folder or correct its name",
                    )
                if isinstance(condition, Satisfies) and condition.scheme not in surroundings.schemes:
                    faults.add(
                        case.file,
                        f"cases.{name}",
                        "mapping.unknown-scheme",
                        f"unknown identifier scheme {condition.scheme!r}",
                        "add the scheme or correct its name",
                    )
