"""Examples beside an agreement: what must be permitted and what must be refused, in a form a lawyer can check.

Each file of ``<agreement>.examples/`` is one story. They are run whenever the data folders are checked, so a change of
terms that alters what leaves shows itself before it goes live.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Strict, StringConstraints, ValidationError, model_validator

from gateway.agreement.agreement import Agreement
from gateway.agreement.fields import matches
from gateway.agreement.places import leaf_path
from gateway.agreement.policy import explain
from gateway.agreement.release import release
from gateway.agreement.terms import Direction, Name, Terms, Text
from gateway.findings import Fault
from gateway.formats.paths import Path, PathSyntaxError, parse_path
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries, is_leaf, leaf_text, root_of

EXAMPLE_SECRET = b"made for examples; no agreement's key"
"""Stands in for the agreement's secret, so that examples of hashed fields give the same text each time."""


class Example(Terms):
    """One story.

    Attributes:
        title: what it shows.
        expect: ``allowed`` or ``refused``.
        code: code of the refusal, for ``refused``.
        type, direction, purpose: the message as it is announced.
        at: moment of release or receipt, with its offset.
        message: file with a message beside the example, in any format the catalogue reads; none when the decision
            alone is the point.
        released: paths of which at least one leaf must leave.
        withheld: paths that the message holds and of which no leaf may leave.
    """

    title: Text
    expect: Literal["allowed", "refused"]
    code: str = ""
    type: Name
    direction: Direction
    purpose: str
    at: Annotated[datetime, Strict()]
    message: Annotated[str, StringConstraints(pattern=r"^([\w-][\w.-]*)?$")] = ""
    released: tuple[Text, ...] = ()
    withheld: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.expect == "refused" and not self.code.startswith("agreement."):
            raise ValueError("a refused example names the code of the refusal")
        if (self.released or self.withheld) and not self.message:
            raise ValueError("an example that speaks of fields needs a message")
        if self.at.utcoffset() is None:
            raise ValueError("the time needs its offset from UTC")
        return self


def read_example(content: bytes, file: str) -> tuple[Example | None, tuple[Fault, ...]]:
    """Read one example, with every fault of its shape."""
    try:
        return Example.model_validate(tomllib.loads(content.decode("utf-8-sig"))), ()
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        return None, (Fault(file=file, code="agreement.example", message=f"not TOML: {problem}"),)
    except ValidationError as problems:
        return None, tuple(
            Fault(file=file, row=".".join(map(str, one["loc"])), code="agreement.example", message=one["msg"])
            for one in problems.errors()
        )


def run_example(
    example: Example, agreement: Agreement, file: str, *, tree: Tree | None = None, structure: Structure | None = None
) -> tuple[Fault, ...]:
    """Run one example under one version of an agreement.

    Args:
        example: the story.
        agreement: the version it stands beside.
        file: the example's file, for faults.
        tree: its message in the canonical form, None when it has none.
        structure: structure of the canonical form.

    Returns:
        What came out otherwise than the example says; empty when it holds.
    """
    answer = explain(
        [agreement],
        partner=agreement.terms.partner,
        direction=example.direction,
        message_type=example.type,
        purpose=example.purpose,
        at=example.at,
    )
    expected = example.code if example.expect == "refused" else "agreement.permitted"
    if answer.code != expected:
        text = f"{agreement.label} answers {answer.code}, the example expects {expected}"
        return (Fault(file=file, row="expect", code="agreement.example-fails", message=text),)
    if answer.permission is None or tree is None or structure is None:
        return ()
    made = release(answer.permission, tree, structure, secret=EXAMPLE_SECRET)
    faults = [_held_back(path, made.tree, structure, file) for path in example.released]
    faults += [_let_out(path, tree, made.tree, structure, file) for path in example.withheld]
    return tuple(fault for fault in faults if fault is not None)


def _held_back(path: str, sent: Tree, structure: Structure, file: str) -> Fault | None:
    return None if _found(path, sent, structure) else _fails(file, "released", f"nothing leaves at {path}")


def _let_out(path: str, message: Tree, sent: Tree, structure: Structure, file: str) -> Fault | None:
    if not _found(path, message, structure):
        return _fails(file, "withheld", f"the message holds nothing at {path}: the example proves nothing")
    return _fails(file, "withheld", f"what stands at {path} leaves") if _found(path, sent, structure) else None


def _fails(file: str, row: str, message: str) -> Fault:
    return Fault(file=file, row=row, code="agreement.example-fails", message=message)


def _found(text: str, message: Tree, structure: Structure) -> list[str]:
    try:
        path = leaf_path(parse_path(text), structure)
    except PathSyntaxError:
        return []
    return texts_at(path, message, structure)


def texts_at(path: Path, message: Tree, structure: Structure) -> list[str]:
    """The texts of all leaves of a message that a path without loop letters reaches."""
    here: list[tuple[Any, Element | None]] = [(root_of(message), structure.root)]
    for step in path.steps:
        below: list[tuple[Any, Element | None]] = []
        for parent, element in here:
            child = element.child(step.name) if element is not None else None
            found = entries(parent, step.name) if isinstance(parent, dict) else []
            kept = [one for one in found if step.qualifier is None or matches(step.qualifier, one, child)]
            below += [(one, child) for one in kept]
        here = below
    if path.attribute:
        return [one[f"@{path.attribute}"] for one, _ in here if isinstance(one, dict) and f"@{path.attribute}" in one]
    return [leaf_text(one) for one, _ in here if is_leaf(one)]
