"""The path language that mappings, agreements and findings share.

    Declaration/Consignment[c]/Consignee/Name            a letter names a loop of the mapping's head
    .../Consignment[every c]/..., [first c], [one], [c.n] how a step that repeats on one side only lines up
    AdditionalInformation{StatementTypeCode=CNM}/...      the entry with this fixed content
    ID{@schemeID=RU-KPP}, Seal{SequenceNumeric=2}         the same by attribute or by number
    TotalPackageQuantity@unitCode, /@calendar             an attribute; the root's own attribute
    Declaration/ID~reg.post                               one part of a text whose template stands in the head
    $message/reference, $agreement/id, $partner/NAME      what the exchange itself knows

Paths are written from below the document element. This module only reads and prints them; what a letter or a template
means is the mapping's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gateway.errors import GatewayError

Mode = Literal["plain", "loop", "every", "first", "one"]

_STEP = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)"
    r"(?:\{(?P<key>@?[A-Za-z_][\w./:-]*)=(?P<value>[^{}]*)\})?"
    r"(?:\[(?:(?P<mode>every|first) )?(?P<loop>one|[a-z][\w]*(?:\.[a-z][\w]*)?)\])?"
    r"$"
)
_VARIABLE = re.compile(r"\$(?P<scope>message|agreement|partner)/(?P<name>[A-Za-z][\w-]*)$")
_PART = re.compile(r"(?P<path>.*)~(?P<template>[A-Za-z][\w-]*)\.(?P<part>[A-Za-z][\w-]*)$", re.DOTALL)


class PathSyntaxError(GatewayError):
    """A path that the path language does not know."""

    code = "path.syntax"


@dataclass(frozen=True, slots=True)
class Qualifier:
    """``{StatementTypeCode=CNM}``: the entry whose ``key`` (a child, or an ``@attribute``) holds ``value``."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{{{self.key}={self.value}}}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: an element, perhaps only the qualified entry of it, perhaps lined up with a loop.

    ``loop`` holds the letter (``c``, or ``c.n`` for pairs); it is empty for the modes ``plain`` and ``one``.
    """

    name: str
    qualifier: Qualifier | None = None
    mode: Mode = "plain"
    loop: str = ""

    def __str__(self) -> str:
        mark = {
            "plain": "",
            "one": "[one]",
            "loop": f"[{self.loop}]",
            "every": f"[every {self.loop}]",
            "first": f"[first {self.loop}]",
        }[self.mode]
        return f"{self.name}{self.qualifier or ''}{mark}"


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path.

    Attributes:
        steps: empty for a variable or the root's own attribute.
        attribute: attribute name without ``@``, empty when the path ends at an element.
        template, part: set for one part of a templated text.
        variable: ``message/reference`` and the like, for a path that begins with ``$``.
    """

    steps: tuple[Step, ...] = ()
    attribute: str = ""
    template: str = ""
    part: str = ""
    variable: str = ""

    def __str__(self) -> str:
        if self.variable:
            return f"${self.variable}"
        text = "/".join(str(step) for step in self.steps)
        if self.attribute:
            text = f"{text}@{self.attribute}" if text else f"/@{self.attribute}"
        return f"{text}~{self.template}.{self.part}" if self.template else text

    @property
    def general(self) -> str:
        """The path with names and attribute only: the key of the path dictionary."""
        text = "/".join(step.name for step in self.steps)
        if self.attribute:
            return f"{text}@{self.attribute}" if text else f"/@{self.attribute}"
        return text

    @property
    def qualified(self) -> str:
        """The path with names and braces but without loop letters and parts: what agreements write."""
        text = "/".join(f"{step.name}{step.qualifier or ''}" for step in self.steps)
        if self.attribute:
            return f"{text}@{self.attribute}" if text else f"/@{self.attribute}"
        return text

    @property
    def whole(self) -> Path:
        """The same path without its template part."""
        return Path(self.steps, self.attribute)


def parse_path(text: str) -> Path:
    """Read a path of the path language.

    Raises:
        PathSyntaxError: naming the step that cannot be read.
    """
    if text.startswith("$"):
        variable = _VARIABLE.match(text)
        if variable is None:
            raise PathSyntaxError(
                f"{text!r} is not a variable", remedy="known are $message/..., $agreement/id and $partner/NAME"
            )
        return Path(variable=f"{variable['scope']}/{variable['name']}")
    part = _PART.match(text)
    if part is not None:
        whole = parse_path(part["path"])
        return Path(whole.steps, whole.attribute, part["template"], part["part"])
    body, _, attribute = _split_attribute(text)
    if not body:
        if not attribute:
            raise PathSyntaxError("an empty path", remedy="name an element below the root, or /@attribute")
        return Path(attribute=attribute)
    return Path(tuple(_parse_step(step, text) for step in _split_steps(body)), attribute)


def _split_attribute(text: str) -> tuple[str, str, str]:
    if text.startswith("/@"):
        return "", "@", text[2:]
    cut = text.rfind("@")
    if cut < 0 or cut < text.rfind("}") or cut < text.rfind("]") or text.rfind("{") > text.rfind("}"):
        return text, "", ""
    return text[:cut], "@", text[cut + 1 :]


def _split_steps(text: str) -> list[str]:
    steps: list[str] = []
    depth = 0
    start = 0
    for at, sign in enumerate(text):
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif sign == "/" and depth == 0:
            steps.append(text[start:at])
            start = at + 1
    steps.append(text[start:])
    return steps


def _parse_step(step: str, whole: str) -> Step:
    match = _STEP.match(step)
    if match is None:
        raise PathSyntaxError(
            f"cannot read the step {step!r} of the path {whole!r}",
            path=whole,
            remedy="a step is a name, then {key=value}, then [letter], [every letter], [first letter] or [one]",
        )
    qualifier = Qualifier(match["key"], match["value"]) if match["key"] else None
    loop = match["loop"] or ""
    mode: Mode = "plain"
    if loop == "one":
        mode, loop = "one", ""
    elif match["mode"]:
        mode = "every" if match["mode"] == "every" else "first"
    elif loop:
        mode = "loop"
    return Step(match["name"], qualifier, mode, loop)
