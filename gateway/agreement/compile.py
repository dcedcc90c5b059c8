"""Terms and schemas to an agreement that can be acted on, or to all that does not fit.

Each path is looked up in the canonical structure it is written for; each clause, purpose and field set that is quoted
must exist. What a mapping moves elsewhere (`Overflow`) is bound to its home field here, once, so that the release has
no second rule to remember: an overflow place whose home is not released is compiled as a denial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gateway.agreement.agreement import Agreement, Permit
from gateway.agreement.fields import Denied, Field, Overflow
from gateway.agreement.fieldset import FieldSet
from gateway.agreement.places import leaf_path, overlap, personal_leaves, problem_of
from gateway.agreement.reading import AgreementFile
from gateway.agreement.references import reference_faults
from gateway.agreement.terms import FieldTerms, Grant, MessageTerms
from gateway.agreement.transforms import PLAIN, Transform, TransformSyntaxError, objection, parse_transform
from gateway.findings import Fault
from gateway.formats.paths import Path, PathSyntaxError, Qualifier, parse_path
from gateway.formats.structure import Element, Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedPlaces:
    """What the mappings of a canonical format do to its places.

    Attributes:
        overflow: places that continue another field.
        claims: general path -> the braces by which mappings keep entries apart there.
    """

    overflow: tuple[Overflow, ...] = ()
    claims: Mapping[str, tuple[Qualifier, ...]] = field(default_factory=dict)


Places = Callable[[MessageTerms], MappedPlaces]


def compile_agreement(
    source: AgreementFile, structures: Mapping[str, Structure], places: Places
) -> tuple[Agreement | None, tuple[Fault, ...]]:
    """Prove that an agreement fits, and compile its field sets.

    Args:
        source: the file as read.
        structures: canonical format name -> structure.
        places: what mappings do in the canonical format of one kind of message.

    Returns:
        The agreement, or None with every fault.
    """
    permits, faults = compile_permits(source, structures, places)
    return (None if faults else agreement_of(source, permits)), faults


def agreement_of(source: AgreementFile, permits: tuple[Permit, ...]) -> Agreement:
    """The agreement of a file in which no fault was found."""
    return Agreement(terms=source.terms, file=source.file, digest=source.digest, permits=permits)


def compile_permits(
    source: AgreementFile, structures: Mapping[str, Structure], places: Places
) -> tuple[tuple[Permit, ...], tuple[Fault, ...]]:
    """The kinds of messages with their field sets, as far as they can be compiled, and every fault.

    Beside faults the permits serve to look for further faults only; nothing may be released under them.
    """
    faults = list(reference_faults(source))
    permits: list[Permit] = []
    for message in source.terms.messages:
        fields = source.terms.fields.get(message.fields)
        structure = structures.get(fields.wco) if fields is not None else None
        if fields is None:
            continue
        if structure is None:
            row = source.row(f"fields.{message.fields}.wco", fields.wco)
            text = f"no canonical format is called {fields.wco!r}"
            faults.append(Fault(file=source.file, row=row, code="agreement.unknown-format", message=text))
            continue
        building = _Building(source=source, name=message.fields, structure=structure)
        permits.append(Permit(message=message, fields=building.build(fields, places(message))))
        faults += building.faults
    return tuple(permits), tuple(dict.fromkeys(faults))


@dataclass(slots=True, kw_only=True)
class _Building:
    """One field set while it is proved and compiled."""

    source: AgreementFile
    name: str
    structure: Structure
    faults: list[Fault] = field(default_factory=list)

    def build(self, terms: FieldTerms, mapped: MappedPlaces) -> FieldSet:
        marked = frozenset(general for path in self._marked(terms) if (general := path.general))
        personal = personal_leaves(self.structure) | marked
        allowed = tuple(self._allowed(terms, personal))
        self._refuse_ambiguous(allowed)
        fields = FieldSet(
            name=self.name,
            wco=terms.wco,
            allowed=allowed,
            denied=tuple(self._denied(terms)),
            personal=personal,
            claims=mapped.claims,
        )
        return self._bind_overflow(fields, mapped.overflow)

    def _marked(self, terms: FieldTerms) -> Iterator[Path]:
        for number, text in enumerate(terms.personal, 1):
            found = self._place(text, f"fields.{self.name}.personal[{number}]")
            if found is not None:
                yield leaf_path(found[0], self.structure)

    def _allowed(self, terms: FieldTerms, personal: frozenset[str]) -> Iterator[Field]:
        for group, grant in enumerate(terms.allow, 1):
            row = f"fields.{self.name}.allow[{group}]"
            transform = self._transform(grant, row)
            for number, text in enumerate(grant.paths, 1):
                place = f"{row}.paths[{number}]"
                found = self._place(text, place)
                if found is None:
                    continue
                path = found[0] if grant.whole else leaf_path(found[0], self.structure)
                one = Field(
                    path=path,
                    clause=grant.clause,
                    whole=grant.whole,
                    personal=grant.personal,
                    transform=transform,
                    place=self.source.row(place, text),
                )
                self._check_grant(one, personal)
                yield one

    def _denied(self, terms: FieldTerms) -> Iterator[Denied]:
        for group, denial in enumerate(terms.deny, 1):
            for number, text in enumerate(denial.paths, 1):
                place = f"fields.{self.name}.deny[{group}].paths[{number}]"
                found = self._place(text, place)
                if found is not None:
                    yield Denied(path=found[0], clause=denial.clause, place=self.source.row(place, text))

    def _place(self, text: str, place: str) -> tuple[Path, Element] | None:
        """The path and the element it names; a fault and None when there is no such field."""
        try:
            path = parse_path(text)
        except PathSyntaxError as wrong:
            self._fault(place, text, "agreement.path-syntax", wrong.message, wrong.remedy)
            return None
        problem, element = problem_of(path, self.structure)
        if element is None:
            remedy = "look the path up with `sarhad formats`; it begins below the root and bears no loop letters"
            self._fault(place, text, "agreement.unknown-field", problem, remedy)
            return None
        return path, element

    def _check_grant(self, one: Field, personal: frozenset[str]) -> None:
        element = problem_of(one.path, self.structure)[1]
        if element is None:
            return
        text = str(one.path)
        if not one.path.attribute and not element.is_leaf and not one.whole:
            remedy = "list its leaves, or write whole = true if all below it is meant"
            self._fault(one.place, text, "agreement.class-not-whole", f"{text} is a class, not a field", remedy)
        elif one.whole and element.is_leaf:
            self._fault(one.place, text, "agreement.whole-of-leaf", f"{text} is a field; whole is for classes", "")
        elif element.is_leaf and one.path.attribute:
            remedy = "list the field: its attributes go with it"
            self._fault(
                one.place, text, "agreement.attribute-of-leaf", f"{text} cannot leave without its field", remedy
            )
        elif one.path.general in personal and not one.personal:
            remedy = "write personal = true in the group if the parties have agreed to it expressly"
            self._fault(one.place, text, "agreement.personal-not-explicit", f"{text} is personal data", remedy)
        self._check_transform(one, element)

    def _check_transform(self, one: Field, element: Element) -> None:
        if one.transform == PLAIN:
            return
        text = str(one.path)
        if element.type is None or one.path.attribute:
            said = "a transform is said for each field, not for a class or an attribute"
            self._fault(one.place, text, "agreement.transform", said, "list the fields in a group of their own")
        elif said := objection(one.transform, element.type):
            self._fault(one.place, text, "agreement.transform", f"{one.transform} of {text}: {said}", "")

    def _transform(self, grant: Grant, row: str) -> Transform:
        try:
            return parse_transform(grant.transform)
        except TransformSyntaxError as wrong:
            self._fault(f"{row}.transform", grant.transform, wrong.code, wrong.message, wrong.remedy)
            return PLAIN

    def _refuse_ambiguous(self, allowed: tuple[Field, ...]) -> None:
        """Two grants that reach one leaf must say the same of it: else taking one away could release more."""
        by_leaf: dict[str, list[Field]] = {}
        for one in allowed:
            by_leaf.setdefault(one.path.general, []).append(one)
        for one in allowed:
            rivals = by_leaf.get(one.path.general, []) if not one.whole else allowed
            for other in rivals:
                if other is not one and other.place != one.place and overlap(one, other):
                    self._fault(
                        one.place, "", "agreement.ambiguous", f"{one.path} is also granted by {other.place}", ""
                    )
                    break

    def _bind_overflow(self, fields: FieldSet, pairs: tuple[Overflow, ...]) -> FieldSet:
        bound = []
        for pair in pairs:
            home = leaf_path(parse_path(pair.home), self.structure)
            over = leaf_path(parse_path(pair.over), self.structure)
            treated = {one.transform for one in fields.grants(home)}
            for one in fields.grants(over):
                if one.transform not in treated:
                    bound.append(Denied(path=over, clause=pair.home, reason="home-withheld", place=one.place))
                    self._refuse_listed_overflow(one, over, pair)
        return replace(fields, denied=(*fields.denied, *dict.fromkeys(bound))) if bound else fields

    def _refuse_listed_overflow(self, one: Field, over: Path, pair: Overflow) -> None:
        if not one.whole and one.path == over:
            said = f"{over} continues {pair.home}, which is not released in the same way"
            remedy = "list the home field too, with the same transform, or take the overflow place out"
            self._fault(one.place, "", "agreement.overflow-without-home", said, remedy)

    def _fault(self, place: str, quoted: str, code: str, message: str, remedy: str) -> None:
        row = self.source.row(place, quoted) if "(line " not in place else place
        self.faults.append(Fault(file=self.source.file, row=row, code=code, message=message, remedy=remedy))
