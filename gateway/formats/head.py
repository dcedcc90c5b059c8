"""The format head: the few things about a format that its schema cannot say.

A head is a small TOML file ``<name>.format.toml`` beside the schema. It says how a document of the format is
recognised, which namespaces count as the schema's, what an empty element means, whether unknown elements are refused,
in which zone dates without one stand, and what the file is called. Every key is known here; an unknown one is a fault,
because a misspelt policy that is silently ignored would loosen a check.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from gateway.errors import DataFolderError
from gateway.findings import Fault
from gateway.formats.rule_grades import GRADES, NO_GRADES, DoubleGradeError, Grade, grades_of

NamespacePolicy: TypeAlias = Literal["exact", "any-of", "ignored", "absent-repaired"]
AbsentMeans: TypeAlias = Literal["missing", "empty", "null"]
UnknownElements: TypeAlias = Literal["refused", "kept-aside"]
Syntax: TypeAlias = Literal["xml", "json"]

HEAD_SUFFIX = ".format.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalChoice:
    """The canonical format of one kind of messages of an input profile.

    Attributes:
        format: its published name.
        leaves: path below the root, and the texts of which it must hold one.
        children: keys of which the root must have one as a child; empty asks nothing.
    """

    format: str
    leaves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatHead:
    """What a format head says.

    Attributes:
        file: the head's own file; the schema stands relative to it.
        name: published name with version, ``xx-manifest-1.0``.
        title: one line for people.
        schema: the schema file.
        syntax: the native syntax.
        root: name of the document element (for JSON-native formats: the name that the message tree gives it).
        namespace: namespace of the document element, empty for none.
        recognise_namespaces: namespaces of which the document element must have one.
        recognise_leaves: path below the root, and the texts of which it must hold one.
        recognise_children: keys of which the root must have one as a child; empty asks nothing.
        namespaces: how strictly namespaces are compared.
        any_of: for each namespace of the schema, others that count as it.
        aliases: alias by namespace, for a second namespace under one local name.
        absent: what means absent besides a missing element: nothing, an ``empty`` element, or (JSON) a ``null``.
        unknown: what happens to elements that the schema does not know.
        zone: zone of dates without one, ``+hh:mm``; empty when every date carries its own or none is assumed.
        file_name: template of the file's name, informative.
        wco_package: DEC, CRI, RES for canonical formats and profiles.
        canonical: for an input profile the canonical format that it becomes by renaming namespaces, or the usual one
            of several.
        canonical_for: for a profile of several kinds of messages, which format each kind becomes; the first that fits.
        any_order: local names of classes whose children may be written in another order, with a warning.
        defaults: leaves that the format itself fixes when a message is written.
        rules: grades of business rules by id, where the format differs from the rules themselves.
    """

    file: Path
    name: str
    title: str
    schema: Path
    syntax: Syntax
    root: str
    namespace: str
    recognise_namespaces: tuple[str, ...]
    recognise_leaves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recognise_children: tuple[str, ...] = ()
    namespaces: NamespacePolicy = "exact"
    any_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    absent: AbsentMeans = "missing"
    unknown: UnknownElements = "refused"
    zone: str = ""
    file_name: str = ""
    wco_package: str = ""
    canonical: str = ""
    canonical_for: tuple[CanonicalChoice, ...] = ()
    any_order: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Grade] = field(default_factory=lambda: NO_GRADES)


_TEXT_KEYS = ("name", "version", "title", "schema", "syntax", "root", "namespace")
_TABLES: dict[str, tuple[str, ...]] = {
    "recognise": ("namespaces", "leaves", "children"),
    "namespaces": ("policy", "any_of", "aliases"),
    "absent": ("means",),
    "unknown": ("elements",),
    "dates": ("zone",),
    "file": ("name",),
    "wco": ("package", "canonical", "canonical_for"),
    "order": ("any",),
    "defaults": (),
    "rules": GRADES,
}
_FREE_TABLES = {"defaults"}


def read_head(file: Path) -> FormatHead:
    """Read a format head.

    Args:
        file: the ``<name>.format.toml``.

    Raises:
        DataFolderError: the file cannot be read, or holds an unknown key, a missing one or an unknown policy; its
            findings are not used, its ``path`` names the file.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFolderError(f"the format head cannot be read: {error}", path=str(file), code="format.head") from error
    return _HeadReader(file, content).head()


class _HeadReader:
    """Takes the values out of the TOML document and names file and key of every fault."""

    def __init__(self, file: Path, content: dict[str, Any]) -> None:
        self._file = file
        self._content = content

    def head(self) -> FormatHead:
        """The head, checked."""
        self._refuse_unknown_keys()
        namespace = self._text("", "namespace")
        any_of = {key: self._texts("namespaces.any_of", key, value) for key, value in self._map("any_of").items()}
        aliases = {space: alias for alias, space in self._map("aliases").items()}
        leaves = self._table("recognise").get("leaves", {})
        return FormatHead(
            file=self._file,
            name=f"{self._text('', 'name', needed=True)}-{self._text('', 'version', needed=True)}",
            title=self._text("", "title"),
            schema=self._schema_file(),
            syntax=self._one_of("", "syntax", Syntax, "xml"),
            root=self._text("", "root", needed=True),
            namespace=namespace,
            recognise_namespaces=self._texts(
                "recognise", "namespaces", self._table("recognise").get("namespaces", [namespace])
            ),
            recognise_leaves={path: self._texts("recognise.leaves", path, texts) for path, texts in leaves.items()},
            recognise_children=self._texts("recognise", "children", self._table("recognise").get("children", [])),
            namespaces=self._one_of("namespaces", "policy", NamespacePolicy, "exact"),
            any_of=any_of,
            aliases=aliases,
            absent=self._one_of("absent", "means", AbsentMeans, "missing"),
            unknown=self._one_of("unknown", "elements", UnknownElements, "refused"),
            zone=self._text("dates", "zone"),
            file_name=self._text("file", "name"),
            wco_package=self._text("wco", "package"),
            canonical=self._text("wco", "canonical"),
            canonical_for=tuple(self._choice(row) for row in self._choices()),
            any_order=frozenset(self._texts("order", "any", self._table("order").get("any", []))),
            defaults={path: self._plain("defaults", path, text) for path, text in self._table("defaults").items()},
            rules=self._rules(),
        )

    def _choices(self) -> list[Any]:
        rows = self._table("wco").get("canonical_for", [])
        if not isinstance(rows, list):
            raise self._fault("wco.canonical_for", "must be written as [[wco.canonical_for]]")
        return rows

    def _choice(self, row: object) -> CanonicalChoice:
        key = "wco.canonical_for"
        if not isinstance(row, dict) or row.keys() - {"format", "leaves", "children"} or "format" not in row:
            raise self._fault(key, "must be a table of format, leaves and children")
        leaves = row.get("leaves", {})
        if not isinstance(leaves, dict):
            raise self._fault(f"{key}.leaves", "must be a table")
        return CanonicalChoice(
            format=self._plain(key, "format", row["format"]),
            leaves={path: self._texts(f"{key}.leaves", path, texts) for path, texts in leaves.items()},
            children=self._texts(key, "children", row.get("children", [])),
        )

    def _fault(self, key: str, message: str, remedy: str = "") -> DataFolderError:
        fault = Fault(file=str(self._file), row=key, code="format.head", message=message, remedy=remedy)
        return DataFolderError(
            f"{self._file.name}: {key}: {fault.message}", path=f"{fault.file}: {key}", remedy=remedy, code=fault.code
        )

    def _refuse_unknown_keys(self) -> None:
        for key, value in self._content.items():
            if key in _TEXT_KEYS:
                continue
            if key not in _TABLES or not isinstance(value, dict):
                raise self._fault(key, "unknown key", f"known are {', '.join([*_TEXT_KEYS, *_TABLES])}")
            for inner in value:
                if key not in _FREE_TABLES and inner not in _TABLES[key]:
                    raise self._fault(f"{key}.{inner}", "unknown key", f"known are {', '.join(_TABLES[key])}")

    def _table(self, name: str) -> dict[str, Any]:
        table: dict[str, Any] = self._content.get(name, {})
        return table

    def _map(self, key: str) -> dict[str, Any]:
        value = self._table("namespaces").get(key, {})
        if not isinstance(value, dict):
            raise self._fault(f"namespaces.{key}", "must be a table")
        return value

    def _plain(self, table: str, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self._fault(f"{table}.{key}" if table else key, "must be a text in quotes")
        return value

    def _text(self, table: str, key: str, *, needed: bool = False) -> str:
        value = (self._table(table) if table else self._content).get(key, "")
        if needed and not value:
            raise self._fault(f"{table}.{key}" if table else key, "is missing")
        return self._plain(table, key, value)

    def _texts(self, table: str, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            raise self._fault(f"{table}.{key}", "must be a text or a list of texts")
        return tuple(self._plain(table, key, text) for text in value)

    def _rules(self) -> Mapping[str, Grade]:
        table = self._table("rules")
        try:
            return grades_of({grade: self._texts("rules", grade, table.get(grade, [])) for grade in GRADES})
        except DoubleGradeError as error:
            raise self._fault("rules", str(error)) from error

    def _one_of(self, table: str, key: str, words: Any, default: str) -> Any:
        value = self._text(table, key) or default
        known = get_args(words)
        if value not in known:
            raise self._fault(f"{table}.{key}" if table else key, "unknown word", f"known are {', '.join(known)}")
        return value

    def _schema_file(self) -> Path:
        schema = self._file.parent / self._text("", "schema", needed=True)
        if not schema.is_file():
            raise self._fault("schema", "this schema file does not exist", "write it relative to the head")
        return schema
