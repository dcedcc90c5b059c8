"""Which rules look where in one format, worked out once: a tree of stops that leads only to places with rules.

A message is then walked along its own elements. The texts of a leaf are first looked up in the set of those that every
rule accepts, so that a plain code costs one look-up and no call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Literal

from gateway.findings import Finding, Severity
from gateway.formats.structure import Attribute, Element, Structure
from gateway.formats.tree import leaf_text
from gateway.validation.check import FINE, Breaks, Built, Place, Run, TextTest, ValueTest
from gateway.validation.conditions import Doors
from gateway.validation.kinds import KINDS
from gateway.validation.rule import Rule, Surroundings
from gateway.validation.selectors import SelectorIndex, Spot, parse_selector

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One rule at one place.

    Attributes:
        rule: the rule.
        severity: with which its findings weigh here.
        expected: what is expected beyond the rule's own text.
        text: whether a text is right, for rules of texts.
        value: where a value is broken, for all others.
        fine: texts that are always right.
        tidies: see `Built`.
        told: findings of it that were made before, by path and what is expected there; they hold no value.
    """

    rule: Rule
    severity: Severity
    expected: str
    text: TextTest | None = None
    value: ValueTest | None = None
    fine: frozenset[str] = frozenset()
    tidies: bool = False
    told: dict[tuple[str, str], Finding] = field(default_factory=dict, repr=False, compare=False)


@dataclass(slots=True)
class Stop:
    """One element that rules look at, or that leads to such.

    Attributes:
        key, repeats, is_leaf: of the element.
        order: in schema order, to sort findings.
        texts: checks of the leaf's text.
        fine: texts of the leaf for which nothing needs to be called.
        is_plain: only tidiness is asked of the leaf, and only of its text.
        known: texts of the leaf that are right, whatever is asked of the leaf besides.
        attributes: checks of texts by ``@name``.
        values: checks of the leaf or of the class.
        lists: checks of all occurrences at once.
        below: stops by key.
        doors: checks of the class that are made where conditions hold.
        asked: those of ``texts`` that ask for more than tidiness.
        walk: ``below``, with True in place of a leaf of which only tidiness is asked.
        looks: there are checks of the class itself.
    """

    key: str
    repeats: bool
    is_leaf: bool
    order: int
    texts: list[Check] = field(default_factory=list)
    fine: frozenset[str] = frozenset()
    is_plain: bool = False
    known: frozenset[str] = frozenset()
    attributes: dict[str, list[Check]] = field(default_factory=dict)
    values: list[Check] = field(default_factory=list)
    lists: list[Check] = field(default_factory=list)
    below: dict[str, Stop] = field(default_factory=dict)
    doors: Doors | None = None
    asked: tuple[Check, ...] = ()
    walk: dict[str, Stop | Literal[True]] = field(default_factory=dict)
    looks: bool = False

    @property
    def useful(self) -> bool:
        """Whether anything is looked at here or below."""
        return bool(self.texts or self.attributes or self.values or self.doors or self.lists or self.below)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a plan is made from.

    Attributes:
        structure: of the format.
        package: of its head, empty for a national format.
        rules: with the severity that counts here; switched off ones are not among them.
        known: lists, schemes, structures.
    """

    structure: Structure
    package: str
    rules: Sequence[tuple[Rule, Severity]]
    known: Surroundings


class Plan:
    """The stops of one format.

    Attributes:
        root: the document element's stop.
        used: ids of the rules that look at anything.
        matched: ids of the rules one of whose places the format has.
    """

    def __init__(self, request: PlanRequest) -> None:
        self._request = request
        self.used: set[str] = set()
        self.matched: set[str] = set()
        self._index = SelectorIndex(
            (number, parse_selector(text)) for number, (rule, _) in enumerate(request.rules) for text in rule.at
        )
        self._count = 0
        root = request.structure.root
        self.root = Stop(root.key, repeats=False, is_leaf=False, order=0)
        for child in root.children:
            self._take((root,), child, self.root)
        _settle(self.root)

    def _take(self, above: tuple[Element, ...], element: Element, holder: Stop) -> None:
        """Put the stop of an element below its holder's, when anything is looked at there or below."""
        self._count += 1
        stop = Stop(intern(element.key), element.repeats, element.is_leaf, self._count)
        trail = (*above, element)
        self._look(Spot(trail[1:]), above[-1], holder, stop)
        for attribute in element.attributes:
            self._look(Spot(trail[1:], attribute), above[-1], holder, stop)
        for child in element.children:
            self._take(trail, child, stop)
        _settle(stop)
        if stop.useful:
            holder.below[stop.key] = stop

    def _look(self, spot: Spot, parent: Element, holder: Stop, stop: Stop) -> None:
        for number in sorted(self._index.matching(spot)):
            rule, severity = self._request.rules[number]
            self.matched.add(rule.id)
            self._add(rule, severity, spot, parent, holder, stop)

    def _add(self, rule: Rule, severity: Severity, spot: Spot, parent: Element, holder: Stop, stop: Stop) -> None:
        kind, element, request = KINDS[rule.kind], spot.element, self._request
        if not _suits(kind.subject, element, spot.attribute):
            return
        place = Place(
            element=element,
            structure=request.structure,
            package=request.package,
            known=request.known,
            attribute=spot.attribute,
        )
        built = kind.build(rule, place)
        if built is None:
            return
        check = _check(rule, severity, built)
        if rule.when:
            inside = element if kind.subject == "class" else parent
            if kind.subject == "class":
                self._guard(check, inside, stop)
            else:
                self._guard(_from_holder(check, spot, whole=kind.subject == "list"), inside, holder)
            return
        self.used.add(rule.id)
        if kind.subject == "list":
            stop.lists.append(check)
        elif kind.subject != "text":
            stop.values.append(check)
        elif spot.attribute is not None:
            stop.attributes.setdefault(f"@{spot.attribute.name}", []).append(check)
        else:
            stop.texts.append(check)

    def _guard(self, check: Check, inside: Element, stop: Stop) -> None:
        """Put a check behind its rule's conditions."""
        if stop.doors is None:
            stop.doors = Doors(inside, self._request.structure)
        behind = stop.doors.add(check.rule.when, check)
        if behind is not None:
            self.used.add(check.rule.id)
        if behind is True:
            stop.values.append(check)


def _suits(subject: str, element: Element, attribute: Attribute | None) -> bool:
    if subject == "text":
        return attribute is not None or element.is_leaf
    if attribute is not None:
        return False
    if subject == "list":
        return element.repeats
    return subject == "any" or element.is_leaf == (subject == "leaf")


def _check(rule: Rule, severity: Severity, built: Built) -> Check:
    least = min(severity, built.at_most, key=_RANK.__getitem__)
    return Check(rule, least, built.expected, built.text, built.value, built.fine, tidies=built.tidies)


def _from_holder(check: Check, spot: Spot, *, whole: bool) -> Check:
    """The same check asked of the class that holds the subject, where a condition is asked too."""
    element = spot.element
    if check.value is None and spot.attribute is None and not element.repeats:
        return _replaced(check, _at_single_text(element.key, check.text))
    test = check.value if check.value is not None else _of_text(check.text, spot.attribute)
    return _replaced(check, _at_child(element, test, whole=whole))


def _replaced(check: Check, value: ValueTest) -> Check:
    return Check(check.rule, check.severity, check.expected, None, value)


def _of_text(test: TextTest | None, attribute: Attribute | None) -> ValueTest:
    assert test is not None
    right = test
    name = f"@{attribute.name}" if attribute is not None else ""

    def value(leaf: Any, run: Run) -> Breaks:
        text = (leaf.get(name) if isinstance(leaf, dict) else None) if name else leaf_text(leaf)
        return FINE if text is None or right(text, run) else ((name, ""),)

    return value


def _at_single_text(key: str, test: TextTest | None) -> ValueTest:
    """A test of the text of a leaf that stands once, asked of the class that holds it: most conditions lead there."""
    assert test is not None
    right, broken = test, ((f"/{key}", ""),)

    def value(tree: Mapping[str, Any], run: Run) -> Breaks:
        leaf = tree.get(key)
        if leaf is None or right(leaf if leaf.__class__ is str else leaf["value"], run):
            return FINE
        return broken

    return value


def _at_child(element: Element, test: ValueTest, *, whole: bool) -> ValueTest:
    """A test of a child, asked of the class that holds it."""
    key, single = element.key, whole or not element.repeats

    def value(tree: Mapping[str, Any], run: Run) -> Breaks:
        given = tree.get(key)
        if given is None:
            return FINE
        if single:
            breaks = test(given, run)
            return tuple((f"/{key}{trail}", note) for trail, note in breaks) if breaks else FINE
        return tuple(
            (f"/{key}[{position}]{trail}", note)
            for position, entry in enumerate(given, 1)
            for trail, note in test(entry, run)
        )

    return value


def _settle(stop: Stop) -> None:
    """Make a stop ready for the walk.

    Of a leaf's texts those need no call that stand in all its lists, or are tidy where nothing else is asked.

    Codes of a list are tidy, so rules of tidiness take nothing away from them.
    """
    stop.looks = bool(stop.values or stop.doors)
    stop.walk = {key: True if below.is_plain else below for key, below in stop.below.items()}
    stop.asked = tuple(check for check in stop.texts if not check.tidies)
    if stop.asked:
        stop.known = frozenset.intersection(*(check.fine for check in stop.asked))
    if stop.is_leaf and not stop.values:
        stop.fine, stop.is_plain = stop.known, bool(stop.texts) and not stop.asked
