"""Where a document that is not well-formed breaks off: the innermost element that is open there.

The parser tells only a line. On a refusal, and only then, the document is fed once more to a parser that reports what
it opens and closes; what is still open when it stops is the place. No schema is known yet, so a path of this module
writes a position only from the second occurrence of a name on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from gateway.formats.json_parsing import safe_name

_PIECE = 65_536
_SHOWN_STEPS = 2


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """The innermost element that is open where the parser stops.

    Attributes:
        path: from below the document element, empty for that element itself.
        shown: the last steps of the path, or the document element's name; empty where nothing is open.
        line: of the element's start tag, None where nothing is open.
        ends_here: the bytes end while it is open, and the parser met no fatal fault before.
    """

    path: str = ""
    shown: str = ""
    line: int | None = None
    ends_here: bool = False


@dataclass(slots=True)
class _Opened:
    name: str
    position: int
    line: int | None
    counts: dict[str, int] = field(default_factory=dict)


class _Trail:
    """Follows the parser: what is open, and whether the fault stands in the element just seen."""

    def __init__(self) -> None:
        self.opened: list[_Opened] = []

    def follow(self, parser: etree.XMLPullParser) -> bool:
        """Take the parser's events; says whether one of them is the fault itself."""
        for kind, node in parser.read_events():
            assert isinstance(node, etree._Element)  # noqa: SLF001 - lxml gives its element class no public name
            if kind == "start":
                name = safe_name(str(node.tag).rpartition("}")[2])
                counts = self.opened[-1].counts if self.opened else {}
                counts[name] = counts.get(name, 0) + 1
                line = node.sourceline
                self.opened.append(_Opened(name, counts[name], line if isinstance(line, int) else None))
                if _has_unbound_prefix(node):
                    return True
            else:
                self.opened.pop()
                node.clear()
        return False


def find_open_place(data: bytes) -> OpenPlace:
    """Find the innermost open element of a document that the parser refused.

    Args:
        data: the document; no longer than the parser's limits, and without a DOCTYPE.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    trail, ends_here = _Trail(), True
    try:
        for start in range(0, len(data), _PIECE):
            parser.feed(data[start : start + _PIECE])
            if trail.follow(parser):
                ends_here = False
                break
    except (etree.XMLSyntaxError, ValueError, LookupError):
        ends_here = False
        trail.follow(parser)
    if not trail.opened:
        return OpenPlace()
    steps = [one.name if one.position == 1 else f"{one.name}[{one.position}]" for one in trail.opened]
    shown = "/".join(steps[1:][-_SHOWN_STEPS:]) or steps[0]
    return OpenPlace("/".join(steps[1:]), shown, trail.opened[-1].line, ends_here)


def _has_unbound_prefix(node: etree._Element) -> bool:
    """A prefix that no declaration binds stays part of the local name."""
    names = (str(node.tag), *map(str, node.keys()))
    return any(":" in name.rpartition("}")[2] for name in names)
