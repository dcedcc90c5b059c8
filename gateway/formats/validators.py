"""libxml2 validators of a schema set: the verdict, and a log whose cost a stranger cannot blow up.

libxml2 writes the place of every fault by counting the siblings before it, so many faults among many siblings cost the
square of their number (100,000 faults: a minute). Long documents are therefore looked at twice: first in a mode that
knows no places and costs the same for good and bad ones, then for places only if the faults are few; else only the
first entries of each kind are looked at.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from gateway.formats.parsing import XmlElement
from gateway.formats.schema_set import SchemaSet, schema_fault

LONG_DOCUMENT = 8_000
"""Elements from which a document is looked at without places first."""
MANY_FAULTS = 500
"""Faults from which on the places of all are not worth their cost."""
FIRST_ENTRIES = 250
"""Occurrences of each element under one parent that are kept to tell the places of the first of many faults."""

_COUNT = etree.XPath("count(/descendant::*)", regexp=False)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of libxml2's error log.

    ``message`` may quote the document: it must not leave this package. ``path`` is empty where the place is not known.
    """

    kind: str
    path: str
    message: str


class _FromSet(etree.Resolver):
    """Serves includes and imports from the bytes of the set and nothing else."""

    def __init__(self, schemas: SchemaSet) -> None:
        super().__init__()
        self._schemas = schemas

    def resolve(self, system_url: str, public_id: str, context: object = None) -> Any:  # noqa: ARG002 - lxml's own
        """The content of a file of the set, by its path or file address."""
        parts = urlsplit(system_url)
        file = Path(os.path.normpath(unquote(parts.path) if parts.scheme == "file" else system_url))
        content = self._schemas.files.get(file)
        if content is None:
            raise schema_fault(self._schemas.main, "a schema asks for a file that is not of its set")
        return self.resolve_string(content, context, base_url=str(file))


class ValidatorPool:
    """Validators of one schema set for many threads.

    A validator's error log belongs to the validator, so two threads must not use one at the same time: each call of
    `validate` borrows one, and a new one is compiled only when all are lent.
    """

    def __init__(self, schemas: SchemaSet) -> None:
        """Compile the first validator.

        Raises:
            DataFolderError: libxml2 does not accept the schema.
        """
        self._schemas = schemas
        self._idle: deque[etree.XMLSchema] = deque([self._compile()])

    def _compile(self) -> etree.XMLSchema:
        parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False, huge_tree=False)
        parser.resolvers.add(_FromSet(self._schemas))
        main = self._schemas.main
        try:
            return etree.XMLSchema(etree.fromstring(self._schemas.files[main], parser, base_url=str(main)))
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
            raise schema_fault(main, f"libxml2 does not accept the schema: {error}") from error

    def validate(self, document: XmlElement, at_most: int | None = None) -> tuple[LogEntry, ...]:
        """Validate a document; an empty answer means valid.

        A long document with many faults is shortened to the first entries of each kind, so a refused document must
        only be used to explain these faults.

        Args:
            document: the document element.
            at_most: a number that its elements do not exceed; without it they are counted.
        """
        try:
            validator = self._idle.pop()
        except IndexError:
            validator = self._compile()
        try:
            if (at_most is not None and at_most <= LONG_DOCUMENT) or cast("float", _COUNT(document)) <= LONG_DOCUMENT:
                return _look(validator, document)
            faults = _probe(validator, document)
            if not faults or len(faults) <= MANY_FAULTS:
                return _look(validator, document) if faults else ()
            _keep_first_entries(document)
            return _look(validator, document) or faults[:1]
        finally:
            self._idle.append(validator)


def _look(validator: etree.XMLSchema, document: XmlElement) -> tuple[LogEntry, ...]:
    return () if validator.validate(document) else _entries(validator.error_log)


def _probe(validator: etree.XMLSchema, document: XmlElement) -> tuple[LogEntry, ...]:
    """The faults without their places, at a cost that does not depend on their number."""
    parser = etree.XMLParser(schema=validator, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        etree.fromstring(etree.tostring(document), parser)
    except etree.XMLSyntaxError:
        return _entries(parser.error_log)
    return ()


def _entries(log: Any) -> tuple[LogEntry, ...]:
    return tuple(LogEntry(entry.type_name, entry.path or "", entry.message) for entry in cast("Iterable[Any]", log))


def _keep_first_entries(node: XmlElement) -> None:
    counts: dict[str, int] = {}
    for child in list(node):
        tag = str(child.tag)
        counts[tag] = counts.get(tag, 0) + 1
        if counts[tag] > FIRST_ENTRIES:
            node.remove(child)
        else:
            _keep_first_entries(child)
