"""The reference page of a format: how it is recognised, and every place of it in one table, made from the schema."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

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
_COLUMNS = ("place", "times", "type", "attributes", "WCO id", "WCO format", "EDIFACT", "code list", "packages", "sure",
            "what it is")  # fmt: skip


def page_name(found: Format) -> str:
    """File name of a format's page: its name without the version, ``dec.md``."""
    return f"{found.name.rpartition('-')[0] or found.name}.md"


def format_page(found: Format) -> str:
    """The page of a format in Markdown.

    Args:
        found: the format; its schema set's digest stands on the page, so that a stale page can be told.
    """
    entries = found.dictionary()
    title = f"# {found.name}" + (f": {found.head.title}" if found.head.title else "")
    parts = [title, "", MADE, "", *markdown_table(("what", "is"), _facts(found, entries)), "", *_legend(), ""]
    attributes = _Attributes(entries)
    rows = [_row(one, attributes.of(one.path)) for one in _elements(entries)]
    return "\n".join([*parts, *attributes.table(), *markdown_table(_COLUMNS, rows)]) + "\n"


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
    unsure = sum(not one.verified for one in _elements(entries))
    return [
        ("document element", f"`{head.root}`" + (f" in `{head.namespace}`" if head.namespace else "")),
        ("package", head.wco_package),
        ("becomes", f"`{head.canonical}`" if head.canonical else "nothing else: it is canonical"),
        ("recognised by", "; ".join(wanted) or "its document element"),
        ("elements", f"{len(_elements(entries))}, of them {unsure} from memory or from a partner's table only"),
        ("schema set", f"`{found.digest}`"),
    ]


def _legend() -> list[str]:
    letters = ", ".join(f"{letter} {words}" for letter, words in PACKAGE_LETTERS.items())
    text = (
        "Places are written from below the document element. Times are counted under one parent. Packages are those "
        f"for which the data model marks the place: {letters}; empty where the sources say nothing. Sure says whether "
        "place and id stand in the published facts."
    )
    return textwrap.wrap(text, _WIDTH)


def _elements(entries: Sequence[PathEntry]) -> list[PathEntry]:
    return [one for one in entries if one.kind != "attribute"]


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

    def table(self) -> list[str]:
        """The sets, one a line; nothing where no element has an attribute."""
        if not self._names:
            return []
        rows = [(name, each) for each, name in self._names.items()]
        return ["Attributes, with `?` where one may be left out:", "", *markdown_table(("set", "attributes"), rows), ""]


def _row(one: PathEntry, attributes: str) -> tuple[str, ...]:
    return (
        f"`{one.path}`",
        one.cardinality,
        one.type,
        attributes,
        one.wco_id,
        one.wco_format,
        one.edifact,
        one.code_list,
        one.packages,
        "yes" if one.verified else "no",
        one.text,
    )
