"""Reading a profile file ``<name>.profile.toml``: every key is known, and every fault names file and key.

name, title, source                     who it is and where its facts are from
[recognise] root, namespaces, envelope, json, wrapped
[wrapper]   levels, packages            instead of [recognise]: only takes documents out of transport elements
[namespaces] count, absent
[[documents]] format, body, namespaces, when, has, source
[[rename]]  parent, from, to, source
[[aside]]   parent, element, source
[[unwrap]]  parent, element, source
[empty]     absent, source
[dates]     styles, source; [dates.forms.<code>] to, append
[order]     any, source
[values]    <leaf of the envelope> = { "text" = "text today" }
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast, get_args

from gateway.errors import DataFolderError
from gateway.formats.dialect import ANY, DateForm, DateStyle, Dialect, Kind

PROFILE_SUFFIX = ".profile.toml"

_CODE = "format.profile"
_MOST_LEVELS = 6
_KEYS: dict[str, tuple[str, ...]] = {
    "": (
        *("name", "title", "source", "recognise", "wrapper", "namespaces", "documents"),
        *("rename", "aside", "unwrap", "empty", "dates", "order", "values"),
    ),
    "recognise": ("root", "namespaces", "envelope", "json", "wrapped"),
    "wrapper": ("levels", "packages"),
    "namespaces": ("count", "absent"),
    "documents": ("format", "body", "namespaces", "when", "has", "source"),
    "rename": ("parent", "from", "to", "source"),
    "aside": ("parent", "element", "source"),
    "unwrap": ("parent", "element", "source"),
    "empty": ("absent", "source"),
    "dates": ("styles", "forms", "source"),
    "dates.forms": ("to", "append"),
    "order": ("any", "source"),
}


def read_dialect(file: Path) -> Dialect:
    """Read a profile.

    Args:
        file: the ``<name>.profile.toml``.

    Raises:
        DataFolderError: it cannot be read, or holds an unknown key, a missing one or a value of another kind; its
            ``path`` names file and key.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFolderError(f"the profile cannot be read: {error}", path=str(file), code=_CODE) from error
    return _Reader(file).dialect(content)


class _Reader:
    """Takes the values out of the TOML document and names file and key of every fault."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def dialect(self, content: dict[str, Any]) -> Dialect:
        """The whole, checked."""
        self._known("", content)
        tables = {name: self._table(name, content.get(name, {})) for name in ("recognise", "wrapper", "namespaces")}
        recognise, wrapper, spaces = tables["recognise"], tables["wrapper"], tables["namespaces"]
        if bool(recognise) == bool(wrapper):
            raise self._fault("recognise", "one of [recognise] and [wrapper] is due")
        dates = self._table("dates", content.get("dates", {}))
        order = self._table("order", content.get("order", {}))
        empty = self._table("empty", content.get("empty", {}))
        roots = self._texts("recognise.root", recognise.get("root", []))
        root_spaces = self._texts("recognise.namespaces", recognise.get("namespaces", []))
        counted = self._texts("namespaces.count", spaces.get("count", []))
        dialect = Dialect(
            file=self._file,
            name=self._needed("name", content),
            title=self._needed("title", content),
            source=self._needed("source", content),
            roots=roots,
            root_namespaces=root_spaces,
            enveloped=self._flag("recognise.envelope", recognise.get("envelope", True)),
            json=self._flag("recognise.json", recognise.get("json", False)),
            depth=self._levels("recognise.wrapped", recognise.get("wrapped", 0))
            or self._levels("wrapper.levels", wrapper.get("levels", 0)),
            wrapped_packages=self._texts("wrapper.packages", wrapper.get("packages", [])),
            namespaces=frozenset({*counted, *root_spaces} - {""}),
            absent=self._flag("namespaces.absent", spaces.get("absent", False)),
            kinds=tuple(self._kind(where, row) for where, row in self._rows("documents", content)),
            renamed=self._renamed(content),
            aside=self._places("aside", content),
            unwrapped=self._places("unwrap", content),
            empty_absent=self._flag("empty.absent", empty.get("absent", False)),
            dates=self._styles(dates),
            date_forms=self._forms(dates),
            any_order=frozenset(self._texts("order.any", order.get("any", []))),
            values=self._values(content.get("values", {})),
        )
        self._check(dialect)
        return dialect

    def _check(self, dialect: Dialect) -> None:
        if dialect.only_unwraps:
            if dialect.depth == 0:
                raise self._fault("wrapper.levels", "is missing")
            return
        for key, value in (
            ("recognise.root", dialect.roots),
            ("recognise.namespaces", dialect.root_namespaces),
            ("documents", dialect.kinds),
        ):
            if not value:
                raise self._fault(key, "is missing")

    def _kind(self, where: str, row: dict[str, Any]) -> Kind:
        when = row.get("when", {})
        if not isinstance(when, dict):
            raise self._fault(f"{where}.when", "must be a table")
        return Kind(
            format=self._needed("format", row, where),
            body=self._text(f"{where}.body", row.get("body", "")),
            namespaces=self._texts(f"{where}.namespaces", row.get("namespaces", [])),
            when={path: self._texts(f"{where}.when.{path}", texts) for path, texts in when.items()},
            has=self._texts(f"{where}.has", row.get("has", [])),
            source=self._text(f"{where}.source", row.get("source", "")),
        )

    def _places(self, name: str, content: dict[str, Any]) -> frozenset[tuple[str, str]]:
        return frozenset(
            (self._needed("parent", row, where), self._needed("element", row, where))
            for where, row in self._rows(name, content)
        )

    def _renamed(self, content: dict[str, Any]) -> dict[tuple[str, str], str]:
        renamed: dict[tuple[str, str], str] = {}
        for where, row in self._rows("rename", content):
            parent = self._text(f"{where}.parent", row.get("parent", ANY))
            old, new = self._needed("from", row, where), self._needed("to", row, where)
            if (parent, old) in renamed:
                raise self._fault(where, f"{parent}/{old} is renamed twice")
            renamed[parent, old] = new
        return renamed

    def _styles(self, dates: dict[str, Any]) -> tuple[DateStyle, ...]:
        styles = self._texts("dates.styles", dates.get("styles", []))
        known = get_args(DateStyle)
        for style in styles:
            if style not in known:
                raise self._fault("dates.styles", "unknown word", f"known are {', '.join(known)}")
        return cast("tuple[DateStyle, ...]", styles)

    def _forms(self, dates: dict[str, Any]) -> dict[str, DateForm]:
        forms = dates.get("forms", {})
        if not isinstance(forms, dict):
            raise self._fault("dates.forms", "must be a table")
        read = {}
        for code, row in forms.items():
            inner = self._table("dates.forms", row)
            where = f"dates.forms.{code}"
            text = self._text(f"{where}.append", inner.get("append", ""))
            read[code] = DateForm(code=self._needed("to", inner, where), text=text)
        return read

    def _values(self, content: object) -> dict[str, dict[str, str]]:
        if not isinstance(content, dict):
            raise self._fault("values", "must be a table")
        values: dict[str, dict[str, str]] = {}
        for leaf, texts in content.items():
            if not isinstance(texts, dict):
                raise self._fault(f"values.{leaf}", "must be a table")
            values[leaf] = {old: self._text(f"values.{leaf}.{old}", new) for old, new in texts.items()}
        return values

    def _fault(self, key: str, message: str, remedy: str = "") -> DataFolderError:
        text = f"{self._file.name}: {key}: {message}"
        return DataFolderError(text, path=f"{self._file}: {key}", remedy=remedy, code=_CODE)

    def _known(self, table: str, content: dict[str, Any], where: str = "") -> None:
        for key in content:
            if key not in _KEYS[table]:
                spot = f"{where}.{key}" if where else key
                raise self._fault(spot, "unknown key", f"known are {', '.join(_KEYS[table])}")

    def _table(self, name: str, value: object, row: int = 0) -> dict[str, Any]:
        where = f"{name}[{row}]" if row else name
        if not isinstance(value, dict):
            raise self._fault(where, "must be a table")
        self._known(name, value, where)
        if value.get("source") == "":
            raise self._fault(f"{where}.source", "is empty", "say where this is from, or leave the key out")
        return value

    def _rows(self, name: str, content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """The rows of a table that repeats, each with its name and number for faults."""
        value = content.get(name, [])
        if not isinstance(value, list):
            raise self._fault(name, f"must be written as [[{name}]]")
        return [(f"{name}[{number}]", self._table(name, row, number)) for number, row in enumerate(value, 1)]

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self._fault(key, "must be a text in quotes")
        return value

    def _needed(self, key: str, table: dict[str, Any], name: str = "") -> str:
        where = f"{name}.{key}" if name else key
        value = self._text(where, table.get(key, ""))
        if not value:
            raise self._fault(where, "is missing")
        return value

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            raise self._fault(key, "must be a text or a list of texts")
        return tuple(self._text(key, text) for text in value)

    def _flag(self, key: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._fault(key, "must be true or false")
        return value

    def _levels(self, key: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_LEVELS:
            raise self._fault(key, f"must be a number from 0 to {_MOST_LEVELS}")
        return value
