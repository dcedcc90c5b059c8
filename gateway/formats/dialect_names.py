"""Names of a document that differ from today's, told where a finding speaks of such an element.

A finding of a repaired document carries the path as the format names it. Whoever wrote the document looks for the name
that he wrote: it is told behind the finding's sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gateway.findings import Finding
from gateway.formats.steps import steps_of

_ABSENT = frozenset({"schema.missing-element"})


@dataclass(slots=True)
class DocumentNames:
    """Which elements of one document were renamed, by line and today's name."""

    _names: dict[tuple[int | None, str], str] = field(default_factory=dict)

    def add(self, line: int | None, today: str, written: str) -> None:
        """Note an element; where one line holds the same element under several names, none of them is told later.

        Args:
            line: of the document, 1-based.
            today: name in the format.
            written: name in the document, which is one of the profile or equals ``today``.
        """
        known = self._names.setdefault((line, today), written)
        if known != written:
            self._names[line, today] = ""

    def tell(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, each that is about a renamed element with the name that stands in the document."""
        return tuple(self._told(finding) for finding in findings) if self._names else tuple(findings)

    def _told(self, finding: Finding) -> Finding:
        if finding.line is None or finding.code in _ABSENT:
            return finding
        steps = list(steps_of(finding.path.partition("@")[0]))
        today = steps[-1][0] if steps else ""
        written = self._names.get((finding.line, today), "")
        if written in ("", today):
            return finding
        return replace(finding, message=f"{finding.message} (the document calls it {written})")
