"""What a verdict costs, with all rules, against the library calls that nobody can avoid, beside plain xmlschema.

Run: ``python -m benchmarks verdict``. The unit is libxml2's parse plus its validation of the same bytes in the same
run. The message is the real declaration beside the project (``benchmarks.reading`` names it), or a generated one of
about its size where there is none. All calls take turns, so that whatever else the machine does burdens all of them;
of each the ratio of the best turns and that of the medians are shown. ``in a row`` repeats one call alone, which
favours the unit: all that it needs stays in the processor's caches. The last line measures every real declaration
beside the project in the same way, where they are there: small ones and those with findings cost more units.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

import xmlschema
from lxml import etree

from benchmarks.reading import MESSAGE, ROOT, seconds
from gateway.catalogue import Judging, load_judging
from gateway.formats.format import Format
from gateway.formats.generator import generate
from gateway.validation.verdict import verdict

NAME = "dms-3.6"
TURNS = 600
IN_A_ROW = 100
TURNS_OF_XMLSCHEMA = 5
TURNS_OF_EACH = 100
LIMITS = {"verdict with all rules": 3.0, "message tree": 5.0}
MOST_FOR_A_REJECTION = 10.0
SIZES = range(8_000, 12_000)


def message_of(judging: Judging) -> bytes:
    """The real declaration, else the first generated one of about its size."""
    if MESSAGE.is_file():
        return MESSAGE.read_bytes()
    form = judging.formats.get(NAME)
    for seed in range(1000):
        tree = generate(
            form.structure,
            seed=seed,
            code_lists=judging.code_lists,
            schemes=judging.schemes,
            vocabulary=judging.vocabulary,
        )
        data = form.to_xml(tree)
        if len(data) in SIZES and verdict(judging.formats, data, rules=judging.rules).valid:
            return data
    sys.exit("no generated message has the size that is asked for")


def rejections(data: bytes) -> dict[str, bytes]:
    """The same message with one fault each."""
    root = etree.fromstring(data)
    leaf = next(node for node in root.iter(etree.Element) if not len(node) and node.getparent() is not root)
    parent = leaf.getparent()
    assert parent is not None
    made: dict[str, bytes] = {}
    tag, text = leaf.tag, leaf.text
    leaf.tag = f"{tag}x"
    made["misspelt tag"] = etree.tostring(root)
    leaf.tag, leaf.text = tag, "x" * 600
    made["value too long"] = etree.tostring(root)
    leaf.text = text
    parent.append(leaf)
    made["wrong order"] = etree.tostring(root)
    made["cut short"] = data[: len(data) * 2 // 3]
    return made


def turns(calls: Mapping[str, Callable[[], object]], count: int) -> dict[str, list[float]]:
    """Seconds of each call in each of some turns."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(count):
        for name, call in calls.items():
            begun = perf_counter()
            call()
            taken[name].append(perf_counter() - begun)
    return taken


def calls_of(judging: Judging, form: Format, data: bytes) -> dict[str, Callable[[], object]]:
    """Everything that is measured in turns, the unit first."""
    reference = etree.XMLSchema(file=str(form.head.schema))
    tree = form.read(data).tree
    assert tree is not None
    as_json = form.to_json(tree)
    calls: dict[str, Callable[[], object]] = {
        "unit": lambda: reference.validate(etree.fromstring(data)),
        "message tree": lambda: judging.formats.read(data),
        "verdict with all rules": lambda: verdict(judging.formats, data, rules=judging.rules),
        "the rules alone": lambda: judging.rules.check(form, tree),
        "verdict on its JSON form": lambda: verdict(judging.formats, as_json, NAME, rules=judging.rules),
    }
    for kind, broken in rejections(data).items():
        assert not verdict(judging.formats, broken, rules=judging.rules).valid, kind
        calls[f"rejection: {kind}"] = lambda broken=broken: verdict(judging.formats, broken, rules=judging.rules)  # type: ignore[misc]
    return calls


def over_all(judging: Judging, form: Format) -> str:
    """The units of a verdict on each real declaration beside the project: the median and the worst."""
    reference = etree.XMLSchema(file=str(form.head.schema))
    ratios: list[float] = []
    for file in sorted(MESSAGE.parent.glob("*.xml")):
        data = file.read_bytes()
        calls: dict[str, Callable[[], object]] = {
            "unit": lambda data=data: reference.validate(etree.fromstring(data)),  # type: ignore[misc]
            "verdict": lambda data=data: verdict(judging.formats, data, rules=judging.rules),  # type: ignore[misc]
        }
        taken = turns(calls, TURNS_OF_EACH)
        ratios.append(min(taken["verdict"]) / min(taken["unit"]))
    if not ratios:
        return "no real declarations beside the project"
    within = sum(one <= LIMITS["verdict with all rules"] for one in ratios)
    middle, worst = statistics.median(ratios), max(ratios)
    return f"verdict on {len(ratios)} declarations: median {middle:.2f}, worst {worst:.2f}; {within} within the limit"


def measure() -> None:
    """Print the cost of each step in units, what is asked of it, and microseconds."""
    with tempfile.TemporaryDirectory() as cache:
        judging = load_judging(ROOT, cache=Path(cache))
    data, form = message_of(judging), judging.formats.get(NAME)
    calls = calls_of(judging, form, data)
    plain = xmlschema.XMLSchema(str(form.head.schema))
    gc.collect()
    gc.freeze()
    taken = turns(calls, TURNS)
    taken |= turns({"xmlschema alone": lambda: plain.is_valid(etree.fromstring(data))}, TURNS_OF_XMLSCHEMA)
    alone = {name: seconds(call, IN_A_ROW) for name, call in calls.items()}
    best, middle = min(taken["unit"]), statistics.median(taken["unit"])
    print(f"{len(data)} bytes as {NAME}, {TURNS} turns; unit: libxml2 parse + validation, {best * 1e6:.0f} us")
    print(f"  {'':34} {'best':>7} {'median':>7} {'in a row':>9} {'asked':>7} {'us':>9}")
    for name, spent in taken.items():
        limit = MOST_FOR_A_REJECTION if name.startswith("rejection") else LIMITS.get(name)
        asked = f"<= {limit:.0f}" if limit is not None else ""
        repeated = f"{alone[name] / alone['unit']:9.2f}" if name in alone else f"{'':9}"
        ratios = f"{min(spent) / best:7.2f} {statistics.median(spent) / middle:7.2f} {repeated}"
        print(f"  {name:34} {ratios} {asked:>7} {min(spent) * 1e6:9.0f}")
    print(f"  {over_all(judging, form)}")


if __name__ == "__main__":
    measure()
