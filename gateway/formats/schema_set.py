"""A schema set: one XSD and all that it includes or imports, read once as bytes and never from the network.

Validator and structure are both derived from the same bytes, and the digest of the set names whatever is derived from
it. A schema location is a relative path to a file beside the set; an address is a fault, so no look-up can leave the
machine.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from gateway.errors import DataFolderError, GatewayError
from gateway.formats.parsing import XmlElement, parse_xml

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LINKS = frozenset({f"{_XS}include", f"{_XS}import", f"{_XS}redefine", f"{_XS}override"})


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """The files of one schema.

    Attributes:
        main: the schema that declares the document element, absolute.
        files: content by absolute path, the main one included.
        digest: SHA-256 over names (relative to the main schema) and contents, hexadecimal.
    """

    main: Path
    files: Mapping[Path, bytes]
    digest: str


def read_schema_set(main: Path) -> SchemaSet:
    """Read an XSD with everything that it includes or imports.

    Raises:
        DataFolderError: a file is missing or not well-formed, or a schema location is an address.
    """
    main = Path(os.path.normpath(main.absolute()))
    files: dict[Path, bytes] = {}
    waiting = deque([main])
    while waiting:
        file = waiting.popleft()
        if file not in files:
            files[file] = _read(file)
            waiting.extend(_links(file, files[file]))
    digest = hashlib.sha256()
    for file in sorted(files):
        name = os.path.relpath(file, main.parent).replace(os.sep, "/").encode()
        digest.update(len(name).to_bytes(4, "big") + name + hashlib.sha256(files[file]).digest())
    return SchemaSet(main, MappingProxyType(files), digest.hexdigest())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _fault(file, f"the schema cannot be read: {error.strerror}") from error


def _links(file: Path, content: bytes) -> list[Path]:
    links = []
    for link in _schema_element(file, content):
        location = link.get("schemaLocation")
        if link.tag not in _LINKS or location is None:
            continue
        parts = urlsplit(location)
        if parts.scheme or parts.netloc or Path(location).is_absolute():
            raise _fault(file, "a schema location is an address", "write a relative path to a file of the set")
        links.append(Path(os.path.normpath(file.parent / unquote(location))))
    return links


def _schema_element(file: Path, content: bytes) -> XmlElement:
    try:
        return parse_xml(content)
    except GatewayError as error:
        raise _fault(file, error.message) from error


def _fault(file: Path, message: str, remedy: str = "") -> DataFolderError:
    return DataFolderError(f"{file.name}: {message}", path=str(file), remedy=remedy, code="format.schema")


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
            raise _fault(self._schemas.main, "a schema asks for a file that is not of its set")
        return self.resolve_string(content, context, base_url=str(file))


class ValidatorPool:
    """libxml2 validators of one schema set.

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
            raise _fault(main, f"libxml2 does not accept the schema: {error}") from error

    def validate(self, document: XmlElement) -> tuple[LogEntry, ...]:
        """Validate a document; an empty answer means valid."""
        try:
            validator = self._idle.pop()
        except IndexError:
            validator = self._compile()
        try:
            if validator.validate(document):
                return ()
            return tuple(
                LogEntry(entry.type_name, entry.line, entry.path or "", entry.message)
                for entry in cast("Iterable[Any]", validator.error_log)
            )
        finally:
            self._idle.append(validator)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of libxml2's error log. ``message`` may quote the document: it must not leave this package."""

    kind: str
    line: int
    path: str
    message: str
