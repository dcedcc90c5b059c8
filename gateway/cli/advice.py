"""Findings as a colleague would tell them: where (in words), what is wrong, what belongs there, what to do.

The same fault at many places is told once, with the places. Nothing here shows a value of the message.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from typer import style

from gateway.findings import Finding, Layer, Severity
from gateway.formats.steps import steps_of
from gateway.formats.structure import Structure

WIDTH = 100
"""Columns at which sentences are folded on a terminal."""
_PLACES = 6
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_SHORTER = {"government agency goods item": "goods item", "meta data": "envelope"}
_DATE_TEXT = "DateTimeString"
_OUTER = 2
_OWN_SENTENCE = ("did you mean ", "allowed here: ", "nothing may stand here", "no attribute may stand here")
"""Beginnings of remedies that say what is possible rather than what to do; they need no label."""
_BUSINESS_RULE = "rule."
"""Beginning of the codes of business rules: what such a finding expects is the rule itself."""


@dataclass(slots=True)
class _Fault:
    """One fault, and all places where it was found."""

    first: Finding
    places: list[Finding] = field(default_factory=list)


def advice(
    findings: Iterable[Finding],
    structure: Structure | None = None,
    *,
    colour: bool = False,
    width: int | None = None,
) -> str:
    """Findings as text, numbered, errors before warnings before notes, else in the order of the document.

    Args:
        findings: of one message.
        structure: of its format, to say what an element is for.
        colour: whether severities are coloured for a terminal.
        width: columns to fold at, None for none.
    """
    told = (
        "\n".join(_told(fault, number, structure, colour=colour, width=width))
        for number, fault in enumerate(_grouped(findings), 1)
    )
    return "\n\n".join(told)


def counted(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 warning``; empty when there is no finding."""
    given = [finding.severity for finding in findings]
    return ", ".join(
        f"{many} {_NOUNS[severity]}{'' if many == 1 else 's'}"
        for severity in Severity
        if (many := given.count(severity))
    )


def place_in_words(path: str) -> str:
    """A path as people say it: ``goods item 2, additional document 1: TypeCode``.

    Classes are named in words and counted where they repeat; those above the first counted one are left out, and the
    element itself keeps its tag.

    Args:
        path: of a finding; empty for the whole document.
    """
    whole, _, attribute = path.partition("@")
    steps = list(steps_of(whole.strip("/")))
    if len(steps) > 1 and steps[-1][0] == _DATE_TEXT:
        steps.pop()
    if not steps:
        return f"the document: attribute {attribute}" if attribute else "the document"
    *classes, (last, number) = steps
    counted_at = next((at for at, (_, position) in enumerate(classes) if position), None)
    shown = classes[counted_at:] if counted_at is not None else classes[-_OUTER:]
    name = f"{last} {number}" if number else last
    target = f"attribute {attribute} of {name}" if attribute else name
    around = ", ".join(f"{_words(name)}{f' {position}' if position else ''}" for name, position in shown)
    return f"{around}: {target}" if around else target


def sentence(text: str) -> str:
    """A text with a capital and a stop."""
    whole = text.strip()
    return f"{whole[:1].upper()}{whole[1:]}{'' if whole[-1:] in ('.', '?', '!', '') else '.'}"


def _words(name: str) -> str:
    words = " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in _WORDS.findall(name))
    return _SHORTER.get(words, words)


def _general(path: str) -> str:
    return re.sub(r"\[[0-9]+\]", "", path)


def _grouped(findings: Iterable[Finding]) -> Sequence[_Fault]:
    faults: dict[tuple[str, ...], _Fault] = {}
    for one in findings:
        key = (one.severity, one.code, _general(one.path), one.message, one.expected, one.remedy, one.row)
        faults.setdefault(key, _Fault(first=one)).places.append(one)
    weight = {severity: rank for rank, severity in enumerate(Severity)}
    return sorted(faults.values(), key=lambda fault: weight[fault.first.severity])


def _told(fault: _Fault, number: int, structure: Structure | None, *, colour: bool, width: int | None) -> Iterator[str]:
    first = fault.first
    kind = _NOUNS[first.severity]
    shown = style(kind, fg=_COLOURS[first.severity], bold=True) if colour else kind
    where = _where(first)
    yield f"  {number}. {shown}  {style(where, bold=True) if colour else where}"
    if len(fault.places) > 1:
        yield from _folded("Also", _others(fault.places[1:]), width)
    yield from _folded("", sentence(first.message), width)
    if first.expected and first.expected not in first.remedy:
        label = "The rule" if first.code.startswith(_BUSINESS_RULE) else "What belongs there"
        yield from _folded(label, first.expected, width)
    if first.remedy.startswith(_OWN_SENTENCE):
        yield from _folded("", sentence(first.remedy), width)
    elif first.remedy:
        yield from _folded("What to do", first.remedy, width)
    name, meaning = _meaning(structure, first.path)
    if meaning:
        yield from _folded(name, meaning, width)
    reference = ", ".join(part for part in (first.code, first.path, first.pointer, first.row) if part)
    yield f"     {style(f'[{reference}]', dim=True) if colour else f'[{reference}]'}"


def _meaning(structure: Structure | None, path: str) -> tuple[str, str]:
    """Name of the element at a path and what the schema says that it is; empty where it says nothing."""
    steps = [name for name, _ in steps_of(path.partition("@")[0].strip("/"))]
    if len(steps) > 1 and steps[-1] == _DATE_TEXT:
        steps.pop()
    element = structure.find("/".join(steps)) if structure is not None and steps else None
    return (element.local, element.annotation.text) if element is not None else ("", "")


def _where(finding: Finding) -> str:
    line = f"line {finding.line}" if finding.line else ""
    pointer = finding.layer is Layer.PARSE and finding.path.startswith("/")
    words = finding.path if pointer else place_in_words(finding.path)
    return f"{line}, {words}" if line else words


def _others(findings: Sequence[Finding]) -> str:
    shown = "; ".join(_where(finding) for finding in findings[:_PLACES])
    more = len(findings) - _PLACES
    return f"{shown}; and at {more} more places" if more > 0 else shown


def _folded(label: str, text: str, width: int | None) -> list[str]:
    whole = f"{label}: {text}" if label else text
    if width is None:
        return [f"     {whole}"]
    return textwrap.wrap(whole, width, initial_indent="     ", subsequent_indent="     ", break_long_words=False)
