"""Random valid instances of any format, the same for the same seed.

Everything comes from the structure: cardinality, choices, patterns, lengths, digits, enumerations, fixed attributes.
Where a code list, an identifier scheme, a WCO id or a hint says what a leaf means, its text makes sense in the trade:
dates exist and agree with their formatCode, container numbers have their check digit, gross is not below net, lines
are numbered from 1, what names a line names one that is there, totals add up, pointers lead somewhere. Tests, the demo
and load all draw from here.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from gateway.codes.codelists import CodeList
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.formats.generation.instances import Drawer, NoInstanceError, measure
from gateway.formats.generation.pointers import fill_pointers
from gateway.formats.generation.relations import fill_references, relate
from gateway.formats.generation.totals import add_up, link_equipment
from gateway.formats.generation.values import Source
from gateway.formats.generation.vocabulary import Vocabulary, read_vocabulary
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree, root_of

__all__ = ["NoInstanceError", "Vocabulary", "generate", "read_vocabulary"]

DAY = date(2026, 3, 16)
"""The day near which messages are drawn unless told otherwise; fixed, so that a seed means the same for ever."""

_NO_LISTS: Mapping[str, CodeList] = MappingProxyType({})
_NO_SCHEMES: Mapping[str, IdentifierScheme] = MappingProxyType({})
_NO_VOCABULARY = Vocabulary()
_LEAST_RICHNESS = 0.2
_MOST_RICHNESS = 0.95
_SHARE_OF_FULL = 0.05
_MOST_FOR_FULL = 2000
"""Formats with more places than this are made full only on demand: one message would hold tens of thousands."""
_ALLOWANCE = 260


def generate(
    structure: Structure,
    *,
    seed: int,
    code_lists: Mapping[str, CodeList] = _NO_LISTS,
    schemes: Mapping[str, IdentifierScheme] = _NO_SCHEMES,
    vocabulary: Vocabulary = _NO_VOCABULARY,
    at: date = DAY,
    richness: float | None = None,
    allowance: int = _ALLOWANCE,
) -> Tree:
    """Draw one valid instance.

    Args:
        structure: what the schema says.
        seed: the same seed with the same arguments gives the same message.
        code_lists: by the names that annotations use; a leaf with a list known here holds a code in force at ``at``
            of its national side (which is the standard's own code in lists without translation).
        schemes: identifier schemes by name, for hints that name one.
        vocabulary: names, addresses, goods and common codes.
        at: day before which, within two months, all dates lie.
        richness: chance of each optional leaf, 0 to 1. 1 puts everything in (one branch of each choice). None draws it
            with the seed, so that a series holds poor, usual and full messages.
        allowance: about how many leaves a message grows to; not kept where mandatory parts or ``richness`` 1 need more.

    Returns:
        A message tree with keys in schema order.

    Raises:
        NoInstanceError: a mandatory leaf admits nothing that can be found.
    """
    stream = random.Random(seed)  # noqa: S311 (test data that must be repeatable, no secret)
    sizes: dict[int, int] = {}
    size = measure(structure.root, sizes)
    if richness is None:
        full = stream.random() < _SHARE_OF_FULL and size < _MOST_FOR_FULL
        richness = 1.0 if full else stream.uniform(_LEAST_RICHNESS, _MOST_RICHNESS)
    source = Source(stream=stream, at=at, code_lists=code_lists, schemes=schemes, vocabulary=vocabulary)
    drawer = Drawer(source=source, richness=richness, sizes=sizes)
    root = structure.root
    message: Tree = {root.key: drawer.draw_class(root, allowance, 1, root.key)}
    relate(root, root_of(message))
    fill_references(drawer.references, root_of(message), stream)
    link_equipment(root, root_of(message), stream)
    add_up(root, root_of(message))
    fill_pointers(root, root_of(message), stream)
    return message
