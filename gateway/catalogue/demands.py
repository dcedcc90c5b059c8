"""Whether an agreement holds back what a form demands: its message could then never be written.

What leaves is followed the other way round: each leaf that the partner's form demands, the rows that write it, the WCO
places that these rows read. What arrives is handed to consumers in the canonical form, so its own demands count there.
A leaf of an optional class is demanded when something else of that class is released.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.agreement.agreement import Permit
from gateway.agreement.fields import covers
from gateway.agreement.fieldset import SEQUENCE, FieldSet
from gateway.agreement.places import leaf_path
from gateway.agreement.reading import AgreementFile
from gateway.conversion.arguments import CalculateArgument
from gateway.conversion.model import Row, Table
from gateway.conversion.notation.mentions import formula_paths
from gateway.findings import Fault
from gateway.formats.paths import Path, Step
from gateway.formats.structure import Element, Structure

_REMEDY = "list the field in the agreement, or agree with the partner on a form that does not demand it"


def withheld_demands(
    agreement: AgreementFile, permit: Permit, canonical: Structure, table: Table | None, partner_form: Structure | None
) -> Iterator[Fault]:
    """Each demanded leaf that one permitted message can never have.

    Args:
        agreement: the file whose terms they are.
        permit: what is released.
        canonical: the WCO form.
        table: for what leaves, the mapping that writes the partner's form.
        partner_form: for what leaves, the partner's form.
    """
    if permit.message.direction == "in":
        demands = _of_canonical(permit.fields, canonical)
    elif table is not None and partner_form is not None:
        demands = _of_partner_form(permit.fields, canonical, table, partner_form)
    else:
        return
    for said, home in demands:
        yield Fault(
            file=agreement.file,
            row=_row(permit, home),
            code="agreement.withholds-mandatory",
            message=f"{permit.message.type} {permit.message.direction}: {said}",
            remedy=_REMEDY,
        )


def _row(permit: Permit, home: Path) -> str:
    """The denial that holds the field back, or the field set that does not list it."""
    for denied in permit.fields.denied:
        if covers(denied.path, home, claims=None):
            return denied.place or denied.clause
    return f"fields.{permit.fields.name}.allow"


def _of_canonical(fields: FieldSet, canonical: Structure) -> Iterator[tuple[str, Path]]:
    reached = {Path(): canonical.root}
    for one in fields.allowed:
        here = canonical.root
        steps = one.path.steps if one.whole else one.path.steps[:-1]
        for depth, step in enumerate(steps, 1):
            child = here.child(step.name)
            if child is None:
                break
            here = child
            reached[Path(one.path.steps[:depth])] = here
    for place, element in reached.items():
        yield from _missing_leaves(fields, place, element, canonical)


def _missing_leaves(
    fields: FieldSet, place: Path, element: Element, canonical: Structure
) -> Iterator[tuple[str, Path]]:
    last = place.steps[-1].qualifier if place.steps else None
    braced = last.key if last is not None else ""
    for child in element.children:
        if child.minimum == 0:
            continue
        below = Path((*place.steps, Step(child.key)))
        if not child.is_leaf:
            yield from _missing_leaves(fields, below, child, canonical)
        elif child.key not in {SEQUENCE, braced} and not fields.releases(below):
            yield f"{below.qualified} is demanded by the canonical form and not released", below


@dataclass(slots=True)
class _Sources:
    """Which WCO places the rows read that write one leaf of the partner's form.

    Attributes:
        free: a row writes it from no place of the message (a constant, a total, what the exchange knows).
        places: (row id, WCO place).
    """

    free: bool = False
    places: list[tuple[str, Path]] = field(default_factory=list)


def _of_partner_form(
    fields: FieldSet, canonical: Structure, table: Table, partner_form: Structure
) -> Iterator[tuple[str, Path]]:
    sources = _sources(table, canonical)
    written = {leaf for leaf, one in sources.items() if any(fields.releases(place) for _, place in one.places)}
    for leaf, optional in _demanded(partner_form.root, "", ""):
        one = sources.get(leaf)
        if one is None or one.free or leaf in written:
            continue
        if optional and not any(other.startswith(f"{optional}/") for other in written):
            continue
        row, home = one.places[0]
        yield (
            f"the form {table.national[0]} demands {leaf}, made by row {row} from {home.qualified}, not released",
            home,
        )


def _demanded(element: Element, prefix: str, optional: str) -> Iterator[tuple[str, str]]:
    """Demanded leaves with the nearest class above them that may be absent (empty: always demanded)."""
    for child in element.children:
        path = f"{prefix}/{child.key}" if prefix else child.key
        if child.is_leaf:
            if child.minimum > 0:
                yield path, optional
        else:
            yield from _demanded(child, path, optional if child.minimum > 0 else path)


def _sources(table: Table, canonical: Structure) -> dict[str, _Sources]:
    sources: dict[str, _Sources] = {}
    for row in table.rows:
        if row.verb == "drop" or row.national is None or row.national.variable or not row.acts("from-wco"):
            continue
        one = sources.setdefault(row.national.whole.general.partition("@")[0], _Sources())
        read = [leaf_path(path, canonical) for path in _read_places(row)]
        one.places += [(row.id, path) for path in read]
        one.free = one.free or not read
    return sources


def _read_places(row: Row) -> list[Path]:
    if row.verb in {"constant", "total"}:
        return []
    if isinstance(row.argument, CalculateArgument):
        return [path for path in formula_paths(row.argument.formula) if not path.variable]
    return [row.wco] if row.wco is not None and not row.wco.variable else []
