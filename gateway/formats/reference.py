"""The reference page of a format: how it is recognised, its classes as a tree, and a table for each class in its order.

All of it is made from the schema, so that the page says what the validator asks for.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.formats.dictionary import PathEntry
from gateway.formats.format import Format

MADE = "Made from the schemas by `sarhad reference`; do not edit."
PACKAGE_LETTERS: Mapping[str, str] = {
    "I": "import",
    "E": "export",
    "R": "cargo report import",
    "r": "cargo report export",
    "C": "conveyance",
    "T": "transit",
}
"""What the letters of the column "packages" stand for (wco 8)."""
_WIDTH = 120
_FORMAT_CODE = "formatCode"
_DATE = "date or time, in the form that formatCode names"
_COLUMNS = ("#", "element", "times", "type", "attributes", "WCO id", "WCO format", "EDIFACT", "code list", "packages",
            "sure", "what it is")  # fmt: skip


def page_name(found: Format) -> str:
    """File name of a format's page: its name without the version, ``dec.md``."""
    return f"{found.name.rpartition('-')[0] or found.name}.md"


def format_page(found: Format) -> str:
    """The page of a format in Markdown.

    Args:
        found: the format; its schema set's digest stands on the page, so that a stale page can be told.
    """
    entries = found.dictionary()
    outline = _Outline.of(found.head.root, entries)
    title = f"# {found.name}" + (f": {found.head.title}" if found.head.title else "")
    head = [title, "", MADE, "", *markdown_table(("what", "is"), _facts(found, entries)), ""]
    attributes = _Attributes(entries)
    parts = [*head, "## How to read it", "", *_legend(), "", *attributes.table()]
    parts += ["## Classes", "", "```", *outline.tree(), "```", ""]
    for path in outline.classes:
        parts += outline.section(path, attributes)
    return "\n".join(parts).rstrip("\n") + "\n"


def index_page(formats: Sequence[Format]) -> str:
    """The page that leads to the pages of all formats."""
    rows = [
        (f"[{one.name}]({page_name(one)})", one.head.wco_package, one.head.title, str(len(_elements(one.dictionary()))))
        for one in formats
    ]
    head = ["# Forms of the WCO Data Model", "", MADE, ""]
    return "\n".join([*head, *markdown_table(("format", "package", "what it is", "elements"), rows)]) + "\n"


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table; what a cell says is never read as markup of the table.

    Args:
        columns: names of the columns.
        rows: cells.
    """
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return [*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _facts(found: Format, entries: Sequence[PathEntry]) -> list[tuple[str, str]]:
    head = found.head
    wanted = [f"`{path}` is {' or '.join(texts)}" for path, texts in head.recognise_leaves.items()]
    wanted += [f"one of {', '.join(head.recognise_children)} is there"] if head.recognise_children else []
    every = [_sure(one) for one in _elements(entries)]
    counts = (
        f"{len(every)}: {every.count('yes')} sure, {every.count('no')} with an id or a place from memory or from a "
        f"partner's table, {every.count('no id')} without a known id"
    )
    return [
        ("document element", f"`{head.root}`" + (f" in `{head.namespace}`" if head.namespace else "")),
        ("package", head.wco_package),
        ("becomes", f"`{head.canonical}`" if head.canonical else "nothing else: it is canonical"),
        ("recognised by", "; ".join(wanted) or "its document element"),
        ("elements", counts),
        ("schema set", f"`{found.digest}`"),
    ]


def _legend() -> list[str]:
    letters = ", ".join(f"{letter} {words}" for letter, words in PACKAGE_LETTERS.items())
    text = (
        "Each class has a table of what it holds, in the order in which it must stand (#). Times are counted under one "
        "parent. Packages are those for which the data model marks the place: "
        f"{letters}; empty where the sources say nothing. Sure is `yes` where place and id stand in the published "
        "facts, `no id` where they give none, and `no` where they are from memory or from a partner's table. An "
        "element under an element, such as the text of a date, stands in the row below it."
    )
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)


def _elements(entries: Sequence[PathEntry]) -> list[PathEntry]:
    return [one for one in entries if one.kind != "attribute"]


def _sure(one: PathEntry) -> str:
    if not one.wco_id:
        return "no id"
    return "yes" if one.verified else "no"


@dataclass(frozen=True, slots=True)
class _Outline:
    """The classes of a format and what each holds; the empty path is the document element.

    Attributes:
        root: name of the document element.
        classes: every class that has a table, in the order of the schema.
        held: what each class holds.
    """

    root: str
    classes: Mapping[str, PathEntry | None]
    held: Mapping[str, tuple[PathEntry, ...]]

    @classmethod
    def of(cls, root: str, entries: Sequence[PathEntry]) -> _Outline:
        """The outline of a dictionary of paths."""
        held: dict[str, list[PathEntry]] = {"": []}
        for one in _elements(entries):
            held.setdefault(one.path.rpartition("/")[0], []).append(one)
        classes = {one.path: one for one in _elements(entries) if one.kind == "class" and not _folded(one, held)}
        return cls(root, {"": None, **classes}, {path: tuple(every) for path, every in held.items()})

    def tree(self) -> Iterator[str]:
        """The classes, a line each: name, times and WCO id, nested by indent."""
        yield self.root
        for path, one in self.classes.items():
            if one is not None:
                level = path.count("/") + 1
                yield "  ".join(part for part in (f"{'  ' * level}{_name(path)}", one.cardinality, one.wco_id) if part)

    def section(self, path: str, attributes: _Attributes) -> Iterator[str]:
        """Heading and table of one class."""
        one = self.classes[path]
        yield f"### {path or self.root}"
        yield ""
        if one is not None:
            notes = ", ".join(part for part in (one.wco_id, one.cardinality) if part)
            yield f"{one.text or _name(path)} ({notes})"
            yield ""
        yield from markdown_table(_COLUMNS, self._rows(path, attributes))
        yield ""

    def _rows(self, path: str, attributes: _Attributes) -> Iterator[tuple[str, ...]]:
        for number, one in enumerate(self.held.get(path, ()), 1):
            name = _name(one.path)
            link = f"[{name}](#{one.path.replace('/', '').lower()})" if one.path in self.classes else name
            yield (str(number), link, *_row(one, attributes))
            if one.kind == "class" and one.path not in self.classes:
                for below in self.held.get(one.path, ()):
                    yield ("", f"{name}/{_name(below.path)}", *_row(below, attributes))


def _folded(one: PathEntry, held: Mapping[str, Sequence[PathEntry]]) -> bool:
    """Whether a class is but the wrapping of one text, as a date is, and needs no table of its own."""
    inside = held.get(one.path, ())
    return len(inside) == 1 and inside[0].kind == "leaf" and not inside[0].wco_id


def _name(path: str) -> str:
    return path.rpartition("/")[2]


class _Attributes:
    """Sets of attributes, each named once: most leaves of one data type carry the same ones."""

    def __init__(self, entries: Sequence[PathEntry]) -> None:
        held: dict[str, list[str]] = {}
        for one in entries:
            if one.kind == "attribute":
                path, _, name = one.path.rpartition("@")
                held.setdefault(path.rstrip("/"), []).append(f"`{name}`{'' if one.minimum else '?'} {one.type}")
        self._held = {path: "; ".join(each) for path, each in held.items()}
        self._names = {each: f"A{at}" for at, each in enumerate(dict.fromkeys(self._held.values()), 1)}

    def of(self, path: str) -> str:
        """Name of the set that an element carries, empty for none."""
        held = self._held.get(path)
        return self._names[held] if held is not None else ""

    def type_of(self, one: PathEntry) -> str:
        """The type of an element in words; that of a date stands in its attribute."""
        return _DATE if f"`{_FORMAT_CODE}`" in self._held.get(one.path, "") else one.type

    def table(self) -> list[str]:
        """The sets, one a line; nothing where no element has an attribute."""
        if not self._names:
            return []
        rows = [(name, each) for each, name in self._names.items()]
        return ["Attributes, with `?` where one may be left out:", "", *markdown_table(("set", "attributes"), rows), ""]


def _row(one: PathEntry, attributes: _Attributes) -> tuple[str, ...]:
    return (
        one.cardinality,
        attributes.type_of(one),
        attributes.of(one.path),
        one.wco_id,
        one.wco_format,
        one.edifact,
        one.code_list,
        one.packages,
        _sure(one),
        one.text,
    )
