"""Named limits of reading a message: each with a default and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLimits:
    """How much one document may ask of the parser before its content is even looked at.

    Attributes:
        bytes: size of the whole document; larger ones are refused before parsing.
        depth: levels of elements or of JSON objects and arrays; business messages stay below 20.
        elements: elements, or JSON values, in one document.
        attributes: attributes in one document, namespace declarations not counted.
        number_characters: characters of one JSON number; 18 digits with sign, point and fraction fit easily.
        findings: findings that one document may collect; after that one finding says that there are more.
    """

    bytes: int = 16 * 1024 * 1024
    depth: int = 64
    elements: int = 500_000
    attributes: int = 500_000
    number_characters: int = 40
    findings: int = 200


DEFAULT_LIMITS = ParseLimits()
"""The limits that hold where a caller names none."""
