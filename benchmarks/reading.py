"""What reading one message costs, against the library calls that nobody can avoid.

Run: ``python -m benchmarks.reading MESSAGE HEAD`` (or without arguments for the sample beside the project, if it is
there). The unit is lxml's parse plus libxml2's validation of the same bytes; ratios hold better than times.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable
from pathlib import Path

import xmlschema
from lxml import etree

from gateway.formats.format import load_format
from gateway.formats.parsing import parse_xml
from gateway.formats.schema_set import read_schema_set
from gateway.formats.validators import ValidatorPool

ROOT = Path(__file__).resolve().parent.parent
MESSAGE = ROOT.parent / "shared" / "samples" / "wco-dms-3.6" / "declarations" / "TT_EX044a.xml"
HEAD = ROOT / "wco_schemas" / "profiles" / "dms-3.6" / "dms-3.6.format.toml"
ROUNDS = 200


def seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Best of five series, for one call."""
    return min(timeit.repeat(call, number=rounds, repeat=5)) / rounds


def measure(message: Path, head: Path) -> None:
    """Print the cost of each step in units and in microseconds."""
    data = message.read_bytes()
    found = load_format(head)
    tree = found.read(data).tree
    if tree is None:
        sys.exit(f"{message.name} is not a valid {found.name}")
    written = found.to_json(tree)
    pool = ValidatorPool(read_schema_set(found.head.schema))
    reference = xmlschema.XMLSchema(str(found.head.schema))
    document = parse_xml(data)
    unit = seconds(lambda: etree.fromstring(data)) + seconds(lambda: pool.validate(document))
    plain = seconds(lambda: reference.is_valid(etree.fromstring(data)), 5)
    rows = {
        "unit: lxml parse + libxml2 validation": unit,
        "safe parse": seconds(lambda: parse_xml(data)),
        "read XML (safe parse, verdict, tree)": seconds(lambda: found.read(data)),
        "read JSON (strict parse, fit, verdict)": seconds(lambda: found.read(written)),
        "write XML": seconds(lambda: found.to_xml(tree)),
        "write JSON": seconds(lambda: found.to_json(tree)),
        "judge a tree (write, parse, verdict)": seconds(lambda: found.judge(tree)),
        "xmlschema alone, verdict only": plain,
    }
    print(f"{message.name}: {len(data)} bytes as {found.name}")
    for name, cost in rows.items():
        print(f"  {name:42} {cost / unit:7.2f} units {cost * 1e6:9.0f} us")


if __name__ == "__main__":
    measure(Path(sys.argv[1]) if len(sys.argv) > 1 else MESSAGE, Path(sys.argv[2]) if len(sys.argv) > 2 else HEAD)
