"""A format: everything that is derived from one schema and its head, behind one door."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from gateway.errors import GatewayError
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.formats.codec import Codec, TreeUnfit
from gateway.formats.dictionary import PathEntry, dictionary_of
from gateway.formats.document import Document, parse_document
from gateway.formats.fit import fit
from gateway.formats.head import FormatHead, read_head
from gateway.formats.json_form import write_json
from gateway.formats.json_schema import json_schema_of
from gateway.formats.json_schema_structure import derive_from_json_schema, read_json_schema
from gateway.formats.json_verdict import JsonValidator
from gateway.formats.limits import DEFAULT_LIMITS, ParseLimits
from gateway.formats.schema_set import read_schema_set
from gateway.formats.structure import Structure
from gateway.formats.structure_cache import VERSION, load_structure, save_structure
from gateway.formats.tree import Tree
from gateway.formats.validators import ValidatorPool
from gateway.formats.xml_reading import XmlReader
from gateway.formats.xsd_structure import derive_from_xsd


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a message gave.

    Attributes:
        tree: the message tree; None when the schema refuses the message.
        findings: of the schema; warnings leave the tree in place.
        syntax: what the message was written in.
        profile: name of the input profile, empty for a canonical or national format.
    """

    tree: Tree | None
    findings: tuple[Finding, ...]
    syntax: Literal["xml", "json"]
    profile: str = ""


class Format:
    """One message format, ready to use from several threads.

    Attributes:
        name: published name with version.
        head: the format head.
        structure: derived from the schema.
        digest: SHA-256 of the schema set, hexadecimal.
        limits: how much one document may ask for.
    """

    def __init__(
        self,
        head: FormatHead,
        structure: Structure,
        *,
        validator: ValidatorPool | JsonValidator,
        schema: dict[str, Any] | None = None,
        limits: ParseLimits = DEFAULT_LIMITS,
    ) -> None:
        """Put together by `load_format`.

        Args:
            head: of the format.
            structure: of the format.
            validator: what decides: libxml2 for XML formats, jsonschema-rs for JSON-native ones.
            schema: the schema document of a JSON-native format.
            limits: see `ParseLimits`.
        """
        self.name = head.name
        self.head = head
        self.structure = structure
        self.digest = structure.digest
        self.limits = limits
        self._validator = validator
        self._schema = schema

    @cached_property
    def _codec(self) -> Codec:
        return Codec(self.structure, dict(self.head.aliases))

    @cached_property
    def _xml(self) -> XmlReader:
        assert isinstance(self._validator, ValidatorPool)
        return XmlReader(self.head, self.structure, self._codec, self._validator, self.limits)

    def read(self, data: bytes) -> Reading:
        """Read a message in any of the format's syntaxes: parse safely, validate, decode.

        Args:
            data: the document as it came.

        Raises:
            MalformedMessage: the bytes cannot be parsed.
            MessageTooLarge: beyond the limits.
        """
        return self.read_document(parse_document(data, self.limits))

    def read_document(self, document: Document) -> Reading:
        """Read a document that is parsed already; an XML one must not be used afterwards."""
        if document.xml is None:
            return self._read_json(document.value)
        if self.structure.syntax == "json":
            return self._reading(None, (_finding("schema.syntax", "this format is written in JSON"),), "xml")
        tree, findings = self._xml.read(document.xml, document.source)
        return self._reading(tree, findings, "xml")

    def _read_json(self, value: Any) -> Reading:
        wrapped = {self.structure.root.key: value} if self.structure.syntax == "json" else value
        tree, findings = fit(
            self.structure,
            wrapped,
            keep_aside=self.head.unknown == "kept-aside",
            null_absent=self.head.absent == "null",
        )
        if tree is not None and not has_errors(findings):
            findings = (*findings, *self.judge(tree))
        return self._reading(None if has_errors(findings) else tree, findings, "json")

    def _reading(self, tree: Tree | None, findings: tuple[Finding, ...], syntax: Literal["xml", "json"]) -> Reading:
        return Reading(tree, findings, syntax, self.name if self.head.canonical else "")

    def judge(self, tree: Tree) -> tuple[Finding, ...]:
        """What the schema says of a message tree; no finding of severity error means valid.

        The tree is written in the native syntax and the one validator decides, so a tree, its XML and its JSON have
        one verdict.
        """
        try:
            written = self.write(tree)
        except TreeUnfit as unfit:
            return unfit.findings or (_finding(unfit.stable_code, unfit.message, unfit.path, unfit.remedy),)
        if isinstance(self._validator, JsonValidator):
            return self._validator.judge(written, self.structure, self.limits)
        return self._xml.judge(written)

    def write(self, tree: Tree) -> bytes:
        """The message in the format's native syntax.

        Raises:
            TreeUnfit: the tree has another shape than the format.
        """
        return self.to_json(tree) if self.structure.syntax == "json" else self.to_xml(tree)

    def to_xml(self, tree: Tree) -> bytes:
        """The message as XML in UTF-8.

        Raises:
            TreeUnfit: the tree has another shape than the format.
            GatewayError: the format is JSON-native.
        """
        if self.structure.syntax == "json":
            raise GatewayError(
                f"{self.name} is written in JSON only", code="format.no-xml", remedy="ask for json instead"
            )
        return self._codec.write(tree)

    def to_json(self, tree: Tree) -> bytes:
        """The message in its JSON form, UTF-8.

        Raises:
            TreeUnfit: the tree has another shape than the format.
        """
        return write_json(self.structure, tree)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the JSON form; accepts whatever the format's validator accepts."""
        return self._schema if self._schema is not None else json_schema_of(self.structure, self.head)

    def dictionary(self) -> tuple[PathEntry, ...]:
        """Every place of the format with type, cardinality, WCO id and documentation."""
        return dictionary_of(self.structure)


def load_format(head_file: Path, *, cache: Path | None = None, limits: ParseLimits = DEFAULT_LIMITS) -> Format:
    """Load a format from its head.

    Args:
        head_file: the ``<name>.format.toml``; the schema stands relative to it.
        cache: folder for derived structures, None for none.
        limits: see `ParseLimits`.

    Raises:
        DataFolderError: head or schema hold a fault; message and path name file and place.
    """
    head = read_head(head_file)
    if head.syntax == "json":
        return _load_json_native(head, limits)
    schemas = read_schema_set(head.schema)
    validator = ValidatorPool(schemas)
    key = _cache_key(schemas.digest, head)
    structure = load_structure(cache, key) if cache is not None else None
    if structure is None:
        structure = derive_from_xsd(schemas, head)
        if cache is not None:
            save_structure(cache, structure, key)
    return Format(head, structure, validator=validator, limits=limits)


def _load_json_native(head: FormatHead, limits: ParseLimits) -> Format:
    schema = read_json_schema(head.schema)
    digest = hashlib.sha256(head.schema.read_bytes()).hexdigest()
    structure = derive_from_json_schema(schema, head, digest)
    return Format(head, structure, validator=JsonValidator(schema, head.schema), schema=schema, limits=limits)


def _cache_key(digest: str, head: FormatHead) -> str:
    """Everything that the derived structure depends on: schema set, root, aliases, version of the derivation."""
    parts = [str(VERSION), digest, head.namespace, head.root, *(f"{a}={b}" for a, b in sorted(head.aliases.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _finding(code: str, message: str, path: str = "", remedy: str = "") -> Finding:
    return Finding(severity=Severity.ERROR, code=code, layer=Layer.SCHEMA, path=path, message=message, remedy=remedy)
