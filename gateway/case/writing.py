"""Write the amendment that turns one version of a declaration into another: the inverse of applying one (wco 10).

Each place that differs gets an Amendment with its pointers, as fine as WCO ids allow: a data element by its tag, an
entry as a whole where it is new or gone. What has no WCO id of its own, or cannot be told apart, is carried by the
nearest class above that can be pointed at; in the end the whole declaration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.case.anatomy import (
    AMENDMENT,
    DECLARATION,
    STATEMENT,
    class_of,
    declaration_of,
    declared,
    is_class,
    number_element,
    text_of,
)
from gateway.case.differences import aligned
from gateway.case.entries import numbers_of
from gateway.case.request import AMENDMENT_TYPE, NEVER_CHANGED, NUMBER, REQUEST, VERSION, explains
from gateway.errors import ContentRefused, GatewayError
from gateway.formats.fit import fit
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries

FREE_TEXT_REASON = "AES"
"""StatementTypeCode of the statement that gives the reason of an amendment in words (wco 10)."""


class CannotExpress(ContentRefused):
    """No amendment can say this change."""

    code = "amend.cannot-express"


class _AsWhole(GatewayError):
    """The change can only be said by the class above; never leaves this module."""

    code = "amend.as-whole"


@dataclass(frozen=True, slots=True)
class _Place:
    """A list of pointers in the making: (section, position) a level."""

    levels: tuple[tuple[str, int], ...]

    def below(self, element: Element, position: int = 1) -> _Place:
        return _Place((*self.levels, (element.annotation.wco_id, position)))

    def pointers(self, tag: str = "") -> list[Tree]:
        listed: list[Tree] = [
            {"SequenceNumeric": str(position), "DocumentSectionCode": section} for section, position in self.levels
        ]
        if tag:
            listed[-1]["TagID"] = tag
        return listed


@dataclass(frozen=True, slots=True)
class _Said:
    """How a change is said.

    Attributes:
        content: of the amendment at the place, None for none.
        pointers: its pointer lists.
        whole: whether they name the class itself.
    """

    content: Any
    pointers: list[list[Tree]]
    whole: bool = False


def amendment_of(
    structure: Structure,
    before: Tree,
    after: Tree,
    *,
    reference: str,
    reason: str,
    number: str = "",
    statement: str = "",
) -> Tree:
    """The amendment message (COR) that turns one version of a declaration into another.

    `apply` of it to ``before`` gives ``after``, but for a VersionID, which is counted on from that of ``before``.

    Args:
        structure: the format of both and of the amendment.
        before: the whole message as it is.
        after: the whole message as it should be.
        reference: FunctionalReferenceID of the amendment, at most 35 characters.
        reason: ChangeReasonCode for every change, as the receiving office codes it.
        number: the declaration's number where it has no ID.
        statement: the reason in words.

    Raises:
        CannotExpress: the versions are the same, or differ in what identifies a declaration or in its Amendments.
        NoDeclaration: one of them holds no declaration.
    """
    root = declaration_of(structure)
    old, new = declared(structure, before), declared(structure, after)
    _check_sayable(root, old, new)
    said = _whole_or_parts(root, old, new, _Place(((DECLARATION, 1),)))
    if not said.pointers:
        raise CannotExpress("the two versions are the same", remedy="hand in two versions that differ")
    itself: Tree = {"FunctionCode": REQUEST, "FunctionalReferenceID": reference, "TypeCode": AMENDMENT_TYPE}
    known = text_of(root, old, NUMBER) or number
    if known:
        itself["ID"] = known
    changes: list[Tree] = [{"ChangeReasonCode": reason, "Pointer": one} for one in said.pointers]
    content = {**said.content, **itself, "Amendment": changes}
    if statement:
        statements = class_of(root, STATEMENT)
        key = statements.key if statements is not None else "AdditionalInformation"
        content[key] = [*_statements(statement, len(changes)), *content.get(key, [])]
    envelope = {**before[structure.root.key], root.key: content}
    tree, _ = fit(structure, {structure.root.key: envelope}, as_tree=True)
    return tree if tree is not None else {structure.root.key: envelope}


def _statements(text: str, count: int) -> list[Tree]:
    return [
        {
            "StatementDescription": text,
            "StatementTypeCode": FREE_TEXT_REASON,
            "Pointer": _Place(((DECLARATION, 1), (AMENDMENT, at))).pointers(),
        }
        for at in range(1, count + 1)
    ]


def _check_sayable(root: Element, old: Tree, new: Tree) -> None:
    for child in root.children:
        one, other = old.get(child.key), new.get(child.key)
        if one == other or child.annotation.wco_id == VERSION:
            continue
        if child.annotation.wco_id in NEVER_CHANGED or child.annotation.wco_id == AMENDMENT:
            raise CannotExpress(
                "this place speaks of the amendment itself, so no amendment can give it a new value",
                path=f"{root.key}/{child.key}",
                remedy="cancel the declaration and lodge it anew",
            )
        if child.annotation.wco_id == STATEMENT and any(explains(entry) for entry in entries(new, child.key)):
            raise CannotExpress(
                "a statement that points at an Amendment explains it and cannot itself be amended",
                path=f"{root.key}/{child.key}",
                remedy="leave the pointers of the statement out",
            )


def _whole_or_parts(element: Element, old: Tree, new: Tree, place: _Place) -> _Said:
    """A class that is there before and after: its parts where they can be pointed at, else as a whole."""
    try:
        return _parts(element, old, new, place)
    except _AsWhole:
        if len(place.levels) > 1:
            return _Said(new, [place.pointers()], whole=True)
        kept = (*NEVER_CHANGED, AMENDMENT)
        content = {key: one for key, one in new.items() if element.by_key[key].annotation.wco_id not in kept}
        return _Said(content, [place.pointers()], whole=True)


def _parts(element: Element, old: Tree, new: Tree, place: _Place) -> _Said:
    if any(old.get(f"@{one.name}") != new.get(f"@{one.name}") for one in element.attributes):
        raise _AsWhole("this change can only be said by the class above")
    content: Tree = {}
    pointers: list[list[Tree]] = []
    counted = number_element(element)
    top = len(place.levels) == 1
    for child in element.children:
        before, after = old.get(child.key), new.get(child.key)
        if before == after or (top and child.annotation.wco_id in NEVER_CHANGED):
            continue
        if not child.annotation.wco_id or (counted is not None and child is counted):
            raise _AsWhole("this change can only be said by the class above")
        said = _child(child, before, after, place)
        if said.content is not None:
            content[child.key] = said.content
        pointers += said.pointers
    return _Said({**_due(element, old, new), **content} if pointers and not top else content, pointers)


def _due(element: Element, old: Tree, new: Tree) -> Tree:
    """What the schema asks for in every entry, where it stays as it is: context of a change beside it."""
    attributes = {f"@{one.name}" for one in element.attributes if one.required}
    keys = attributes | {child.key for child in element.children if child.minimum}
    return {key: new[key] for key in keys if key in new and old.get(key) == new[key]}


def _child(child: Element, before: Any, after: Any, place: _Place) -> _Said:
    if not is_class(child):
        return _Said(after, [place.pointers(child.annotation.wco_id)])
    if child.repeats:
        return _entries(child, before or [], after or [], place)
    if before is None or after is None:
        return _Said(after, [place.below(child).pointers()])
    return _whole_or_parts(child, before, after, place.below(child))


def _entries(element: Element, old: Sequence[Tree], new: Sequence[Tree], place: _Place) -> _Said:
    """Entries of a repeated class, each paired with what it was."""
    numbered = numbers_of(element, old) is not None
    if numbered and numbers_of(element, new) is None:
        raise _AsWhole("this change can only be said by the class above")
    pairs = list(aligned(element, old, new))
    if [other for _, _, other in pairs if other is not None] != list(new):
        raise _AsWhole("this change can only be said by the class above")
    said = [_entry(element, *pair, place) for pair in pairs if pair[1] != pair[2]]
    pointers = [pointer for one in said for pointer in one.pointers]
    gone = [one for one in said if one.content is None]
    if numbered or not gone or len(gone) == len(said):
        contents = [one.content for one in said if one.content is not None]
    elif any(child.minimum for child in element.children):
        raise _AsWhole("this change can only be said by the class above")
    else:
        contents = [one.content or {} for one in said]
    if not numbered and len(said) > 1 and any(one.whole and one.content == {} for one in said):
        raise _AsWhole("this change can only be said by the class above")
    return _Said(contents or None, pointers)


def _entry(element: Element, position: int, old: Tree | None, new: Tree | None, place: _Place) -> _Said:
    """One entry of a repeated class, with its own number, by which it is found."""
    place = place.below(element, position)
    if old is None or new is None:
        return _Said(new, [place.pointers()], whole=True)
    said = _whole_or_parts(element, old, new, place)
    counted = number_element(element)
    if said.whole or counted is None or counted.key not in old:
        return said
    return _Said({counted.key: old[counted.key], **said.content}, said.pointers)
