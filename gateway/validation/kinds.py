"""The closed set of kinds: what each looks at, what it says when it is broken, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.validation.check import Built, Place
from gateway.validation.class_kinds import (
    build_compare,
    build_count,
    build_equal,
    build_reference,
    build_required,
    build_sum,
    build_usage,
)
from gateway.validation.leaf_kinds import build_date, build_decimals
from gateway.validation.list_kinds import build_sequence, build_unique
from gateway.validation.pointer_kinds import build_pointer
from gateway.validation.rule import Rule, Subject
from gateway.validation.text_kinds import build_code, build_pattern, build_scheme, build_tidy


@dataclass(frozen=True, slots=True)
class Kind:
    """One engine.

    Attributes:
        subject: what it looks at.
        message: what a finding of it says is wrong, without a value.
        build: makes the test for one place; None where the place gives it nothing to do.
    """

    subject: Subject
    message: str
    build: Callable[[Rule, Place], Built | None]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "date": Kind("leaf", "the date does not exist, or has another form than its formatCode", build_date),
        "code": Kind("text", "the code is not in its list", build_code),
        "scheme": Kind("text", "the identifier does not keep to its scheme", build_scheme),
        "pattern": Kind("text", "the text has another form", build_pattern),
        "tidy": Kind("text", "the text holds characters that do not belong there", build_tidy),
        "decimals": Kind("leaf", "the amount is finer than its currency", build_decimals),
        "compare": Kind("class", "two values contradict each other", build_compare),
        "equal": Kind("class", "two places that say the same thing differ", build_equal),
        "sum": Kind("class", "the total is not the sum of its parts", build_sum),
        "count": Kind("class", "the number is not the number of entries", build_count),
        "required": Kind("class", "an element that the business needs is missing", build_required),
        "reference": Kind("class", "what is named here is stated nowhere", build_reference),
        "unique": Kind("list", "two entries have the same value", build_unique),
        "sequence": Kind("list", "the entries are not numbered one after the other", build_sequence),
        "pointer": Kind("list", "the pointer leads nowhere", build_pointer),
        "usage": Kind("any", "the model does not mark this element for the package", build_usage),
    }
)
"""All kinds by name."""
