"""Strict parsing of JSON: what a stranger sent becomes plain objects in which every number keeps its text.

Stricter than the standard library, because two readers of one document must never see two messages: UTF-8 only, no byte
order mark, no repeated member, no NaN or Infinity, no exponent, no lone surrogate, bounded depth and numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from gateway.errors import MalformedMessage, MessageTooLarge, Refusal
from gateway.formats.json_places import ends_early, find_value, innermost_open, safe_name
from gateway.formats.limits import DEFAULT_LIMITS, ParseLimits

__all__ = ["JsonNumber", "parse_json", "safe_name"]


class JsonNumber(str):
    """A JSON number by its text; told apart from a JSON string by its class."""

    __slots__ = ()


_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")
_CONSTANTS = ("NaN", "Infinity", "-Infinity")


def parse_json(data: bytes, limits: ParseLimits = DEFAULT_LIMITS) -> Any:
    """Parse a JSON document that nobody vouches for.

    Args:
        data: the document as it came.
        limits: see `ParseLimits`.

    Returns:
        dicts, lists, strings, booleans, None, and `JsonNumber` for numbers.

    Raises:
        MessageTooLarge: more bytes, levels or members, or a longer number than the limits allow.
        MalformedMessage: not JSON, or JSON that two readers could read differently (``parse.*``).
    """
    if len(data) > limits.bytes:
        raise MessageTooLarge(
            f"the document has more than {limits.bytes} bytes", code="parse.too-large", remedy="send it in parts"
        )
    text = _decode(data)
    _check_depth(data, limits)
    return _Reader(limits).read(text)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise MalformedMessage(
            "the document begins with a byte order mark", code="parse.byte-order-mark", remedy="write UTF-8 without it"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedMessage(
            f"the bytes are not UTF-8 (line {line})",
            code="parse.encoding",
            path=innermost_open(data[: error.start].decode("utf-8"), error.start),
            line=line,
            remedy="write the document in UTF-8",
        ) from None


def _check_depth(data: bytes, limits: ParseLimits) -> None:
    openings = data.count(b"{") + data.count(b"[")
    if openings + data.count(b",") > limits.elements:
        raise MessageTooLarge(
            f"the document has more than {limits.elements} values",
            code="parse.too-many-elements",
            remedy="send it in parts",
        )
    if openings <= limits.depth:
        return
    depth = 0
    for token in _TOKEN.finditer(data):
        sign = token.group()
        if sign in (b"{", b"["):
            depth += 1
            if depth > limits.depth:
                raise MessageTooLarge(
                    f"objects and arrays are nested deeper than {limits.depth} levels",
                    code="parse.too-deep",
                    remedy="no message of ours is nested that deep",
                )
        elif sign in (b"}", b"]"):
            depth -= 1


class _Reader:
    """One reading: collects what the hooks of the standard library meet and knows nothing else."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._repeated: dict[int, str] = {}

    def read(self, text: str) -> Any:
        """Parse and check."""
        try:
            value = json.loads(
                text,
                object_pairs_hook=self._pairs,
                parse_float=self._number,
                parse_int=self._number,
                parse_constant=_no_constant,
            )
        except json.JSONDecodeError as error:
            raise _not_json(text, error) from None
        except _NumberFault as fault:
            raise fault.placed(find_value(text, fault.concerns)) from None
        except RecursionError:
            raise MessageTooLarge("objects and arrays are nested too deep", code="parse.too-deep") from None
        if self._repeated:
            self._refuse_repeated(value)
        if _SURROGATE_ESCAPE.search(text):
            _refuse_surrogates(value)
        return value

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            self._repeated[id(members)] = twice
        return members

    def _number(self, text: str) -> JsonNumber:
        if len(text) > self._limits.number_characters:
            raise _NumberFault(
                MessageTooLarge,
                "parse.number-too-long",
                f"a number has more than {self._limits.number_characters} characters",
                "write it as it stands in the document, without padding",
                lambda other: other == text,
            )
        if "e" in text or "E" in text:
            raise _NumberFault(
                MalformedMessage,
                "parse.exponent",
                "a number is written with an exponent",
                "write all its digits",
                lambda other: other == text,
            )
        return JsonNumber(text)

    def _refuse_repeated(self, value: Any) -> NoReturn:
        for pointer, here in _walk(value, ""):
            name = self._repeated.get(id(here)) if isinstance(here, dict) else None
            if name is not None:
                raise MalformedMessage(
                    "an object has the same member twice",
                    code="parse.duplicate-key",
                    path=f"{pointer}/{safe_name(name)}",
                    remedy="keep one of the two",
                )
        # The object with the repeated member was itself overwritten by a repetition further up: that one is reported.
        raise MalformedMessage("an object has the same member twice", code="parse.duplicate-key")


class _NumberFault(Exception):
    """A number that is refused, raised where its place is not known."""

    def __init__(
        self, kind: type[Refusal], code: str, message: str, remedy: str, concerns: Callable[[str], bool]
    ) -> None:
        super().__init__(message)
        self._kind, self._code, self._message, self._remedy = kind, code, message, remedy
        self.concerns = concerns

    def placed(self, pointer: str) -> Refusal:
        """The refusal, with its place."""
        return self._kind(self._message, code=self._code, path=pointer, remedy=self._remedy)


def _no_constant(_: str) -> NoReturn:
    raise _NumberFault(
        MalformedMessage,
        "parse.not-a-number",
        "NaN or Infinity stands where a number is due",
        "write a number or leave out",
        lambda other: other in _CONSTANTS,
    )


def _not_json(text: str, error: json.JSONDecodeError) -> MalformedMessage:
    pointer = innermost_open(text, error.pos)
    if text.strip() and ends_early(text, error.pos):
        message, remedy = "the document ends before it is complete", "send the whole document"
        if pointer:
            message = f"the document ends inside {pointer}"
    else:
        message, remedy = "the document is not JSON", "correct the document at this place"
    return MalformedMessage(
        f"{message} (line {error.lineno}, column {error.colno})",
        code="parse.not-well-formed",
        path=pointer,
        line=error.lineno,
        remedy=remedy,
    )


def _refuse_surrogates(value: Any) -> None:
    for pointer, here in _walk(value, ""):
        texts = here.keys() if isinstance(here, dict) else (here,) if isinstance(here, str) else ()
        for text in texts:
            if any("\ud800" <= sign <= "\udfff" for sign in text):
                raise MalformedMessage(
                    "half of a surrogate pair stands alone",
                    code="parse.surrogate",
                    path=pointer,
                    remedy="write the character whole",
                )


def _walk(value: Any, pointer: str) -> Any:
    """Every value with its JSON pointer; recursion is bounded because the depth was checked before."""
    yield pointer, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, f"{pointer}/{safe_name(name)}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _walk(inner, f"{pointer}/{position}")
