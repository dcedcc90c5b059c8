"""What an amendment or cancellation asks for: which declaration, which places, for which reason (wco 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from gateway.case.anatomy import AMENDMENT, STATEMENT, class_of, declaration_of, declared, text_of
from gateway.case.pointers import Level, PointerUnresolved, Target, levels_of, lists_of, resolve_below
from gateway.case.saying import about
from gateway.findings import Finding, Severity
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries, leaf_text

Kind: TypeAlias = Literal["amendment", "cancellation"]

REQUEST = "13"
"""FunctionCode of a message that asks for a change of another (EDIFACT 1225)."""
AMENDMENT_TYPE, CANCELLATION_TYPE = "COR", "INV"
KINDS: dict[str, Kind] = {AMENDMENT_TYPE: "amendment", CANCELLATION_TYPE: "cancellation"}
FUNCTION, TYPE, NUMBER, REFERENCE, VERSION = "017", "D013", "D014", "D026", "383"
NEVER_CHANGED = frozenset({FUNCTION, TYPE, NUMBER, REFERENCE, VERSION})
"""Data elements with which an amendment speaks of itself: a new value of the declaration has no place in it."""
OF_ITSELF = frozenset({"D011", "17B", "61B"})
"""IssueDateTime, Submitter and Authentication: of the amendment, unless a pointer names them."""
_MANY = 10_000
"""New entries of one class in one amendment; more are not asked for by anybody."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changes.

    Attributes:
        at: 1-based position of its Amendment in the message.
        target: the place, in the declaration as it is before.
        reason: ChangeReasonCode, empty where it is missing.
    """

    at: int
    target: Target
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """A message that changes a declaration.

    Attributes:
        kind: amendment or cancellation; None where the message is neither.
        number: the declaration's number that it gives.
        reference: its own reference.
        changes: places that change, in the order of the message.
        reasons: ChangeReasonCodes of all its Amendments.
        content: the declaration of the message.
        explaining: 1-based positions of its AdditionalInformation that explain an Amendment.
        findings: what is wrong with the message itself.
    """

    kind: Kind | None
    number: str
    reference: str
    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    content: Tree
    explaining: frozenset[int] = frozenset()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Reader:
    structure: Structure
    root: Element
    declaration: Tree
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, path: str, message: str, **more: Any) -> None:
        self.findings.append(about(self.structure, code, path, message, **more))

    def changes(self, amendments: list[Tree], kind: Kind | None) -> tuple[Change, ...]:
        found = [change for at, entry in enumerate(amendments, 1) for change in self.changes_of(at, entry, kind)]
        return tuple(found)

    def changes_of(self, at: int, entry: Tree, kind: Kind | None) -> list[Change]:
        path = f"{self.root.key}/Amendment[{at}]"
        reason = _text(entry, "ChangeReasonCode")
        if not reason:
            self.say(
                "amend.reason-missing",
                path,
                "the amendment gives no reason",
                severity=Severity.WARNING,
                expected="ChangeReasonCode",
                remedy="give the reason as the office that receives it codes it",
            )
        levels = levels_of(entries(entry, "Pointer"))
        if kind == "cancellation":
            if levels:
                self.say(
                    "amend.pointer-unwanted",
                    f"{path}/Pointer[1]",
                    "a cancellation changes no single place",
                    expected="an Amendment without Pointer",
                    remedy="leave the pointers out, or send an amendment (COR)",
                )
            return []
        if not levels:
            self.unresolved(path, 0, _none())
            return []
        return [one for start, some in lists_of(levels) if (one := self.change(at, start, some, reason)) is not None]

    def change(self, at: int, start: int, levels: tuple[Level, ...], reason: str) -> Change | None:
        path = f"{self.root.key}/Amendment[{at}]"
        try:
            target = resolve_below(self.root, self.declaration, levels, _MANY)
        except PointerUnresolved as unresolved:
            self.unresolved(path, start, unresolved)
            return None
        inner = next((one for one, _ in target.steps[1:2] if one.annotation.wco_id == AMENDMENT), None)
        if inner is not None or (
            len(target.steps) == 1 and target.leaf is not None and target.leaf.annotation.wco_id in NEVER_CHANGED
        ):
            self.say(
                "amend.place-of-message",
                f"{path}/Pointer[{start + len(levels)}]",
                "this place speaks of the amendment itself and holds no new value of the declaration",
                expected="no FunctionCode, FunctionalReferenceID, ID, TypeCode, VersionID or Amendment",
                remedy="cancel the declaration and lodge it anew to change what identifies it",
            )
            return None
        return Change(at, target, reason)

    def unresolved(self, path: str, start: int, why: PointerUnresolved) -> None:
        place = f"{path}/Pointer[{start + why.level}]" if why.level else path
        self.say(why.stable_code, place, why.message, expected=why.expected, remedy=why.remedy)

    def explanations(self, statements: list[Tree], amendments: int) -> frozenset[int]:
        """Positions of the statements that explain an Amendment; each must explain one that is there."""
        explaining: set[int] = set()
        for at, entry in enumerate(statements, 1):
            levels = levels_of(entries(entry, "Pointer"))
            if not explains(entry):
                continue
            explaining.add(at)
            number = levels[-1].number
            if not 1 <= (number if number is not None else 1) <= amendments:
                self.say(
                    "amend.statement-unresolved",
                    f"{self.root.key}/AdditionalInformation[{at}]/Pointer[{len(levels)}]",
                    "the statement explains an Amendment that is not there",
                    severity=Severity.WARNING,
                    expected=f"SequenceNumeric from 1 to {amendments}" if amendments else "no such statement",
                    remedy="point at the Amendment that the statement explains",
                )
        return frozenset(explaining)


def _none() -> PointerUnresolved:
    return PointerUnresolved(
        "no pointer says which place is changed",
        level=0,
        code="amend.pointer-missing",
        expected="a list of Pointer from 42A down",
        remedy="name each place that changes by an Amendment of its own",
    )


def _text(entry: Tree, key: str) -> str:
    leaf = entry.get(key)
    return leaf_text(leaf).strip() if leaf is not None else ""


def explains(statement: Tree) -> bool:
    """Whether an AdditionalInformation says why an Amendment is asked for: its pointers end at one."""
    levels = levels_of(entries(statement, "Pointer"))
    return bool(levels) and levels[-1].section == AMENDMENT


def kind_of(structure: Structure, message: Tree) -> Kind | None:
    """Whether a message asks to change or to cancel another; None for every other message.

    Raises:
        NoDeclaration: it holds no declaration.
    """
    root, content = declaration_of(structure), declared(structure, message)
    return KINDS.get(text_of(root, content, TYPE)) if text_of(root, content, FUNCTION) == REQUEST else None


def read_request(structure: Structure, declaration: Tree, message: Tree) -> Request:
    """Read a message that changes a declaration.

    Args:
        structure: the format of both.
        declaration: the message that is changed.
        message: the amendment or cancellation.

    Raises:
        NoDeclaration: one of them holds no declaration.
    """
    root = declaration_of(structure)
    content = declared(structure, message)
    kind = kind_of(structure, message)
    reader = _Reader(structure, root, declared(structure, declaration))
    if kind is None:
        reader.say(
            "amend.kind",
            f"{root.key}/TypeCode",
            "the message asks neither for an amendment nor for a cancellation",
            expected="FunctionCode 13 and TypeCode COR or INV",
            remedy="send the change as an amendment (COR) or a cancellation (INV), after what it changes",
        )
    amendments = entries(content, _key(root, AMENDMENT))
    if not amendments and kind is not None:
        reader.say(
            "amend.none",
            root.key,
            "the message holds no Amendment",
            expected="an Amendment for each change; one with a reason for a cancellation",
            remedy="say by Amendment and Pointer which places change",
        )
    return Request(
        kind,
        text_of(root, content, NUMBER),
        text_of(root, content, REFERENCE),
        reader.changes(amendments, kind),
        tuple(dict.fromkeys(reason for one in amendments if (reason := _text(one, "ChangeReasonCode")))),
        content,
        reader.explanations(entries(content, _key(root, STATEMENT)), len(amendments)),
        tuple(reader.findings),
    )


def _key(root: Element, section: str) -> str:
    found = class_of(root, section)
    return found.key if found is not None else ""
