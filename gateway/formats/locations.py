"""Where a finding's place is in the JSON form, in the document and in WCO pointers: worked out when it is shown.

Findings carry a path of the path language, ``Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Origin@calendar``,
with 1-based positions where the schema lets an element repeat. Nothing here costs a message that is valid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.findings import Finding, Layer, pointer_levels
from gateway.formats.places import pointer_of
from gateway.formats.steps import steps_of
from gateway.formats.structure import Element, Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One place, written in three ways.

    Attributes:
        json_pointer: RFC 6901, into the JSON form of the message; empty for the whole document.
        xpath: XPath 1.0 that gives this node of the document, whatever prefixes it uses; for an element that is
            missing, where it is due. Empty for a JSON-native format.
        pointers: WCO ``Pointer`` classes, one per level; empty where the levels carry no WCO ids.
    """

    json_pointer: str
    xpath: str
    pointers: tuple[dict[str, str], ...]


def location_of(structure: Structure, path: str) -> Location:
    """The place of a finding.

    Args:
        structure: of the format as which the message was read.
        path: as findings write it; empty for the document element. Below a name that could not be shown (``?``) the
            place of its parent is given.
    """
    native = structure.syntax == "json"
    pointer = [] if native or not path else [structure.root.key]
    xpath = ["/*"]
    here: Element | None = structure.root
    whole, _, attribute = path.partition("@")
    for name, position in steps_of(whole.strip("/")):
        if name == "?":
            attribute = ""
            break
        child = here.child(name) if here is not None else None
        pointer.append(name)
        if child is None or child.repeats:
            pointer += [str(position - 1)] if position else []
        xpath.append(f"{_step(here, child, name)}{f'[{position}]' if position else ''}")
        here = child
    if attribute and attribute != "?":
        pointer.append(f"@{attribute}")
        xpath.append(f"@*[local-name()='{attribute}']")
    return Location(
        json_pointer="".join(f"/{_escaped(part)}" for part in pointer),
        xpath="" if native else "/".join(xpath),
        pointers=pointer_levels(pointer_of(structure, path)),
    )


def located(findings: Iterable[Finding], structure: Structure | None) -> tuple[Finding, ...]:
    """Findings with the places that are empty filled in.

    Args:
        findings: of one message.
        structure: of its format; None where none was recognised, then only a JSON pointer of the parser is known.
    """
    return tuple(_located(finding, structure) for finding in findings)


def _located(finding: Finding, structure: Structure | None) -> Finding:
    if finding.layer is Layer.PARSE:
        known = finding.path if finding.path.startswith("/") and not finding.json_pointer else finding.json_pointer
        return replace(finding, json_pointer=known)
    if structure is None:
        return finding
    place = location_of(structure, finding.path)
    return replace(
        finding,
        json_pointer=finding.json_pointer or place.json_pointer,
        xpath=finding.xpath or place.xpath,
        pointer=finding.pointer or pointer_of(structure, finding.path),
    )


def _step(parent: Element | None, child: Element | None, name: str) -> str:
    """One step by local name; where two namespaces share it, the second one has the alias (or is simply later)."""
    local = child.local if child is not None else name.rpartition(":")[2]
    named = f"local-name()='{local}'"
    twins = [one for one in parent.children if one.local == local] if parent is not None and child is not None else []
    if len(twins) < 2 or child is None:
        return f"*[{named}]"
    if child is not twins[0]:
        later = f"not(namespace-uri()) and preceding-sibling::*[{named}]"
        return f"*[{named} and (namespace-uri()='{child.namespace}' or ({later}))]"
    others = " and ".join(f"namespace-uri()!='{twin.namespace}'" for twin in twins[1:])
    return f"*[{named} and {others}]"


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
