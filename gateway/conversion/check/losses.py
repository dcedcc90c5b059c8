"""What is copied fits, lists cover what the schema enumerates, and no row declares less loss than it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.codes.codelists import CodeList
from gateway.codes.date_forms import parse_form
from gateway.codes.dates import Precision
from gateway.conversion import arguments as a
from gateway.conversion.check.coverage import date_child
from gateway.conversion.model import Loss, Row, Table, worse
from gateway.conversion.verbs.clocks import holds_seconds
from gateway.findings import Fault
from gateway.formats.paths import Path
from gateway.formats.structure import SimpleType, Structure

_NUMBERS = ("decimal", "integer")


def type_at(path: Path | None, structure: Structure) -> SimpleType | None:
    """Type of the leaf or attribute at a path; None for a variable, a class, or a part of a templated text."""
    if path is None or path.variable or path.part:
        return None
    if not path.steps:
        attribute = structure.root.attribute_by_name.get(path.attribute)
        return attribute.type if attribute else None
    element = structure.find("/".join(step.name for step in path.steps))
    if element is None:
        return None
    element = date_child(element) or element
    if path.attribute:
        attribute = element.attribute_by_name.get(path.attribute)
        return attribute.type if attribute else None
    return element.type


def copies_that_do_not_fit(table: Table, national: Structure, wco: Structure) -> Iterator[Fault]:
    """Rows ``copy`` whose national text may be longer or wider than the WCO place (towards WCO).

    From WCO the national places are narrower almost everywhere; there the row refuses what does not fit, by name, when
    the message comes.
    """
    for row in table.rows:
        if row.verb != "copy" or not row.acts("to-wco"):
            continue
        source, target = type_at(row.national, national), type_at(row.wco, wco)
        reason = _misfit(source, target) if source is not None and target is not None else ""
        if reason:
            yield Fault(
                file=row.file,
                row=row.id,
                code="mapping.does-not-fit",
                message=f"copy: {reason}",
                remedy="use fit, number, code or another verb that says what happens then",
            )


def _misfit(source: SimpleType, target: SimpleType) -> str:
    if target.enumeration and not set(source.enumeration) <= set(target.enumeration):
        return "the target has a list of values that the source does not keep to"
    if target.enumeration:
        return ""
    if target.base in _NUMBERS:
        return _number_misfit(source, target)
    longest = longest_text(source)
    if target.max_length is not None and (longest is None or longest > target.max_length):
        return f"the target holds {target.max_length} characters, the source {longest or 'any number'}"
    return ""


def longest_text(type_: SimpleType) -> int | None:
    """Most characters a value of this type can have, None when unbounded."""
    if type_.enumeration:
        return max(map(len, type_.enumeration))
    if type_.base in _NUMBERS and type_.total_digits is not None:
        return type_.total_digits + 2
    return 5 if type_.base == "boolean" else type_.max_length


def _number_misfit(source: SimpleType, target: SimpleType) -> str:
    if source.base not in _NUMBERS:
        return "" if source.enumeration else "the target is a number, the source any text"
    whole_target = _whole_digits(target)
    whole_source = _whole_digits(source)
    if whole_target is not None and (whole_source is None or whole_source > whole_target):
        return f"the target holds {whole_target} digits before the point, the source more"
    if target.fraction_digits is not None and (
        source.fraction_digits is None or source.fraction_digits > target.fraction_digits
    ):
        return f"the target holds {target.fraction_digits} decimals, the source more"
    return ""


def _whole_digits(type_: SimpleType) -> int | None:
    if type_.total_digits is None:
        return None
    return type_.total_digits


def lists_with_gaps(table: Table, national: Structure, code_lists: Mapping[str, CodeList]) -> Iterator[Fault]:
    """Rows ``code`` whose source enumerates codes that the list does not hold, without an ``else``."""
    for row in table.rows:
        if not isinstance(row.argument, a.CodeArgument) or not row.acts("to-wco"):
            continue
        type_ = type_at(row.national, national)
        code_list = code_lists.get(row.argument.code_list)
        if type_ is None or code_list is None or row.argument.otherwise or row.argument.text is not None:
            continue
        missing = [code for code in type_.enumeration if not code_list.contains_national(code)]
        if missing:
            yield Fault(
                file=row.file,
                row=row.id,
                code="mapping.list-not-total",
                message=f"the schema allows {len(missing)} codes that the list {code_list.name} does not hold, "
                f"the first is {missing[0]!r}",
                remedy="add them to the list, or say what happens with else",
            )


def understated_losses(table: Table, national: Structure, wco: Structure) -> Iterator[Fault]:
    """Rows that declare less loss than their verb and the two types make possible."""
    for row in table.rows:
        true = true_loss(row, national, wco)
        if worse(row.loss, true) != row.loss:
            yield Fault(
                file=row.file,
                row=row.id,
                code="mapping.loss-understated",
                message=f"the row declares the loss {row.loss}, it can be {true}",
                remedy="declare the true loss and say why, or carry the rest elsewhere",
            )


def true_loss(row: Row, national: Structure, wco: Structure) -> Loss:
    """The worst loss that a row can have in the directions in which it acts."""
    match row.argument:
        case a.CalculateArgument():
            return "computed"
        case a.CodeArgument(otherwise=otherwise, text=text):
            return "coarser" if otherwise and text is None else "none"
        case a.DateArgument() as dated:
            return _date_loss(row, dated, national)
        case a.NumberArgument(digits=digits) if digits is not None:
            source = type_at(row.national, national)
            lossless = source is not None and source.fraction_digits is not None and source.fraction_digits <= digits
            return "none" if lossless else "rounded"
        case a.FitArgument(over=over) if over is not None and row.acts("to-wco"):
            return _overflow_loss(row, over, national, wco)
        case _:
            return "none"


def _overflow_loss(row: Row, over: Path, national: Structure, wco: Structure) -> Loss:
    source, place = type_at(row.national, national), type_at(over, wco)
    if source is None or place is None or place.max_length is None or isinstance(row.argument, a.ChunksArgument):
        return "none"
    longest = longest_text(source)
    in_pieces = isinstance(row.argument, a.FitArgument) and row.argument.in_pieces
    return "shortened" if not in_pieces and (longest is None or longest > place.max_length) else "none"


def _date_loss(row: Row, dated: a.DateArgument, national: Structure) -> Loss:
    """The loss between the finest of both sides; parts of a second beside a date go only where the row declares it."""
    loss: Loss = "none"
    ours, theirs = parse_form(dated.national).finest, parse_form(dated.wco).finest
    if dated.time_at is not None:
        clock = type_at(dated.time_at, national)
        ours = int(Precision.SECOND if holds_seconds(clock) else Precision.MINUTE)
    if row.acts("to-wco") and ours > theirs:
        loss = worse(loss, "rounded" if theirs >= Precision.SECOND else "coarser")
    # a time of day that is there but told to the minute has lost seconds only
    rounds_from = Precision.SECOND if dated.time_at is None else Precision.MINUTE
    if row.acts("from-wco") and theirs > ours:
        loss = worse(loss, "rounded" if ours >= rounds_from else "coarser")
    return loss
