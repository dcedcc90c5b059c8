"""Reading identifier schemes from TOML, with their examples tried: a scheme that refuses its own example is a fault.

[[scheme]]
name = "xx-member"
title = "..."
source = "..."
engine = "weighted"
pattern = "[0-9]{5}"
body = "[0-9]{4}"
alphabet = "0123456789"
weights = [5, 4, 3, 2]
modulus = 11
checks = "0X987654321"                                # by remainder
parts = [{ first = 1, last = 3, scheme = "xx-inner" }]   # schemes that stand above in the file
valid = ["12343"]
invalid = ["12344"]
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.codes.identifier_schemes import Engine, IdentifierScheme, Part
from gateway.findings import Fault


class _PartEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    first: int = Field(ge=1)
    last: int = Field(ge=2)
    scheme: str


class _SchemeEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    source: str
    engine: Engine
    pattern: str
    body: str = ""
    alphabet: str = ""
    weights: list[int] = Field(default_factory=list)
    modulus: int = 0
    checks: str = ""
    parts: list[_PartEntry] = Field(default_factory=list)
    valid: list[str] = Field(default_factory=list)
    invalid: list[str] = Field(default_factory=list)


def read_schemes(toml_text: str, file: str) -> tuple[dict[str, IdentifierScheme], list[Fault]]:
    """Read the schemes of one file.

    Args:
        toml_text: tables ``[[scheme]]`` as shown in the module.
        file: name of the file for faults.

    Returns:
        The sound schemes by name, and all faults.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        return {}, [Fault(file=file, code="scheme.unreadable", message=f"not TOML: {error}")]
    schemes: dict[str, IdentifierScheme] = {}
    faults = [
        Fault(file=file, row=key, code="scheme.unknown-key", message="the file knows only [[scheme]]")
        for key in sorted(set(raw) - {"scheme"})
    ]
    tables = raw.get("scheme", [])
    for number, table in enumerate(tables if isinstance(tables, list) else [tables], 1):
        try:
            entry = _SchemeEntry.model_validate(table)
        except ValidationError as error:
            faults += [_entry_fault(file, number, table, one["loc"], one["msg"]) for one in error.errors()]
            continue
        wrong = _wrong_with(entry, schemes)
        if wrong:
            faults += [Fault(file=file, row=entry.name, code="scheme.invalid", message=message) for message in wrong]
            continue
        scheme = _scheme(entry, schemes)
        faults += _example_faults(file, entry, scheme)
        schemes[entry.name] = scheme
    return schemes, faults


def _entry_fault(file: str, number: int, table: Any, place: tuple[int | str, ...], message: str) -> Fault:
    name = table.get("name", "") if isinstance(table, dict) else ""
    where = ".".join(str(step) for step in place)
    return Fault(file=file, row=str(name or number), code="scheme.invalid", message=f"{where}: {message}")


def _wrong_with(entry: _SchemeEntry, known: dict[str, IdentifierScheme]) -> list[str]:
    wrong = [f"the name {entry.name} stands twice"] if entry.name in known else []
    for title, pattern in (("pattern", entry.pattern), ("body", entry.body)):
        try:
            re.compile(pattern)
        except re.error as error:
            wrong.append(f"{title} is not a regular expression: {error}")
    wrong += [f"the part {part.scheme} stands nowhere above" for part in entry.parts if part.scheme not in known]
    wrong += [f"the part {part.scheme} ends before it begins" for part in entry.parts if part.last <= part.first]
    if entry.engine == "weighted":
        if len(entry.checks) != entry.modulus or entry.modulus < 2:
            wrong.append("checks must hold one character for each remainder of the modulus")
        if not entry.weights or not entry.alphabet:
            wrong.append("the weighted engine needs an alphabet and weights")
    elif entry.alphabet or entry.weights or entry.modulus or entry.checks:
        wrong.append(f"the engine {entry.engine} takes no alphabet, weights, modulus or checks")
    return wrong


def _scheme(entry: _SchemeEntry, known: dict[str, IdentifierScheme]) -> IdentifierScheme:
    return IdentifierScheme(
        name=entry.name,
        pattern=re.compile(entry.pattern),
        body=entry.body or entry.pattern,
        engine=entry.engine,
        alphabet=entry.alphabet,
        weights=tuple(entry.weights),
        modulus=entry.modulus,
        checks=entry.checks,
        parts=tuple(Part(part.first, part.last, known[part.scheme]) for part in entry.parts),
        title=entry.title,
        source=entry.source,
    )


def _example_faults(file: str, entry: _SchemeEntry, scheme: IdentifierScheme) -> list[Fault]:
    wrong = [(text, "valid") for text in entry.valid if not scheme.is_valid(text)]
    wrong += [(text, "invalid") for text in entry.invalid if scheme.is_valid(text)]
    return [
        Fault(
            file=file,
            row=entry.name,
            code="scheme.example",
            message=f"the example {text} is listed as {kind} but the scheme says otherwise",
            remedy="correct the weights, the checks or the example",
        )
        for text, kind in wrong
    ]
