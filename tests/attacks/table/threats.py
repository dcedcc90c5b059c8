"""The threats of docs/explanation/threat_model.md, and whatever of them does not hold any more."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from gateway.formats.limits import ParseLimits
from gateway.partner.profile import Channel, Delivery, Security
from gateway.security.http_profile import HttpSignatureLimits
from gateway.security.large_limits import LargeLimits
from gateway.security.limits import EnvelopeLimits
from gateway.security.xml_form import XmlSignatureLimits
from gateway.settings import Settings

PAGE = Path("docs") / "explanation" / "threat_model.md"
FIELDS = ("control", "setting", "where", "test")
MAY_BE_ABSENT = frozenset({"setting"})
"""Some controls are no matter of choice."""

_SECTIONS: dict[str, type[BaseModel]] = {"channel": Channel, "delivery": Delivery, "security": Security}
_LIMITS = (EnvelopeLimits, LargeLimits, ParseLimits, HttpSignatureLimits, XmlSignatureLimits)
_HEADING = re.compile(r"^### (T\d+) (.+)$", re.MULTILINE)
_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class Threat:
    """One threat.

    Attributes:
        number: such as ``T7``.
        name: what is feared.
        fields: what stands under control, setting, where and test.
    """

    number: str
    name: str
    fields: dict[str, str]

    def quoted(self, field: str) -> list[str]:
        """The names in a field."""
        return [" ".join(name.split()) for name in _QUOTED.findall(self.fields.get(field, ""))]


def settings_known() -> frozenset[str]:
    """Names of all settings: the operator's, a profile's as ``section.name``, and fixed limits as ``Class.name``."""
    profile = {f"{name}.{field}" for name, section in _SECTIONS.items() for field in section.model_fields}
    limits = {f"{kind.__name__}.{field.name}" for kind in _LIMITS for field in dataclasses.fields(kind)}
    return frozenset({*Settings.model_fields, *profile, *limits})


def read_threats(text: str) -> list[Threat]:
    """The threats of the page, in order."""
    parts = _HEADING.split(text.partition("## Threats\n")[2].partition("\n## ")[0])
    return [
        Threat(number=number, name=name, fields=_fields(body))
        for number, name, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    ]


def _fields(body: str) -> dict[str, str]:
    found = re.findall(r"^- (\w+): ((?:.+\n?)(?:^  .+\n?)*)", body, re.MULTILINE)
    return dict(found)


def faults(threats: Collection[Threat], root: Path, rows: Collection[str]) -> Iterator[str]:
    """What the page promises and the project does not hold.

    Args:
        threats: as the page has them.
        root: folder of the project.
        rows: names of the rows of the table of attacks.
    """
    numbers = [threat.number for threat in threats]
    if numbers != [f"T{number}" for number in range(1, len(numbers) + 1)]:
        yield f"numbers: {numbers}"
    for threat in threats:
        yield from (f"{threat.number}: {fault}" for fault in (*_missing(threat), *_unknown(threat, root, rows)))


def _missing(threat: Threat) -> Iterator[str]:
    """Fields that are absent, or that the page does not have."""
    for field in FIELDS:
        if not threat.fields.get(field) and field not in MAY_BE_ABSENT:
            yield f"no {field}"
    for name in set(threat.fields) - set(FIELDS):
        yield f"{name} is no field"
    if not threat.quoted("test"):
        yield "no test"


def _unknown(threat: Threat, root: Path, rows: Collection[str]) -> Iterator[str]:
    """Names that stand for nothing."""
    known = settings_known()
    held: dict[str, Callable[[str], bool]] = {
        "test": lambda name: name in rows or (name.startswith("tests/") and (root / name).is_file()),
        "where": lambda name: name.startswith("gateway/") and (root / name).is_file(),
        "setting": lambda name: name in known,
    }
    for field, holds in held.items():
        yield from (f"no such {field}: {name}" for name in threat.quoted(field) if not holds(name))


def kinds_unnamed(threats: Collection[Threat], kinds: Collection[str]) -> list[str]:
    """Classes of attacks that no threat names a row of."""
    named = {name.partition(": ")[0] for threat in threats for name in threat.quoted("test")}
    return sorted(set(kinds) - named)
