"""Simple types in words: for the dictionary of paths, and for findings that say what would be right."""

from __future__ import annotations

from gateway.formats.pattern_text import pattern_text
from gateway.formats.structure import SimpleType
from gateway.formats.suggestions import listed

_BASE_WORDS = {
    "string": "text",
    "token": "text",
    "decimal": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "date": "date as YYYY-MM-DD",
    "dateTime": "date and time as YYYY-MM-DDThh:mm:ss",
}


def type_text(simple: SimpleType) -> str:
    """The type in words: ``text of 1 to 35 characters, only capital letters and digits``."""
    if simple.enumeration:
        return f"one of {listed(simple.enumeration)}" if len(simple.enumeration) > 1 else f"{simple.enumeration[0]}"
    words = _BASE_WORDS[simple.base]
    parts = [f"{words} of {_length(simple)}" if _length(simple) else words]
    parts += [pattern_text(pattern) for pattern in simple.patterns if simple.base != "boolean"]
    if simple.total_digits is not None:
        parts.append(f"at most {simple.total_digits} digits")
    if simple.fraction_digits is not None:
        of_them = "of them " if simple.total_digits is not None else "digits "
        parts.append(f"at most {simple.fraction_digits} {of_them}after the point" if simple.fraction_digits
                     else "none after the point")  # fmt: skip
    if simple.min_inclusive is not None:
        parts.append(f"at least {simple.min_inclusive}")
    if simple.max_inclusive is not None:
        parts.append(f"at most {simple.max_inclusive}")
    return ", ".join(parts)


def _length(simple: SimpleType) -> str:
    if simple.max_length is None:
        return f"at least {simple.min_length} characters" if simple.min_length else ""
    if simple.min_length == simple.max_length:
        return f"{simple.max_length} characters"
    if simple.min_length:
        return f"{simple.min_length} to {simple.max_length} characters"
    return f"at most {simple.max_length} characters"
