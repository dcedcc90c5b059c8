"""Reading rules from TOML, with every fault named by file and rule.

[[rule]]
id = "rule.net-above-gross"
severity = "warning"
source = "wco 7, attributes 126 and 128"
text = "the gross mass is at least the net mass"
remedy = "check whether the two masses were exchanged"
kind = "compare"
at = ["id:65A"]
larger = "#126"
smaller = "#128"
"""

from __future__ import annotations

import tomllib
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.findings import Fault, Severity
from gateway.validation.rule import Condition, Rule, Wanted
from gateway.validation.rule_options import AnyRule, RuleEntry

_ENTRY: TypeAdapter[RuleEntry] = TypeAdapter(AnyRule)
_CODES = {"extra_forbidden": "rule.unknown-key", "union_tag_invalid": "rule.unknown-kind", "missing": "rule.missing"}


def read_rules(toml_text: str, file: str) -> tuple[list[Rule], list[Fault]]:
    """Read the rules of one file.

    Args:
        toml_text: tables ``[[rule]]`` as shown in the module.
        file: name of the file for faults.

    Returns:
        The sound rules in the order of the file, and all faults.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        return [], [Fault(file=file, code="rule.unreadable", message=f"not TOML: {error}")]
    faults = [
        Fault(file=file, row=key, code="rule.unknown-key", message="the file knows only [[rule]]")
        for key in sorted(set(raw) - {"rule"})
    ]
    rules: list[Rule] = []
    tables = raw.get("rule", [])
    for number, table in enumerate(tables if isinstance(tables, list) else [tables], 1):
        try:
            entry = _ENTRY.validate_python(table)
        except ValidationError as error:
            faults += [_fault(file, number, table, one) for one in error.errors(include_url=False)]
            continue
        rules.append(_rule(entry, file))
    return rules, faults


def _rule(entry: RuleEntry, file: str) -> Rule:
    return Rule(
        id=entry.id,
        severity=Severity(entry.severity),
        source=entry.source,
        text=entry.text,
        remedy=entry.remedy,
        kind=entry.kind,  # type: ignore[attr-defined] # every model of a kind has it
        at=entry.at,
        options=entry,
        when=tuple(_condition(path, wanted) for path, wanted in entry.when.items()),
        packages=entry.packages,
        formats=entry.formats,
        file=file,
    )


def _condition(path: str, wanted: Wanted) -> Condition:
    return Condition(path.removeprefix("!"), wanted, negated=path.startswith("!"))


def _fault(file: str, number: int, table: Any, problem: Any) -> Fault:
    named = table.get("id") if isinstance(table, dict) else None
    row = named if isinstance(named, str) and named else f"[[rule]] {number}"
    place = ".".join(str(step) for step in problem["loc"] if step not in _KINDS_IN_PLACES)
    code = _CODES.get(problem["type"], "rule.invalid")
    message = problem["msg"].removeprefix("Value error, ")
    return Fault(
        file=file,
        row=row,
        code=code,
        message=f"{place}: {message}" if place else message,
        remedy="see docs/reference/rules.md" if code != "rule.invalid" else "",
    )


_KINDS_IN_PLACES = frozenset(
    {
        "date", "code", "scheme", "pattern", "tidy", "decimals", "compare", "equal", "sum", "count", "required",
        "reference", "unique", "sequence", "pointer", "usage",
    }
)  # fmt: skip
"""Pydantic puts the kind before the key of a fault; people look for the key."""
