"""The meaning of a mapping, as plain frozen values: rows, loops, cases, templates, and the table that holds them.

`notation` reads the cells of a spreadsheet and the head beside it into these values and lists every fault;
`compilation` turns them into plain Python. Blocks are already unfolded here: a row of a block stands in the table under
its id ``mt40/p3``, its paths in full, its loops, cases and templates renamed ``mt40/x`` in the same way. So whoever
works on a `Table` (the compiler, the static check, the coverage page) sees one flat list of rows.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from gateway.conversion.arguments import Argument
from gateway.conversion.conditions import Condition
from gateway.formats.paths import Path

Way = Literal["both", "to-wco", "from-wco"]
Direction = Literal["to-wco", "from-wco"]
Side = Literal["national", "wco"]
Loss = Literal["none", "rounded", "shortened", "coarser", "computed"]
Verb = Literal[
    "copy",
    "fit",
    "code",
    "constant",
    "date",
    "number",
    "measure",
    "chunks",
    "total",
    "calculate",
    "pointer",
    "use",
    "drop",
]

COLUMNS = ("row", "national", "wco", "verb", "with", "way", "case", "loss", "why", "source")
"""The columns of a mapping table, all of which must be there; no other may."""

LOSSES: tuple[Loss, ...] = ("none", "rounded", "shortened", "coarser", "computed")
"""All losses, the mildest first: "the worst counts" and "not less than" go by this order."""

WAYS: tuple[Way, ...] = ("both", "to-wco", "from-wco")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One line of a table before it is read: its line in the file (1-based, the header is line 1) and its cells."""

    line: int
    cells: ReadMapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """A table (or a block) as it lies in the data folder.

    Attributes:
        name: file name without ending; blocks are called by it.
        head: the TOML head, parsed.
        rows: the lines of the CSV.
        head_file, rows_file: what faults name.
    """

    name: str
    head: ReadMapping[str, Any]
    rows: tuple[RawRow, ...]
    head_file: str = ""
    rows_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSource:
    """A table with the blocks that its ``use`` rows may name."""

    table: TableSource
    blocks: ReadMapping[str, TableSource] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A named case with its two sides; each direction decides it on the side that it reads."""

    name: str
    says: str
    national: Condition
    wco: Condition
    file: str = ""


@dataclass(frozen=True, slots=True)
class CaseTerm:
    """One term of a row's ``case`` cell: a case, or ``not`` a case. All terms of a row must hold."""

    name: str
    negated: bool = False


# Templates: one text made of several parts.


@dataclass(frozen=True, slots=True)
class Literally:
    """Characters that always stand at this place of the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """``{name}``: a named part and the regular expression of what it can hold."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Maybe:
    """``[...]``: pieces that may be missing as a whole."""

    pieces: tuple[Literally | Part, ...]


Piece: TypeAlias = Literally | Part | Maybe


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that several leaves of the other side make up.

    Attributes:
        absent: the text that says "nothing", such as ``0000``; empty where there is none.
    """

    name: str
    pieces: tuple[Piece, ...]
    absent: str = ""
    file: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in order, those that may be missing included."""
        found: list[Part] = []
        for piece in self.pieces:
            inner = piece.pieces if isinstance(piece, Maybe) else (piece,)
            found.extend(part for part in inner if isinstance(part, Part))
        return tuple(found)


# Loops: how the entries of a repeated element line up.


@dataclass(frozen=True, slots=True)
class Numbering:
    """``number = { from = ..., to = ... }``: leaves, relative to the entry, that hold its number on each side."""

    national: Path | None
    wco: Path
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """``key``: a flat national list whose entries name, by number or code, the entry of loop ``of`` they belong to."""

    national: Path
    wco: Path
    of: str


@dataclass(frozen=True, slots=True)
class Linked:
    """``linked``: many to many.

    Attributes:
        numbers: leaf of the national entry (a list of numbers, or one), relative to it; None when the loop is nested
            in ``of`` on the national side, so that its place says to which entry it belongs.
        separator: what parts the numbers of one text; empty when the list is a repeated leaf or one number.
        of: the loop whose entries are named.
        wco: class below an entry of ``of`` that holds one link, relative to it.
        by: leaf that identifies an entry of this loop, relative both to the link and to this loop's WCO entry.
    """

    numbers: Path | None
    separator: str
    of: str
    wco: Path
    by: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A declared loop; ``name`` is the letter that paths write.

    Attributes:
        national, wco: paths of the repeated element in full, with the letters of the loops around it (not its own).
        only: ``first`` (of those that no case takes), ``others``, the name of a case (perhaps with ``not``), or empty.
        group: national leaf, relative to the entry, whose equal values become one WCO entry; ``Path()`` (no steps)
            is the entry's own text; None where entries are not grouped.
        at_most: most entries, None for any number.
        without_parent: with ``key``: WCO path for entries that name no known parent; None refuses them.
    """

    name: str
    says: str
    national: Path
    wco: Path
    number: Numbering | None = None
    only: CaseTerm | Literal["first", "others", ""] = ""
    group: Path | None = None
    key: Key | None = None
    linked: Linked | None = None
    at_most: int | None = None
    without_parent: Path | None = None
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, read.

    Attributes:
        id: ``mt40``, or ``mt40/p3`` for a row of a block.
        case: all terms must hold; empty = always.
        unverified: whether the source cell says that the row is from memory.
        file, line: where the row stands (for a block's row: in the block's file).
    """

    id: str
    national: Path | None
    wco: Path | None
    verb: Verb
    argument: Argument
    way: Way
    case: tuple[CaseTerm, ...] = ()
    loss: Loss = "none"
    why: str = ""
    source: str = ""
    unverified: bool = False
    file: str = ""
    line: int = 0

    def acts(self, direction: Direction) -> bool:
        """Whether the row is carried out in this direction (a one-way row is only an echo on the other way)."""
        return self.way in ("both", direction)

    def path(self, side: Side) -> Path | None:
        """The row's path on one side."""
        return self.national if side == "national" else self.wco


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedBy:
    """Leaves that hold the document's date, by which code lists are read; None: the time of receipt."""

    national: Path | None = None
    wco: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole mapping, read and unfolded.

    Attributes:
        national: names of the releases of the national form that the table serves.
        wco: name of the canonical form.
        ways: directions it works in; ``ways_why`` says why not both.
        record: loop whose entries are converted one by one when a message is large; empty when none.
        loops, cases, templates: by name, in the order of the head.
    """

    name: str
    version: str
    national: tuple[str, ...]
    wco: str
    ways: tuple[Direction, ...]
    rows: tuple[Row, ...]
    ways_why: str = ""
    record: str = ""
    dated_by: DatedBy = DatedBy()
    loops: ReadMapping[str, Loop] = field(default_factory=dict)
    cases: ReadMapping[str, Case] = field(default_factory=dict)
    templates: ReadMapping[str, Template] = field(default_factory=dict)
    head_file: str = ""
    rows_file: str = ""


def opposite(direction: Direction) -> Direction:
    """The other way."""
    return "from-wco" if direction == "to-wco" else "to-wco"


def worse(first: Loss, second: Loss) -> Loss:
    """The heavier of two losses."""
    return first if LOSSES.index(first) >= LOSSES.index(second) else second


def letters_of(path: Path | None) -> tuple[str, ...]:
    """The loop letters of a path in order; ``c.n`` counts as ``n`` (the pair's inner loop), ``every c`` as ``c``."""
    if path is None:
        return ()
    return tuple(step.loop.rpartition(".")[2] for step in path.steps if step.loop)
