"""When two XML documents are the same message: canonical XML of what is said, whatever prefixes and blanks say it."""

from __future__ import annotations

from lxml import etree

from gateway.formats.format import Format
from gateway.formats.parsing import parse_xml
from gateway.formats.prepare import put_namespaces

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def canonical(data: bytes, repaired_by: Format | None = None) -> bytes:
    """Canonical XML without comments, blanks between elements, schema locations and prefixes.

    Args:
        data: a well-formed document.
        repaired_by: a format whose namespaces are put in where the document has none.
    """
    root = parse_xml(data)
    if repaired_by is not None:
        put_namespaces(root, repaired_by.structure, repaired_by.head)
    return etree.tostring(_renamed(root), method="c14n")


def _renamed(node: etree._Element) -> etree._Element:
    """A copy whose prefixes and declarations depend on the names alone."""
    names: dict[str | None, str | None] = {None: etree.QName(node).namespace}
    copy = etree.Element(node.tag, nsmap=names)  # type: ignore[arg-type]
    for name, value in node.attrib.items():
        if not str(name).startswith(_XSI):
            copy.set(name, value)
    copy.extend(_renamed(child) for child in node)
    copy.text = None if len(node) else node.text
    return copy
