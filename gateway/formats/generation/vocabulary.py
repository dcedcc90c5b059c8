"""Words of the trade for generated messages: names, addresses, goods, and the codes that traffic mostly uses.

They are data (a TOML file beside the code lists), since they name places and companies of particular countries. Without
them the generator draws from a handful of made-up Latin texts, so that it works for any schema on its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gateway.errors import DataFolderError

_OWN_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "party-name": ("Glass Camel Trading", "Paper Falcon Textiles", "Tin Whale Electronics", "Blue Lantern Foods"),
        "party-address-line": ("7 Lantern Makers Street", "10 Tin Kettle Lane", "13 Three Wells Road"),
        "city": ("Northgate", "Highpass", "Riverford"),
        "person-name": ("A. Nobody", "B. Someone"),
        "goods-description": ("cotton yarn", "milled rice", "vehicle parts", "ceramic tiles", "kitchen ware"),
        "marks": ("N/M", "GCT 4711 C/NO.1-9"),
        "free-text": ("as agreed", "handle with care", "part shipment"),
        "hs6": ("520512", "100630", "870899", "690721", "732393"),
        "plate": ("ZZZ-901", "ZZ 9902", "ZZ901A"),
        "container-size": ("22G1", "42G1", "45G1", "45R1"),
        "journey": ("2601W", "2602E"),
        "vessel-name": ("GLASS CAMEL", "PAPER FALCON"),
    }
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Texts by hint and common codes by code list.

    Attributes:
        texts: for a hint (``party-name``) the texts to draw from.
        common: for a code list the codes that most messages use; the generator takes one of them two times in three.
        patterns: for a hint XSD patterns in which ``{DD-MM-YYYY}`` (any form of letters) stands for a date that exists.
    """

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _OWN_TEXTS)
    common: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


def read_vocabulary(toml_text: str) -> Vocabulary:
    """Read a vocabulary: tables ``[texts]``, ``[common]`` and ``[patterns]`` of lists of text.

    Raises:
        DataFolderError: no TOML, an unknown table, or something that is no list of texts.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise DataFolderError(f"the vocabulary is not TOML: {error}") from None
    unknown = sorted(set(raw) - {"texts", "common", "patterns"})
    if unknown:
        raise DataFolderError("not a table of a vocabulary", path=unknown[0], remedy="write texts, common or patterns")
    texts = MappingProxyType({**_OWN_TEXTS, **_lists(raw, "texts")})
    return Vocabulary(texts, MappingProxyType(_lists(raw, "common")), MappingProxyType(_lists(raw, "patterns")))


def _lists(raw: dict[str, Any], table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    content = raw.get(table, {})
    if not isinstance(content, dict):
        raise DataFolderError("not a table", path=table, remedy=f"write [{table}]")
    for name, values in content.items():
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            raise DataFolderError("not a list of texts", path=f"{table}.{name}", remedy="one text or more in brackets")
        found[name] = tuple(values)
    return found
