"""The steps of a path with positions, as findings write paths; what paths of mappings are: `gateway.formats.paths`."""

from __future__ import annotations

from collections.abc import Iterator


def steps_of(path: str) -> Iterator[tuple[str, int]]:
    """Name of each step, and its position or 0 where none is written; an attribute is left out.

    Args:
        path: ``Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Origin``, from below the document element.
    """
    for step in path.partition("@")[0].split("/") if path else ():
        name, _, position = step.partition("[")
        number = position.rstrip("]")
        yield name, int(number) if number.isdigit() else 0
