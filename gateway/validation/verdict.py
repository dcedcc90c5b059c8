"""The verdict on a document: parse, schema, rules, in this order, with every finding that can be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.errors import MalformedMessage, MessageTooLarge, UnknownFormat
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.formats.format import Format
from gateway.formats.library import FormatLibrary
from gateway.formats.tree import Tree
from gateway.validation.rule import RuleContext
from gateway.validation.rulebook import RuleBook
from gateway.validation.rules import RULES

RULE_BOOK = RuleBook(RULES)
"""The rules that hold for every message."""

NO_SCHEMES: Mapping[str, IdentifierScheme] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one document.

    Attributes:
        valid: no finding is an error.
        format: name of the format, empty where none was recognised.
        profile: name of the input profile, empty where the format is none.
        findings: of all layers, parse before schema before rules.
        tree: the message, None where the schema refuses it.
        syntax: ``xml`` or ``json``, empty where nothing was read.
    """

    valid: bool
    format: str
    profile: str
    findings: tuple[Finding, ...]
    tree: Tree | None
    syntax: str


def verdict(
    library: FormatLibrary,
    data: bytes,
    format_name: str | None = None,
    *,
    schemes: Mapping[str, IdentifierScheme] = NO_SCHEMES,
) -> Verdict:
    """Judge a document. Nothing that it may hold raises; whatever is wrong with it is a finding.

    Args:
        library: the known formats.
        data: the document as it came.
        format_name: judge as this format instead of recognising it.
        schemes: identifier schemes by name, for check digits.

    Raises:
        UnknownFormat: ``format_name`` is not known (a wrong question, not a wrong document).
    """
    if format_name is not None:
        library.get(format_name)
    try:
        found, reading = library.read(data, format_name)
    except (MalformedMessage, MessageTooLarge, UnknownFormat) as refusal:
        finding = Finding(
            severity=Severity.ERROR,
            code=refusal.stable_code,
            layer=Layer.PARSE,
            path=refusal.path,
            line=_line(refusal.path),
            message=refusal.message,
            remedy=refusal.remedy,
        )
        return Verdict(valid=False, format="", profile="", findings=(finding,), tree=None, syntax="")
    findings = reading.findings
    if reading.tree is not None:
        findings = (*findings, *check_rules(found, reading.tree, schemes=schemes))
    return Verdict(
        valid=not has_errors(findings),
        format=found.name,
        profile=reading.profile,
        findings=findings,
        tree=reading.tree,
        syntax=reading.syntax,
    )


def check_rules(
    found: Format, tree: Tree, *, schemes: Mapping[str, IdentifierScheme] = NO_SCHEMES
) -> tuple[Finding, ...]:
    """The business rules that a message breaks.

    Args:
        found: the message's format.
        tree: a message that the format's schema accepts.
        schemes: identifier schemes by name, for check digits.
    """
    return RULE_BOOK.check(found.structure, tree, RuleContext(schemes=schemes))


def _line(place: str) -> int | None:
    """The line that a parser's refusal names as ``line N``."""
    word, _, number = place.partition(" ")
    return int(number) if word == "line" and number.isdigit() else None
