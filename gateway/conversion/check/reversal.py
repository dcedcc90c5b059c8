"""Rows that work both ways can be undone, templates are read in one way only, echoes can be computed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.conversion.check.assignments import source_side, target_side
from gateway.conversion.model import Direction, Literally, Maybe, Part, Piece, Row, Table, Template, opposite
from gateway.findings import Fault

_NO_WAY_BACK = ("calculate",)


def rows_without_inverse(table: Table) -> Iterator[Fault]:
    """Rows ``both`` whose verb has no inverse."""
    for row in table.rows:
        if row.way == "both" and row.verb in _NO_WAY_BACK:
            yield Fault(
                file=row.file,
                row=row.id,
                code="mapping.no-inverse",
                message=f"the verb {row.verb} has no inverse, the row cannot go both ways",
                remedy="let it go one way and say why; the way back needs a row of its own or a drop",
            )


def echoes_without_home(table: Table) -> Iterator[Fault]:
    """One-way rows whose far end has no home on the way back: nothing there is written by others, none reads it."""
    for row in table.rows:
        if row.way == "both" or row.verb in ("drop", "total", "constant"):
            continue
        back = opposite(row.way)
        far, near = row.path(target_side(row.way)), row.path(source_side(row.way))
        if back not in table.ways or far is None or far.variable:
            continue
        if near is not None and (near.variable or _others_write(table, row, back)):
            continue
        if not _others_read(table, row, back):
            yield Fault(
                file=row.file,
                row=row.id,
                code="mapping.echo-not-computable",
                message="on the way back nothing writes what this row reads, so its far end has no home",
                remedy="give the far end a row of its own on the way back, or a drop with the reason",
            )


def _others_write(table: Table, row: Row, direction: Direction) -> bool:
    side = target_side(direction)
    wanted = row.path(side)
    return wanted is not None and any(
        other.id != row.id and other.acts(direction) and other.verb != "drop" and _same(other, wanted.general, side)
        for other in table.rows
    )


def _others_read(table: Table, row: Row, direction: Direction) -> bool:
    side = source_side(direction)
    wanted = row.path(side)
    return wanted is not None and any(
        other.id != row.id
        and other.acts(direction)
        and (_same(other, wanted.general, side) or (other.verb == "drop" and _above(other, wanted.general, side)))
        for other in table.rows
    )


def _same(row: Row, general: str, side: str) -> bool:
    path = row.national if side == "national" else row.wco
    return path is not None and path.general == general


def _above(row: Row, general: str, side: str) -> bool:
    path = row.national if side == "national" else row.wco
    return path is not None and (general == path.general or general.startswith(f"{path.general}/"))


def ambiguous_templates(table: Table) -> Iterator[Fault]:
    """Templates whose parts are read by some row although their text can be taken apart in more than one way."""
    for template in table.templates.values():
        readers = [row for row in table.rows if _reads(row, template)]
        loose = loose_part(template) if readers else ""
        if loose:
            yield Fault(
                file=template.file or table.head_file,
                row=f"templates.{template.name}",
                code="mapping.template-ambiguous",
                message=f"the part {loose} can hold the character that should end it",
                remedy="give it a fixed length, put it last, or exclude the character from its pattern",
            )


def _reads(row: Row, template: Template) -> bool:
    read: list[Direction] = ["to-wco", "from-wco"]
    paths = [row.path(source_side(direction)) for direction in read if row.acts(direction)]
    return any(path is not None and path.template == template.name for path in paths)


def loose_part(template: Template) -> str:
    """Name of the first part that is not of fixed length, not last, and can hold what follows it; empty if none."""
    flat = list(_flatten(template.pieces))
    for position, piece in enumerate(flat):
        if not isinstance(piece, Part) or is_fixed_length(piece.pattern) or position == len(flat) - 1:
            continue
        following = flat[position + 1]
        if isinstance(following, Literally):
            if not following.text or can_hold(piece.pattern, following.text[0]):
                return piece.name
        elif not _disjoint_start(piece.pattern, following.pattern):
            return piece.name
    return ""


def _flatten(pieces: tuple[Piece, ...]) -> Iterator[Literally | Part]:
    for piece in pieces:
        if isinstance(piece, Maybe):
            yield from piece.pieces
        else:
            yield piece


def is_fixed_length(pattern: str) -> bool:
    """Whether a pattern matches texts of one length only; patterns other than one class with a count count as loose."""
    if "|" in pattern or any(sign in re.sub(r"\[[^\]]*\]", "", pattern) for sign in "*+?"):
        return False
    counts = re.findall(r"\{(\d+),(\d*)\}", pattern)
    return not counts or all(low == high for low, high in counts)


def can_hold(pattern: str, sign: str) -> bool:
    """Whether a text that matches the pattern can contain the character (classes with counts; others count as yes)."""
    body = re.sub(r"\{\d+(?:,\d*)?\}", "", pattern)
    classes = re.findall(r"\[(?:\\.|[^\]\\])+\]|\\.|[^\[\]()|*+?]", body)
    return any(_matches_one(each, sign) for each in classes)


def _matches_one(one: str, sign: str) -> bool:
    try:
        return re.fullmatch(one if len(one) > 1 or one == "." else re.escape(one), sign) is not None
    except re.error:
        return True


def _disjoint_start(pattern: str, following: str) -> bool:
    letters = [chr(code) for code in range(33, 127)]
    return not any(can_hold(pattern, letter) and can_hold(following, letter) for letter in letters)
