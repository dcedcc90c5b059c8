"""Text as XML writes it: what must be escaped, and which characters XML does not allow at all."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unfit(Exception):
    """The fast path of a codec met something that does not fit; says nothing, because the slow path will."""


def escape_text(text: str) -> str:
    """Character data of XML.

    Raises:
        Unfit: a character that XML does not allow.
    """
    if text.isprintable() and "&" not in text and "<" not in text and ">" not in text:
        return text
    if _ILLEGAL.search(text):
        raise Unfit
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def escape_attribute(text: str) -> str:
    """The same for an attribute in double quotes."""
    return escape_text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def is_xml_text(text: str) -> bool:
    """Whether XML allows every character of the text."""
    return text.isprintable() or not _ILLEGAL.search(text)
