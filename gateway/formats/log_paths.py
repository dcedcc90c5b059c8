"""Paths as libxml2's error log writes them: ``/*/*[3]/p:Name[2]``, positional and with the document's own prefixes."""

from __future__ import annotations

import re
from itertools import islice

from gateway.formats.parsing import XmlElement

_STEP = re.compile(r"(?:(?P<prefix>[^/:\[\]]+):)?(?P<name>[^/:\[\]]+)(?:\[(?P<position>[0-9]+)\])?$")


def locate(document: XmlElement, path: str) -> XmlElement | None:
    """The element at a path of the log, None where there is none; an attribute's step is left out.

    A star counts all elements, a name only those of the same name and prefix.
    """
    steps = [step for step in path.split("/") if step and not step.startswith(("@", "text()"))]
    node: XmlElement | None = document if steps else None
    for step in steps[1:]:
        match = _STEP.match(step)
        if match is None or node is None:
            return None
        prefix, name = match["prefix"], match["name"]
        position = int(match["position"] or 1)
        same = (
            child
            for child in node
            if name == "*" or (child.prefix == prefix and str(child.tag).rpartition("}")[2] == name)
        )
        node = next(islice(same, position - 1, None), None)
    return node
