"""Which format a person means: its name, its name without the version, or the name of its WCO package."""

from __future__ import annotations

import re

from gateway.formats.format import Format
from gateway.formats.library import FormatLibrary

_VERSION = re.compile(r"-([0-9]+(?:\.[0-9]+)*)$")


def format_named(library: FormatLibrary, name: str) -> Format:
    """The format that a name means.

    Args:
        library: the known formats.
        name: ``dec-3.6``, ``dec`` (the newest version) or a package (``DEC``: its canonical format); upper and lower
            case count the same.

    Raises:
        UnknownFormat: none is meant; the remedy names the nearest.
    """
    known = library.names()
    wanted = name.strip().lower()
    exact = next((each for each in known if each == name or each.lower() == wanted), None)
    if exact is not None:
        return library.get(exact)
    newest = max((each for each in known if _base(each) == wanted), key=_version, default=None)
    if newest is not None:
        return library.get(newest)
    packaged = [each for each in known if _is_of(library.get(each), wanted)]
    return library.get(max(packaged, key=_version) if packaged else name)


def forms_beside(library: FormatLibrary, chosen: Format) -> tuple[Format, ...]:
    """The other formats of a canonical format's package: for a declaration its amendment and its cancellation."""
    package = chosen.head.wco_package.lower()
    if not package or chosen.head.canonical:
        return ()
    others = (library.get(name) for name in library.names() if name != chosen.name)
    return tuple(other for other in others if other.head.wco_package.lower() == package)


def _is_of(one: Format, package: str) -> bool:
    return one.head.wco_package.lower() == package and not one.head.canonical


def _base(name: str) -> str:
    return _VERSION.sub("", name).lower()


def _version(name: str) -> tuple[int, ...]:
    found = _VERSION.search(name)
    return tuple(int(part) for part in found[1].split(".")) if found is not None else ()
