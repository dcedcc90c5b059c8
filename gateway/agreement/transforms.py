"""How a released value may be made less telling: masked, hashed with the agreement's secret, or coarsened.

A transform never yields more than its name says: what it cannot do to a value it answers with ``None``, and the leaf
is withheld. A plain digest is not among them: names and numbers of traders can be guessed and compared with it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Literal, TypeAlias

from gateway.errors import GatewayError
from gateway.formats.structure import SimpleType

Kind = Literal["none", "mask", "hash", "first", "to", "year", "month", "day"]

_HASH_LENGTH = 32
_SHORTEST_HASH = 16
_MASK = "****"
_WORDS = re.compile(
    r"(?P<plain>none|hash)$|mask(?: (?P<mask>\d{1,2}))?$|coarsen (?:first (?P<first>\d{1,2})|to (?P<to>\d{1,12})"
    r"|(?P<date>year|month|day))$"
)
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{0,20})?$")
_DATE_FORMS: dict[str, tuple[int, str]] = {"year": (4, "602"), "month": (6, "610"), "day": (8, "102")}
"""Digits kept of a date written year first without signs, and the code of UN/EDIFACT 2379 that says so."""


class TransformSyntaxError(GatewayError):
    """A transform that is not in the closed set."""

    code = "agreement.unknown-transform"


@dataclass(frozen=True, slots=True)
class Transform:
    """What is done to a value before it leaves.

    Attributes:
        kind: ``none``; ``mask`` keeps the last ``size`` characters; ``hash``; ``first`` keeps the first ``size``
            characters; ``to`` rounds a number to multiples of ``size``; ``year``, ``month``, ``day`` shorten a date.
        size: the number of the kind, 0 where it has none.
    """

    kind: Kind = "none"
    size: int = 0

    def __str__(self) -> str:
        if self.kind in {"none", "hash"}:
            return self.kind
        if self.kind == "mask":
            return f"mask {self.size}"
        return f"coarsen {self.kind} {self.size}" if self.size else f"coarsen {self.kind}"


PLAIN = Transform()
Result: TypeAlias = tuple[str, dict[str, str]] | None


def parse_transform(text: str) -> Transform:
    """Read ``none``, ``mask 4``, ``hash``, ``coarsen first 6``, ``coarsen to 1000`` or ``coarsen year|month|day``.

    Raises:
        TransformSyntaxError: for anything else.
    """
    match = _WORDS.match(text)
    if match is None:
        raise TransformSyntaxError(
            f"{text!r} is not a transform",
            remedy="known are none, mask N, hash, coarsen first N, coarsen to N, coarsen year, month or day",
        )
    if match["plain"]:
        return Transform("hash" if match["plain"] == "hash" else "none")
    if match["date"]:
        return {"year": Transform("year"), "month": Transform("month"), "day": Transform("day")}[match["date"]]
    if match["first"]:
        return _sized("first", match["first"])
    return _sized("to", match["to"]) if match["to"] else Transform("mask", int(match["mask"] or 0))


def _sized(kind: Literal["first", "to"], digits: str) -> Transform:
    if int(digits) == 0:
        raise TransformSyntaxError("a size of 0 leaves nothing", remedy="name 1 or more, or do not list the field")
    return Transform(kind, int(digits))


def objection(transform: Transform, leaf: SimpleType) -> str:
    """Why the transform cannot be done to leaves of this type; empty when it can."""
    text = leaf.base in {"string", "token"}
    if transform.kind == "to":
        return "" if leaf.base in {"decimal", "integer"} else "only a number can be rounded to a multiple"
    if transform.kind in _DATE_FORMS:
        return "" if text else "only a date written as text with a format code can be shortened"
    if transform.kind != "none" and (not text or leaf.enumeration):
        return "only free text can be masked, hashed or cut"
    needed = {"mask": len(_MASK) + transform.size, "hash": _SHORTEST_HASH}.get(transform.kind, 0)
    if leaf.max_length is not None and leaf.max_length < needed:
        return f"the field holds {leaf.max_length} characters, {transform} needs {needed}"
    return ""


def apply(transform: Transform, text: str, attributes: dict[str, str], *, longest: int | None, secret: bytes) -> Result:
    """Do the transform to one leaf.

    Args:
        transform: what to do.
        text: the leaf's text.
        attributes: its attributes, with ``@``; a date's ``@formatCode`` may change with it.
        longest: most characters that the field holds, None for no limit.
        secret: the agreement's secret key, used by ``hash`` only.

    Returns:
        The new text and attributes, or None when this value cannot be transformed and must not leave.
    """
    if transform.kind == "none":
        return text, attributes
    if transform.kind == "mask":
        kept = text[-transform.size :] if transform.size and len(text) > 2 * transform.size else ""
        return _MASK + kept, attributes
    if transform.kind == "hash":
        digest = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
        return digest[: min(_HASH_LENGTH, longest or _HASH_LENGTH)], attributes
    if transform.kind == "first":
        return text[: transform.size], attributes
    if transform.kind == "to":
        rounded = _multiple(text, transform.size)
        return None if rounded is None else (rounded, attributes)
    return _shorter_date(transform.kind, text, attributes)


def _multiple(text: str, size: int) -> str | None:
    if _PLAIN_NUMBER.match(text) is None:
        return None
    try:
        value = Decimal(text)
        steps = (value / size).to_integral_value(rounding=ROUND_HALF_EVEN)
    except InvalidOperation:
        return None
    return f"{Context(prec=60).multiply(steps, Decimal(size)):f}"


def _shorter_date(kind: str, text: str, attributes: dict[str, str]) -> Result:
    length, code = _DATE_FORMS[kind]
    if not (text.isascii() and text.isdecimal()) or len(text) < length or "@formatCode" not in attributes:
        return None
    return text[:length], {**attributes, "@formatCode": code}
