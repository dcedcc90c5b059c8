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
    """

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _OWN_TEXTS)
    common: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


def read_vocabulary(toml_text: str) -> Vocabulary:
    """Read a vocabulary: tables ``[texts]`` and ``[common]`` of lists of text.

    Raises:
        DataFolderError: no TOML, an unknown table, or something that is no list of texts.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise DataFolderError(f"the vocabulary is not TOML: {error}") from None
    if set(raw) - {"texts", "common"}:
        raise DataFolderError("the vocabulary has a table besides texts and common", remedy="see wco_schemas/codelists")
    texts = {**_OWN_TEXTS, **_lists(raw.get("texts", {}), "texts")}
    return Vocabulary(MappingProxyType(texts), MappingProxyType(_lists(raw.get("common", {}), "common")))


def _lists(raw: Any, table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, values in raw.items() if isinstance(raw, dict) else ():
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            raise DataFolderError("not a list of texts", path=f"{table}.{name}", remedy="one text or more in brackets")
        found[name] = tuple(values)
    return found
