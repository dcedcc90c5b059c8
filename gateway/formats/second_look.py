"""A second look at a JSON message that its format refuses: JSON has no namespaces, so another format may be meant.

In XML the namespace of the document element names the format. The JSON forms of all packages and of the input profile
begin alike, and only WCOTypeName and TypeCode tell them apart: where one of these is damaged, or where the profile uses
the same words, the format that fits best by shape is taken. A message that is accepted costs nothing of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.findings import has_errors
from gateway.formats.document import Document
from gateway.formats.fit import fit
from gateway.formats.format import Format, Reading
from gateway.formats.recognition import nearly_json


def look_again(
    formats: Sequence[Format], document: Document, first: Format, reading: Reading
) -> tuple[Format, Reading]:
    """The format that a refused JSON message is best read as, and its reading.

    Args:
        formats: all.
        document: the message.
        first: what it was recognised as.
        reading: what reading it as that gave.

    Returns:
        One that accepts it, if it fits no worse by shape; else the one that fits best, ``first`` before others.
    """
    if document.xml is not None or first.structure.syntax == "json" or not has_errors(reading.findings):
        return first, reading
    others = [one for one in formats if one is not first and _may_be_meant(one, first, document.value)]
    misfits = {one.name: _misfits(one, document.value) for one in (first, *others)}
    least = min(misfits.values())
    best = [one for one in (first, *others) if misfits[one.name] == least]
    best.sort(key=lambda one: -nearly_json(one, document.value))
    readings = [(one, reading if one is first else one.read_document(document)) for one in best]
    accepted = next((pair for pair in readings if not has_errors(pair[1].findings)), None)
    if accepted is not None:
        return accepted
    return (first, reading) if first in best else readings[0]


def _may_be_meant(one: Format, first: Format, value: Any) -> bool:
    """A format whose words the message has told of itself is doubted only against a profile that asks for no words."""
    if not nearly_json(one, value):
        return False
    return not one.head.recognise_leaves or not first.head.recognise_leaves


def _misfits(one: Format, value: Any) -> int:
    """How many members do not fit the format by name or kind."""
    return len(fit(one.structure, value, keep_aside=one.head.unknown == "kept-aside")[1])
