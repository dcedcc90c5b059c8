"""What a business rule is: a check that the schema cannot make, with its identity, source and remedy.

Rules find their places by what the schema says of an element (WCO id, name of a date's text), so one rule works on
every format that carries these marks. What a rule needs besides the message comes in with the `RuleContext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.findings import Severity
from gateway.formats.structure import Element

Subject: TypeAlias = Literal["leaf", "class", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """What rules may ask for besides the message.

    Attributes:
        schemes: identifier schemes by name; a rule whose scheme is not there says nothing.
    """

    schemes: Mapping[str, IdentifierScheme] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: stable code, quoted by findings.
        severity: only an error makes a message invalid.
        source: where the rule comes from.
        text: what must hold, one sentence.
        remedy: what the sender can do.
        subject: what it looks at: one leaf, one class, or all occurrences of a repeated element.
        concerns: whether it looks at this element of the schema.
        broken: for the subject's value in the message tree and its element, where the rule is broken: what follows
            the subject's path, ``""`` for the subject itself, ``[2]`` for an entry of a list.
    """

    id: str
    severity: Severity
    source: str
    text: str
    remedy: str
    subject: Subject
    concerns: Callable[[Element], bool]
    broken: Callable[[Any, Element, RuleContext], tuple[str, ...]]
