"""A schema set: one XSD and all that it includes or imports, read once as bytes and never from the network.

Validator and structure are both derived from the same bytes, and the digest of the set names whatever is derived from
it. A schema location is a relative path to a file beside the set; an address is a fault, so no look-up can leave the
machine.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

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
        raise schema_fault(file, f"the schema cannot be read: {error.strerror}") from error


def _links(file: Path, content: bytes) -> list[Path]:
    links = []
    for link in _schema_element(file, content):
        location = link.get("schemaLocation")
        if link.tag not in _LINKS or location is None:
            continue
        parts = urlsplit(location)
        if parts.scheme or parts.netloc or Path(location).is_absolute():
            raise schema_fault(file, "a schema location is an address", "write a relative path to a file of the set")
        links.append(Path(os.path.normpath(file.parent / unquote(location))))
    return links


def _schema_element(file: Path, content: bytes) -> XmlElement:
    try:
        return parse_xml(content)
    except GatewayError as error:
        raise schema_fault(file, error.message) from error


def schema_fault(file: Path, message: str, remedy: str = "") -> DataFolderError:
    """The error for a schema file that cannot be used."""
    return DataFolderError(f"{file.name}: {message}", path=str(file), remedy=remedy, code="format.schema")
