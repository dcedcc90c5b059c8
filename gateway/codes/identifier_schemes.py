"""Identifier schemes as data on few engines: is this a well-formed container number, account number, company code.

A scheme names the pattern of the whole, and an engine with its numbers:

* ``weighted``: values of the characters by their place in ``alphabet``, times ``weights``, summed, modulo ``modulus``;
  ``checks`` holds the check character of each remainder, so every published rule ("11 minus the remainder, 10 is X")
  is one row of data. Schemes inside it (``parts``) carry check characters of their own.
* ``luhn``: the last digit makes the sum of all digits, every second one from the right doubled and its digits added,
  a multiple of ten (ISO/IEC 7812-1).
* ``mod97``: ISO 7064 MOD 97-10 with the two check digits in places 3 and 4 and the first four characters moved last.
* ``pattern``: the pattern alone, for identifiers without a public check character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import mul
from typing import Literal

Engine = Literal["weighted", "luhn", "mod97", "pattern"]
ENGINES: tuple[Engine, ...] = ("weighted", "luhn", "mod97", "pattern")


@dataclass(frozen=True, slots=True)
class Part:
    """Characters ``first`` to ``last`` (1-based, inclusive) of an identifier that are one of another scheme."""

    first: int
    last: int
    scheme: IdentifierScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierScheme:
    """One scheme.

    Attributes:
        name: what conditions (``is iso6346``) and hints call it.
        pattern: regular expression of the whole identifier.
        body: regular expression (XSD's) of the identifier without its check characters, for those who make one.
        engine: see the module.
        alphabet: characters by value; a blank holds the place of a value that no character has.
        weights: one for each character of the body, in order.
        modulus: of the weighted sum.
        checks: check character by remainder.
        parts: schemes inside this one.
        title: one sentence for people.
        source: where the rule comes from.
    """

    name: str
    pattern: re.Pattern[str]
    body: str = ""
    engine: Engine = "pattern"
    alphabet: str = ""
    weights: tuple[int, ...] = ()
    modulus: int = 0
    checks: str = ""
    parts: tuple[Part, ...] = ()
    title: str = ""
    source: str = ""
    _values: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = {sign: value for value, sign in enumerate(self.alphabet) if sign != " "}
        object.__setattr__(self, "_values", values)

    def is_valid(self, text: str) -> bool:
        """Whether the text has the scheme's shape and its check characters are right."""
        if self.pattern.fullmatch(text) is None:
            return False
        if self.parts and not all(part.scheme.is_valid(text[part.first - 1 : part.last]) for part in self.parts):
            return False
        if self.engine == "weighted":
            return self._check_of(text[:-1]) == text[-1]
        if self.engine == "luhn":
            return _luhn(text[:-1]) == text[-1]
        return self.engine == "pattern" or _remainder_97(text) == 1

    def complete(self, body: str) -> str | None:
        """The whole identifier of a body without check characters.

        Check characters of the parts inside are set right; what stood in their place is overwritten.

        Returns:
            None when the body cannot be completed: a character outside the alphabet, a wrong length, a part or a whole
            that does not fit its pattern, a remainder without a check character.
        """
        for part in self.parts:
            inner = part.scheme.complete(body[part.first - 1 : part.last - 1])
            if inner is None or len(body) < part.last:
                return None
            body = body[: part.first - 1] + inner + body[part.last :]
        whole: str | None = body
        if self.engine == "weighted":
            check = self._check_of(body)
            whole = None if check is None else body + check
        elif self.engine == "luhn":
            check = _luhn(body)
            whole = None if check is None else body + check
        elif self.engine == "mod97":
            whole = _with_97(body)
        return whole if whole is not None and self.is_valid(whole) else None

    def _check_of(self, body: str) -> str | None:
        if len(body) != len(self.weights):
            return None
        try:
            total = sum(map(mul, map(self._values.__getitem__, body), self.weights))
        except KeyError:
            return None
        check = self.checks[total % self.modulus]
        return None if check == " " else check


def _luhn(body: str) -> str | None:
    """The check digit behind these digits; None where there is another character."""
    if not body.isascii() or not body.isdigit():
        return None
    doubled = "".join(str(int(digit) * 2) for digit in body[-1::-2])
    total = sum(int(digit) for digit in doubled) + sum(int(digit) for digit in body[-2::-2])
    return str(-total % 10)


def _remainder_97(text: str) -> int:
    moved = text[4:] + text[:4]
    if not moved.isascii() or not moved.isalnum():
        return -1
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97


def _with_97(body: str) -> str | None:
    """The body with two check digits put in after its first two characters."""
    remainder = _remainder_97(f"{body[:2]}00{body[2:]}")
    return None if remainder < 0 else f"{body[:2]}{98 - remainder:02}{body[2:]}"
