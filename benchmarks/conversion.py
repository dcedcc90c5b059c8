"""What converting one message costs, both ways, against the library calls that nobody can avoid.

Run: ``python -m benchmarks conversion``. For every mapping of the data folders it generates messages of its national
form and converts them. The unit is lxml's parse plus libxml2's validation of the same message (for a JSON-native form:
of what it is converted to); ratios hold better than times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.catalogue import Catalogue, load_catalogue
from gateway.conversion.mapping import Mapping
from gateway.conversion.run import ConversionContext
from gateway.findings import has_errors
from gateway.formats.generator import generate
from gateway.formats.schema_set import read_schema_set
from gateway.formats.tree import Tree, leaves
from gateway.formats.validators import ValidatorPool

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = 60
ROUNDS = 5
CONTEXT = ConversionContext(
    reference="0" * 32, sender="xx", received=datetime(2026, 3, 16, tzinfo=UTC), agreement_id="bench"
)


def mean_seconds(call: Callable[[Any], object], arguments: Sequence[Any]) -> float:
    """Best of some rounds over all arguments, for one call."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for argument in arguments:
            call(argument)
        best = min(best, time.perf_counter() - begun)
    return best / len(arguments)


def messages_of(catalogue: Catalogue, mapping: Mapping) -> list[Tree]:
    """Generated national messages that convert."""
    structure = catalogue.formats.get(mapping.national).structure
    found: list[Tree] = []
    for seed in range(10 * MESSAGES):
        tree = generate(
            structure,
            seed=seed,
            code_lists=catalogue.code_lists,
            schemes=catalogue.schemes,
            vocabulary=catalogue.vocabulary,
        )
        if not has_errors(mapping.to_wco(tree, CONTEXT).findings):
            found.append(tree)
        if len(found) == MESSAGES:
            break
    return found


def measure(catalogue: Catalogue, mapping: Mapping) -> None:
    """Print what one mapping costs."""
    trees = messages_of(catalogue, mapping)
    converted = [mapping.to_wco(tree, CONTEXT).tree for tree in trees]
    form = catalogue.formats.get(mapping.national)
    canonical = catalogue.formats.get(mapping.wco)
    is_xml = form.structure.syntax == "xml"
    measured, written = (form, trees) if is_xml else (canonical, converted)
    texts = [measured.to_xml(tree) for tree in written]
    pool = ValidatorPool(read_schema_set(measured.head.schema))
    unit = mean_seconds(lambda text: pool.validate(etree.fromstring(text)), texts)
    rows = {"to WCO": mean_seconds(lambda tree: mapping.to_wco(tree, CONTEXT), trees)}
    if "from-wco" in mapping.ways:
        rows["from WCO"] = mean_seconds(lambda tree: mapping.from_wco(tree, CONTEXT), converted)
    size = sum(map(len, texts)) // len(texts)
    count = sum(1 for tree in trees for _ in leaves(tree)) // len(trees)
    print(f"{mapping.national}: {len(trees)} messages, {size} bytes and {count} leaves on average")
    print(f"  {'unit: lxml parse + libxml2 validation':40} {1:7.2f} units {unit * 1e6:9.0f} us")
    for name, cost in rows.items():
        print(f"  {name + ', with its account':40} {cost / unit:7.2f} units {cost * 1e6:9.0f} us")


if __name__ == "__main__":
    known = load_catalogue(ROOT)
    for each in known.mappings:
        measure(known, each)
