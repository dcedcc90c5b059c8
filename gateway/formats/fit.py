"""Does a message tree fit a structure? The strict reading of the JSON form, all misfits at once.

Only the shape is judged here: known keys, lists where the schema repeats, text where a leaf stands, characters that XML
can carry. Facets, order and cardinality are the validator's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gateway.findings import Finding, Layer, Severity
from gateway.formats.json_parsing import JsonNumber, safe_name
from gateway.formats.limits import DEFAULT_LIMITS
from gateway.formats.structure import Element, Structure
from gateway.formats.suggestions import nearest
from gateway.formats.tree import Tree
from gateway.formats.xml_text import is_xml_text


def fit(
    structure: Structure, value: Any, *, keep_aside: bool = False, null_absent: bool = False, as_tree: bool = False
) -> tuple[Tree | None, tuple[Finding, ...]]:
    """Bring a JSON value into the form of a message tree: keys in schema order, every leaf a ``str``.

    Args:
        structure: the format's.
        value: a parsed JSON document in the form of a message tree (one key, the root's name).
        keep_aside: unknown members are taken out with a warning instead of refused.
        null_absent: a null stands for an absent member.
        as_tree: the value is a message tree already, so numbers of a JSON-native format stand as text.

    Returns:
        The tree, or None where nothing could be read, and all findings. The tree is good to use only when no
        finding is an error.
    """
    root = structure.root
    if not isinstance(value, dict) or root.key not in value:
        message = f"the message must be an object with the single member {root.key}"
        return None, (_misfit("schema.root", "", message, f"put the whole message into {root.key}"),)
    reader = _Fitter(native=structure.syntax == "json" and not as_tree, keep_aside=keep_aside, null_absent=null_absent)
    reader.findings += [_beside(root, key) for key in list(value)[: DEFAULT_LIMITS.findings] if key != root.key]
    content = reader.class_content(root, value[root.key], "")
    return {root.key: content}, tuple(reader.findings)


def _beside(root: Element, key: str) -> Finding:
    """A member that stands beside the message; its place is outside the message, so no path leads there."""
    name = safe_name(key)
    message = f"{name} stands beside {root.key}, which must be the single member of the document"
    found = _misfit("schema.unknown-element", "", message, f"take {name} out")
    return replace(found, json_pointer=f"/{name}" if name != "?" else "")


def _misfit(code: str, path: str, message: str, remedy: str = "", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(severity=severity, code=code, layer=Layer.SCHEMA, path=path, message=message, remedy=remedy)


@dataclass(slots=True)
class _Fitter:
    native: bool
    keep_aside: bool
    null_absent: bool
    findings: list[Finding] = field(default_factory=list)

    def class_content(self, element: Element, value: Any, path: str) -> Tree:
        """The content of a class in schema order."""
        if not isinstance(value, dict):
            self._report("schema.json-type", path, "an object is due here", "write its members in { }")
            return {}
        tree: Tree = {}
        for attribute in element.attributes:
            key = f"@{attribute.name}"
            if key in value:
                tree[key] = self._text(value[key], f"{path}{key}" if path else f"/{key}")
        for child in element.children:
            if child.key in value and not (self.null_absent and value[child.key] is None):
                below = f"{path}/{child.key}" if path else child.key
                tree[child.key] = self._occurrences(child, value[child.key], below)
        known = element.by_key
        for key in value:
            if key not in known and not (key.startswith("@") and key[1:] in element.attribute_by_name):
                self._unknown(element, key, path)
        return tree

    def _occurrences(self, element: Element, value: Any, path: str) -> Any:
        if not element.repeats:
            if isinstance(value, list):
                self._report("schema.json-type", path, "only one may stand here, but a list is given", "leave the list")
                return ""
            return self._entry(element, value, path)
        if not isinstance(value, list):
            self._report("schema.json-type", path, "a list is due here, also for a single entry", "put it in [ ]")
            return []
        if not value:
            self._report("schema.json-type", path, "an empty list", "leave the member out")
        return [self._entry(element, entry, f"{path}[{position}]") for position, entry in enumerate(value, 1)]

    def _entry(self, element: Element, value: Any, path: str) -> Any:
        if element.type is None:
            return self.class_content(element, value, path)
        if self.native:
            return self._native_leaf(element, value, path)
        if element.attributes and isinstance(value, dict):
            return self._leaf_with_attributes(element, value, path)
        return self._text(value, path)

    def _leaf_with_attributes(self, element: Element, value: dict[str, Any], path: str) -> Any:
        leaf = {"value": self._text(value.get("value"), path)}
        for attribute in element.attributes:
            key = f"@{attribute.name}"
            if key in value:
                leaf[key] = self._text(value[key], f"{path}{key}")
        for key in value:
            if key != "value" and not (key.startswith("@") and key[1:] in element.attribute_by_name):
                self._unknown(element, key, path)
        return leaf if len(leaf) > 1 else leaf["value"]

    def _native_leaf(self, element: Element, value: Any, path: str) -> str:
        if element.json_type == "string":
            return self._text(value, path)
        if element.json_type == "boolean":
            if isinstance(value, bool):
                return "true" if value else "false"
            self._report("schema.json-type", path, "true or false is due here", "write it without quotes")
        elif isinstance(value, JsonNumber):
            return str.__str__(value)
        else:
            self._report("schema.json-type", path, "a number is due here", "write it without quotes")
        return ""

    def _text(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or isinstance(value, JsonNumber):
            self._report("schema.json-type", path, "a text is due here", "write it in quotes")
            return ""
        if not is_xml_text(value):
            self._report("schema.character", path, "the text holds a character that XML does not allow", "leave it out")
            return ""
        return value

    def _unknown(self, element: Element, key: str, path: str) -> None:
        name = safe_name(key)
        below = f"{path}/{name}" if path else name
        if self.keep_aside:
            finding = _misfit(
                "format.unknown-element", below, "not known to the format; left aside", severity=Severity.WARNING
            )
            self._add(finding)
            return
        self._report(
            "schema.unknown-element",
            below,
            "this member is not known here",
            nearest(key, [child.key for child in element.children]),
        )

    def _report(self, code: str, path: str, message: str, remedy: str = "") -> None:
        self._add(_misfit(code, path, message, remedy))

    def _add(self, finding: Finding) -> None:
        if len(self.findings) < DEFAULT_LIMITS.findings:
            self.findings.append(finding)
