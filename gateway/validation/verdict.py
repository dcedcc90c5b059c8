"""The verdict on a document: parse, schema, rules, in this order, with every finding that can be had."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import MalformedMessage, MessageTooLarge, UnknownFormat
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.formats.format import Format
from gateway.formats.library import FormatLibrary
from gateway.formats.tree import Tree
from gateway.validation.rulebook import RuleBook


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
        found: the format itself, None where none was recognised.
    """

    valid: bool
    format: str
    profile: str
    findings: tuple[Finding, ...]
    tree: Tree | None
    syntax: str
    found: Format | None = None


def verdict(
    library: FormatLibrary,
    data: bytes,
    format_name: str | None = None,
    *,
    rules: RuleBook | None = None,
) -> Verdict:
    """Judge a document. Nothing that it may hold raises; whatever is wrong with it is a finding.

    Args:
        library: the known formats.
        data: the document as it came.
        format_name: judge as this format instead of recognising it.
        rules: the business rules; None judges by the schema alone.

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
            line=refusal.line,
            message=refusal.message,
            remedy=refusal.remedy,
        )
        return Verdict(valid=False, format="", profile="", findings=(finding,), tree=None, syntax="")
    findings = reading.findings
    if reading.tree is not None and rules is not None:
        findings = (*findings, *rules.check(found, reading.tree))
    return Verdict(
        valid=not has_errors(findings),
        format=found.name,
        profile=reading.profile,
        findings=findings,
        tree=reading.tree,
        syntax=reading.syntax,
        found=found,
    )
