"""Official releases of code lists: the files of UNECE read into one of our lists, or refused with file and line.

Three standards can be read: UN/LOCODE (the CSV parts of a release), and the tables of Recommendation 20 and 21 (the
Excel sheet saved as CSV). The list that comes out is marked complete when the release is not smaller than the smallest
full one, so that a single part or an extract never makes unlisted codes wrong.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from gateway.codes.checked_rows import digest_of
from gateway.codes.codelist_files import COLUMNS
from gateway.findings import Fault

MOST_FAULTS = 100
"""Reading stops here: a file of another kind is wrong in every line."""

MOST_CELL_SIGNS = 200
"""Longest label that is kept."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z .-]{0,30}")
_SIGNS_OF_FORMULAS = "=+-@ \t"


class Standing(StrEnum):
    """What a release says about one of its codes."""

    IN_FORCE = ""
    LEAVING = "to be removed in a later release"
    DEPRECATED = "deprecated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a release: its name for faults, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of a release: where it stands, what it means, and whether it may be used."""

    line: int
    code: str
    label: str
    standing: Standing = Standing.IN_FORCE


@dataclass(slots=True)
class Reading:
    """What is found while the parts of a release are read."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, file: str, line: int, code: str, message: str, remedy: str = "") -> None:
        """Note one fault of a file; ``line`` 0 means the file as a whole."""
        where = str(line) if line else ""
        self.faults.append(Fault(file=file, row=where, code=code, message=message, remedy=remedy))

    @property
    def is_hopeless(self) -> bool:
        """Whether so much is wrong that the rest needs no look."""
        return len(self.faults) >= MOST_FAULTS


PartReader = Callable[[str, str, Reading], None]
"""Reads the text of one part; the first argument is its name for faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard whose releases can be read.

    Attributes:
        list_name: the code list that a release becomes.
        title: of that list.
        owner_name: how its owner calls the standard, for ``source``.
        pattern: regular expression of a code.
        smallest: codes of the smallest full release; fewer are an extract, and the list is not complete.
        read: reads one part.
        wants: whether a file of a folder or an archive belongs to the release, by its name.
        adds_packages: whether package codes with an X before them are codes of this list too.
    """

    list_name: str
    title: str
    owner_name: str
    pattern: str
    smallest: int
    read: PartReader
    wants: Callable[[str], bool]
    adds_packages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release as the two texts of one of our lists.

    Attributes:
        list_name: the list's name, and the stem of its two files.
        csv_text, head_text: the table and its head.
        rows: number of codes.
        complete: whether it is a full release.
        version, released: as the operator named them.
    """

    list_name: str
    csv_text: str
    head_text: str
    rows: int
    complete: bool
    version: str
    released: date


def read_release(
    standard: Standard,
    parts: Sequence[Part],
    *,
    version: str,
    released: date,
    packages: Mapping[str, str] | None = None,
) -> tuple[Release | None, list[Fault]]:
    """Read a release whole, or refuse it whole.

    Args:
        standard: which one.
        parts: its files.
        version: edition as its owner names it, such as ``2024-1``.
        released: day on which it came out.
        packages: package codes and their labels, for a standard that takes them with an X before.

    Returns:
        The release, or None and all faults (at most `MOST_FAULTS`).
    """
    reading = Reading()
    if _VERSION.fullmatch(version) is None:
        reading.fault("", 0, "import.version", "the version holds letters, digits, blanks, points and hyphens only")
    if not parts:
        reading.fault("", 0, "import.no-file", "no file of this release was found", "name its CSV files, or their zip")
    for part in parts:
        text = _text_of(part, reading)
        if text is not None and not reading.is_hopeless:
            standard.read(part.name, text, reading)
    if not reading.faults and not reading.entries:
        reading.fault(parts[0].name, 0, "import.no-code", "the files hold no code", "is it the right standard?")
    if reading.faults:
        return None, reading.faults[:MOST_FAULTS]
    entries = _united(reading.entries)
    complete = len(entries) >= standard.smallest
    if standard.adds_packages:
        entries = entries + _packages(packages or {}, {entry.code for entry in entries})
    table = _table(standard, entries, version, released)
    head = _head(standard, parts, table, version, released, complete=complete)
    return (
        Release(
            list_name=standard.list_name,
            csv_text=table,
            head_text=head,
            rows=len(entries),
            complete=complete,
            version=version,
            released=released,
        ),
        [],
    )


def _text_of(part: Part, reading: Reading) -> str | None:
    """The text of a part: UTF-8, or the Western encoding that the CSV files of UNECE come in."""
    if b"\0" in part.content or part.content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        reading.fault(part.name, 0, "import.not-text", "the file is no text table", "save the sheet as CSV")
        return None
    try:
        return part.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return part.content.decode("latin-1")


def lines_of(name: str, text: str, delimiter: str, reading: Reading) -> Iterable[tuple[int, list[str]]]:
    """The lines of a CSV text with their number and stripped cells; a broken table is a fault and ends them."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in lines:
            if any(cells):
                yield lines.line_num, [cell.strip() for cell in cells]
            if reading.is_hopeless:
                return
    except csv.Error as error:
        reading.fault(name, lines.line_num, "import.csv", f"the table cannot be read: {error}", "save it as CSV again")


def _united(entries: list[Entry]) -> list[Entry]:
    """Each code once, in the order of the codes: releases repeat a code for a second spelling of its name."""
    found: dict[str, Entry] = {}
    for entry in entries:
        known = found.get(entry.code)
        if known is None or (known.standing is Standing.DELETED and entry.standing is not Standing.DELETED):
            found[entry.code] = entry
    return [found[code] for code in sorted(found)]


def _packages(packages: Mapping[str, str], known: set[str]) -> list[Entry]:
    made = ((f"X{code}", f"{label} (package used as a unit)") for code, label in sorted(packages.items()))
    return [Entry(0, code, label) for code, label in made if code not in known]


def _table(standard: Standard, entries: Iterable[Entry], version: str, released: date) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    day_before = (released - timedelta(days=1)).isoformat()
    source = f"{standard.owner_name} {version}"
    for entry in entries:
        closed = day_before if entry.standing is Standing.DELETED else ""
        label = clean(entry.label) or entry.code
        if entry.standing:
            label = f"{label} ({entry.standing.value})"
        writer.writerow((entry.code, entry.code, label, "", "", closed, "S", source))
    return text.getvalue()


def clean(text: str) -> str:
    """A label without line breaks, control characters and signs that a spreadsheet would run."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(plain.split()).lstrip(_SIGNS_OF_FORMULAS)[:MOST_CELL_SIGNS].rstrip()


def _head(
    standard: Standard, parts: Sequence[Part], table: str, version: str, released: date, *, complete: bool
) -> str:
    digest = hashlib.sha256()
    for part in sorted(parts, key=lambda one: one.name):
        digest.update(f"{part.name}\0{len(part.content)}\0".encode())
        digest.update(part.content)
    return (
        f'name = "{standard.list_name}"\n'
        f'title = "{standard.title}{"" if complete else " (extract)"}"\n'
        f'source = "{standard.owner_name} {version}"\n'
        f"complete = {'true' if complete else 'false'}\n"
        f'version = "{version}"\n'
        f"released = {released.isoformat()}\n"
        f'digest = "{digest.hexdigest()}"\n'
        f'table = "{digest_of(table)}"\n'
        f"pattern_national = '{standard.pattern}'\n"
        f"pattern_wco = '{standard.pattern}'\n"
    )
