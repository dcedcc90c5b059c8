"""The account of a conversion: what became of every leaf, on both sides, over one step or several.

It is kept as counts by general path, with the places of whatever is not plainly mapped, and names paths and rows,
never a value of the message. Source leaf: withheld, mapped, implied, dropped or unmapped, the first that applies.
Target leaf: from a row, a constant, a calculation, a total or a default.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.conversion.model import LOSSES, Loss, worse
from gateway.conversion.shapes import without_braces
from gateway.conversion.trails import FATES, ORIGINS, Fate, Origin, OriginKind, Trail
from gateway.formats.tree import general_path

MOST_PLACES = 1000
"""Places kept for one line of an account; a line that has more counts them only, so that an account stays small."""


class SourceLine(NamedTuple):
    """Source leaves of one path that had the same fate.

    Attributes:
        path: with braces where a row names them.
        to: where they went.
        row: row, loop or case; for withheld leaves the clause.
        places: where they stand in the message, with positions; empty for what is plainly mapped.
    """

    path: str
    fate: Fate
    loss: Loss = "none"
    to: tuple[str, ...] = ()
    row: str = ""
    reason: str = ""
    number: int = 1
    places: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The line as ``sarhad convert --report`` writes it."""
        line: dict[str, Any] = {
            "path": self.path,
            "fate": self.fate,
            "loss": self.loss,
            "to": ", ".join(self.to),
            "row": self.row,
            "reason": self.reason,
            "count": self.number,
        }
        return {**line, "places": list(self.places)} if self.places else line


class TargetLine(NamedTuple):
    """Target leaves of one path that have the same origin."""

    path: str
    origin: OriginKind
    row: str = ""
    number: int = 1

    def as_json(self) -> dict[str, Any]:
        """The line as ``sarhad convert --report`` writes it."""
        return {"path": self.path, "origin": self.origin, "row": self.row, "count": self.number}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of a message.

    Attributes:
        source_format, target_format: names of the formats it went from and to.
    """

    source_format: str
    target_format: str
    source: tuple[SourceLine, ...] = ()
    target: tuple[TargetLine, ...] = ()

    def fates(self) -> dict[Fate, int]:
        """Number of source leaves by fate, all fates named."""
        counted: Counter[Fate] = Counter()
        for line in self.source:
            counted[line.fate] += line.number
        return {fate: counted[fate] for fate in FATES}

    def origins(self) -> dict[OriginKind, int]:
        """Number of target leaves by origin, all origins named."""
        counted: Counter[OriginKind] = Counter()
        for line in self.target:
            counted[line.origin] += line.number
        return {origin: counted[origin] for origin in ORIGINS}

    def losses(self) -> dict[Loss, int]:
        """Number of mapped source leaves by loss, all losses named."""
        counted: Counter[Loss] = Counter()
        for line in self.source:
            if line.fate == "mapped":
                counted[line.loss] += line.number
        return {loss: counted[loss] for loss in LOSSES}

    def as_json(self) -> dict[str, Any]:
        """The account as ``sarhad convert --report`` writes it."""
        return {
            "from": self.source_format,
            "to": self.target_format,
            "source": [line.as_json() for line in self.source],
            "target": [line.as_json() for line in self.target],
            "counts": {
                "source": sum(line.number for line in self.source),
                "target": sum(line.number for line in self.target),
                "fates": dict(self.fates()),
                "losses": dict(self.losses()),
                "origins": dict(self.origins()),
            },
        }


class Ledger:
    """Takes the fate of each leaf while both sides are walked, and adds them up.

    Attributes:
        read: one entry for each source leaf: its path and trail.
        wrote: one entry for each target leaf: its path and origin.
        places: where the leaves of a trail stand that is not plainly mapped.
    """

    def __init__(self) -> None:
        self.read: list[tuple[str, Trail]] = []
        self.wrote: list[tuple[str, Origin]] = []
        self.places: dict[tuple[str, Trail], list[str]] = {}

    def close(self, source_format: str, target_format: str) -> Account:
        """The account."""
        return Account(
            source_format=source_format,
            target_format=target_format,
            source=tuple(self._source_line(path, trail, count) for (path, trail), count in Counter(self.read).items()),
            target=tuple(
                TargetLine(path, origin.kind, origin.row, count)
                for (path, origin), count in Counter(self.wrote).items()
            ),
        )

    def _source_line(self, path: str, trail: Trail, count: int) -> SourceLine:
        places = () if trail.is_plain else tuple(self.places.get((path, trail), ()))
        return SourceLine(path, trail.fate, trail.loss, trail.to, trail.row, trail.reason, count, places)


@dataclass(frozen=True, slots=True)
class WithheldLeaf:
    """A leaf that a release kept back: its path in the released format (positions allowed), the reason, the clause."""

    path: str
    reason: str = ""
    clause: str = ""


def chain(first: Account, second: Account, withheld: Iterable[WithheldLeaf] = ()) -> Account:
    """The account of two steps, perhaps with a release between them.

    Each line names its first path and its last. Leaves of one path that fare differently in the second step are given
    to the lines of the first in order, so that the numbers of the whole are exact.

    Args:
        first: the first conversion.
        second: the conversion of what it gave (or of what was released of it).
        withheld: what the release between them kept back.
    """
    pools = _Pools([*_withheld_lines(withheld), *second.source])
    lines = [line for before in first.source for line in _continued(before, pools)]
    return Account(
        source_format=first.source_format,
        target_format=second.target_format,
        source=tuple(_merged(lines)),
        target=second.target,
    )


def released(account: Account, withheld: Iterable[WithheldLeaf], target_format: str = "") -> Account:
    """The account of a conversion whose result was released without a second conversion.

    Args:
        account: the conversion.
        withheld: what the release kept back.
        target_format: name of what left; the conversion's own target when empty.
    """
    kept_back = Counter(general_path(leaf.path) for leaf in withheld_list) if (withheld_list := list(withheld)) else {}
    passed: list[SourceLine] = []
    target: list[TargetLine] = []
    for line in account.target:
        gone = min(line.number, kept_back.get(without_braces(line.path), 0))
        if gone:
            kept_back[without_braces(line.path)] -= gone
        if line.number > gone:
            target.append(line._replace(number=line.number - gone))
            passed.append(SourceLine(path=line.path, fate="mapped", to=(line.path,), number=line.number - gone))
    name = target_format or account.target_format
    after = Account(source_format=account.target_format, target_format=name, source=tuple(passed), target=tuple(target))
    return chain(account, after, withheld_list)


def _withheld_lines(withheld: Iterable[WithheldLeaf]) -> list[SourceLine]:
    counted = Counter((general_path(leaf.path), leaf.reason, leaf.clause) for leaf in withheld)
    return [
        SourceLine(path=path, fate="withheld", row=clause, reason=reason, number=count)
        for (path, reason, clause), count in counted.items()
    ]


@dataclass(slots=True)
class _Pool:
    """What the second step did with the leaves of one path, drawn from leaf by leaf."""

    lines: list[tuple[SourceLine, int]] = field(default_factory=list)

    def draw(self, count: int) -> list[tuple[SourceLine, int]]:
        """The next ``count`` leaves; the last line stands for more than there are (several leaves became one)."""
        drawn: list[tuple[SourceLine, int]] = []
        while count and self.lines:
            line, left = self.lines[0]
            taken = count if len(self.lines) == 1 else min(count, left)
            drawn.append((line, taken))
            count -= taken
            if len(self.lines) > 1 and taken == left:
                self.lines.pop(0)
            else:
                self.lines[0] = (line, max(left - taken, 0))
        return drawn


class _Pools:
    def __init__(self, lines: Iterable[SourceLine]) -> None:
        self._exact: dict[str, _Pool] = {}
        self._general: dict[str, _Pool] = {}
        for line in lines:
            for pools, path in ((self._exact, line.path), (self._general, without_braces(line.path))):
                pools.setdefault(path, _Pool()).lines.append((line, line.number))

    def at(self, path: str) -> _Pool:
        """The pool of a path: with its braces where the second step knows them, else all entries of the class."""
        exact = self._exact.get(path)
        if exact is not None and ("{" in path or len(self._general[without_braces(path)].lines) == len(exact.lines)):
            return exact
        return self._general.get(without_braces(path), _Pool())


def _continued(line: SourceLine, pools: _Pools) -> Iterator[SourceLine]:
    if line.fate != "mapped" or not line.to or all(path.startswith("$") for path in line.to):
        yield line
        return
    drawn = [pools.at(path).draw(line.number) for path in line.to]
    for parts, count in _side_by_side([draws for draws in drawn if draws]):
        yield _over(line, parts, count)
    missing = line.number if not any(drawn) else 0
    if missing:
        yield line._replace(fate="unmapped", to=(), number=missing, places=line.places)


def _side_by_side(draws: list[list[tuple[SourceLine, int]]]) -> Iterator[tuple[list[SourceLine], int]]:
    """What became of each leaf at all its places, leaves of the same combination together."""
    rests = [list(each) for each in draws]
    while rests and all(rests):
        count = min(each[0][1] for each in rests)
        yield [each[0][0] for each in rests], count
        for each in rests:
            line, left = each[0]
            if left == count:
                each.pop(0)
            else:
                each[0] = (line, left - count)


def _over(line: SourceLine, parts: list[SourceLine], count: int) -> SourceLine:
    best = min(parts, key=_goodness)
    chosen = [part for part in parts if part.fate == best.fate]
    loss = worse(line.loss, min((part.loss for part in chosen), key=LOSSES.index))
    if best.fate != "mapped":
        return best._replace(path=line.path, loss="none", to=(), number=count, places=())
    rows = " ".join(dict.fromkeys(row for part in (line, *chosen) for row in part.row.split()))
    to = tuple(dict.fromkeys(path for part in chosen for path in part.to))
    return line._replace(loss=loss, to=to, row=rows, number=count, places=line.places if loss != "none" else ())


def _goodness(line: SourceLine) -> int:
    """What a leaf that went to several places counts as: it arrived if it arrived at one of them."""
    return ("mapped", "implied", "withheld", "dropped", "unmapped").index(line.fate)


def _merged(lines: Iterable[SourceLine]) -> Iterator[SourceLine]:
    found: dict[tuple[Any, ...], SourceLine] = {}
    for line in lines:
        key = (line.path, line.fate, line.loss, line.to, line.row, line.reason)
        old = found.get(key)
        if old is None:
            found[key] = line
        else:
            places = tuple(dict.fromkeys((*old.places, *line.places)))[:MOST_PLACES]
            found[key] = old._replace(number=old.number + line.number, places=places)
    return iter(found.values())
