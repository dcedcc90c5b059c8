"""What a rule becomes for one place of one format: a function over the value that stands there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from gateway.codes.dates import parse_moment
from gateway.findings import Severity
from gateway.formats.structure import Attribute, Element, Structure
from gateway.formats.tree import Tree, leaf_text
from gateway.validation.rule import Surroundings

Breaks: TypeAlias = "tuple[tuple[str, str], ...]"
"""For each breach what follows the subject's path (``""`` for itself, ``[2]`` for an entry of a list, ``/ID`` for a
child), and what is expected there beyond the rule's own text, mostly nothing."""

FINE: Breaks = ()
BROKEN: Breaks = (("", ""),)

_DATED = (("Declaration", "AcceptanceDateTime"), ("Declaration", "IssueDateTime"), ("Response", "IssueDateTime"))
"""Where a document says its own date, the first that is there."""


@dataclass(slots=True)
class Run:
    """One message under check.

    Attributes:
        root: content of the document element.
        told: answers to conditions that are asked of the message as a whole.
    """

    root: Tree
    told: dict[str, bool] = field(default_factory=dict)
    _day: list[date | None] = field(default_factory=list)

    @property
    def day(self) -> date | None:
        """The document's own date, for the validity of codes; None where it names none."""
        if not self._day:
            self._day.append(_day_of(self.root))
        return self._day[0]


def _day_of(root: Tree) -> date | None:
    for steps in _DATED:
        here: Any = root
        for step in (*steps, "DateTimeString"):
            here = here.get(step) if isinstance(here, dict) else None
            here = here[0] if isinstance(here, list) and here else here
        form = here.get("@formatCode", "").strip() if isinstance(here, dict) else ""
        if form in DATE_FORMS:
            moment = parse_moment(leaf_text(here).strip(), form)
            return moment.day if moment is not None else None
    return None


DATE_FORMS = frozenset({"102", "203", "204", "304"})
"""The date forms of UN/EDIFACT 2379 that WCO messages use."""

ValueTest: TypeAlias = Callable[[Any, Run], Breaks]
TextTest: TypeAlias = Callable[[str, Run], bool]


_MOST_REMEMBERED, _LONGEST_REMEMBERED = 500, 40


def remembered(test: Callable[[str], bool]) -> Callable[[str], bool]:
    """A test whose answers are kept for a while, for the same codes and identifiers come again and again.

    Args:
        test: asks for nothing but the text. Answers of long texts are not kept.
    """
    known: dict[str, bool] = {}

    def asked(text: str) -> bool:
        answer = known.get(text)
        if answer is None:
            answer = test(text)
            if len(known) >= _MOST_REMEMBERED:
                known.clear()
            if len(text) <= _LONGEST_REMEMBERED:
                known[text] = answer
        return answer

    return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a format for which a rule is built.

    Attributes:
        element: the element there, or the one that carries the attribute.
        structure: of the format.
        package: of the format's head.
        known: lists and schemes.
        attribute: set where the subject is an attribute.
    """

    element: Element
    structure: Structure
    package: str
    known: Surroundings
    attribute: Attribute | None = None

    @property
    def code_list(self) -> str:
        """The code list that the schema names here."""
        return (self.attribute or self.element).annotation.code_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A rule ready for one place; exactly one of the two tests is set, by the kind's subject.

    Attributes:
        text: whether a text is right.
        value: where a value is broken.
        fine: texts that are always right, looked up before anything is called.
        tidies: the rule asks for tidiness, which every code of a list has.
        at_most: a severity that the finding does not exceed, for facts that are no errors here.
        expected: what is expected beyond the rule's own text.
    """

    text: TextTest | None = None
    value: ValueTest | None = None
    fine: frozenset[str] = frozenset()
    tidies: bool = False
    at_most: Severity = Severity.ERROR
    expected: str = ""
