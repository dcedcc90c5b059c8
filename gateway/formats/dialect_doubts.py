"""What stands beside a wrapped message and may be a second one: it must not be left aside like a transport element.

A message whose envelope is misspelt or of a foreign namespace, or a body alone, is recognised by nothing; if it were
taken for transport, it would be lost without a word.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.formats.dialect import Dialect
from gateway.formats.guessing import KnownRoot
from gateway.formats.parsing import XmlElement
from gateway.formats.recognition import local_name

_CUTOFF = 0.8


@dataclass(slots=True)
class Doubts:
    """Tells whether something looks like a message, by its name and the names in it.

    Attributes:
        envelopes: names of envelopes in small letters.
        bodies: names of bodies.
    """

    envelopes: frozenset[str]
    bodies: frozenset[str]
    _known: dict[str, bool] = field(default_factory=dict)

    def xml(self, node: XmlElement) -> bool:
        """Whether an element looks like a message."""
        return self.like(local_name(node), [local_name(child) for child in node])

    def like(self, name: str, members: Sequence[str]) -> bool:
        """Whether a body's very name, or a name near an envelope's with a body in it, stands over these members."""
        if not members:
            return False
        return name in self.bodies or (self._envelope(name) and any(self._body(member) for member in members))

    def _envelope(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = _near(name.lower(), self.envelopes)
        return known

    def _body(self, name: str) -> bool:
        return name in self.bodies or _near(name, self.bodies)


def doubts_of(roots: Iterable[KnownRoot], dialects: Iterable[Dialect]) -> Doubts:
    """What to look for.

    Args:
        roots: how documents of the known formats and profiles begin.
        dialects: those without envelope tell the names of bodies.
    """
    envelopes = frozenset(root.local.lower() for root in roots if root.envelope)
    return Doubts(envelopes, frozenset(name for one in dialects if not one.enveloped for name in one.roots))


def _near(name: str, names: Iterable[str]) -> bool:
    return bool(difflib.get_close_matches(name, names, n=1, cutoff=_CUTOFF))
