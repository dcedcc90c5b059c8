"""How this room says what is wrong: a finding with its place as path and pointer, never a value."""

from __future__ import annotations

from gateway.findings import Finding, Layer, Severity
from gateway.formats.places import pointer_of
from gateway.formats.structure import Structure


def about(
    structure: Structure,
    code: str,
    path: str,
    message: str,
    *,
    expected: str = "",
    remedy: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    """A finding about one place of a message of this format; see `Finding` for the arguments."""
    return Finding(
        severity=severity,
        code=code,
        layer=Layer.RULE,
        path=path,
        pointer=pointer_of(structure, path),
        message=message,
        expected=expected,
        remedy=remedy,
    )
