"""One released or denied path, and which places of a message it reaches.

A path reads as it does in a mapping. A step without braces sees the entries that no mapping keeps apart by braces, so
allowing ``AdditionalDocument/ID`` does not allow what a mapping moved to ``AdditionalDocument{TypeCode=ZZZ}``. A denial
is broader on purpose: its step without braces sees every entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.agreement.transforms import PLAIN, Transform
from gateway.formats.paths import Path, Qualifier
from gateway.formats.structure import Element
from gateway.formats.tree import is_leaf, leaf_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One released path.

    Attributes:
        path: without loop letters; ends at a leaf, or at a class when ``whole``.
        clause: the clause that releases it.
        whole: everything below the class.
        personal: released although it is personal data.
        transform: what is done to its values.
        place: key in the agreement's file.
    """

    path: Path
    clause: str
    whole: bool = False
    personal: bool = False
    transform: Transform = PLAIN
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """One path that is held back, by a clause or because its home field is.

    Attributes:
        reason: stable word of the account: ``denied`` or ``home-withheld``.
        clause: the clause, or the home path that is not released.
    """

    path: Path
    clause: str
    reason: str = "denied"
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflow:
    """A place to which a mapping moves what its home field cannot hold; both are qualified canonical paths."""

    home: str
    over: str


def covers(rule: Path, path: Path, *, claims: Mapping[str, tuple[Qualifier, ...]] | None) -> bool:
    """Whether a rule's path (whole or leaf) reaches the leaf at ``path``; ``claims`` None reads it as a denial."""
    if len(rule.steps) > len(path.steps) or (rule.attribute and rule.attribute != path.attribute):
        return False
    if rule.attribute and len(rule.steps) != len(path.steps):
        return False
    general = ""
    for wanted, given in zip(rule.steps, path.steps, strict=False):
        general = f"{general}/{given.name}" if general else given.name
        if wanted.name != given.name:
            return False
        if wanted.qualifier is not None and wanted.qualifier != given.qualifier:
            return False
        claimed = claims is not None and given.qualifier in claims.get(general, ())
        if wanted.qualifier is None and given.qualifier is not None and claimed:
            return False
    return True


def matches(qualifier: Qualifier, entry: Any, element: Element | None) -> bool:
    """Whether an entry of a message is the one that braces name: by a child, or by an attribute.

    Values are compared by the schema's type, so that ``01`` finds the number 1 and blanks do not hide a code.
    """
    if qualifier.key.startswith("@"):
        text = entry.get(qualifier.key) if isinstance(entry, dict) else None
        return isinstance(text, str) and _plain(text) == _plain(qualifier.value)
    here, kind = entry, element
    for name in qualifier.key.split("/"):
        if not isinstance(here, dict) or name not in here:
            return False
        here = here[name]
        kind = kind.child(name) if kind is not None else None
    numeric = kind is not None and kind.type is not None and kind.type.base in {"decimal", "integer"}
    found = here if isinstance(here, list) else [here]
    return any(is_leaf(one) and _same(leaf_text(one), qualifier.value, numeric=numeric) for one in found)


def _same(text: str, wanted: str, *, numeric: bool) -> bool:
    if numeric:
        try:
            return Decimal(text.strip()) == Decimal(wanted)
        except InvalidOperation:
            return False
    return _plain(text) == _plain(wanted)


def _plain(text: str) -> str:
    return " ".join(text.split())
