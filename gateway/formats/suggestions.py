"""What may have been meant: the nearest known name for one that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_CUTOFF = 0.6
_SHOWN = 8


def nearest(name: str, known: Sequence[str]) -> str:
    """A remedy that names the known names nearest to a wrong one, or the first known ones.

    Args:
        name: what stands in the message; it is compared but never shown.
        known: names that the schema allows at this place.
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=_CUTOFF)
    if close:
        return f"did you mean {close[0]}?"
    return f"allowed here: {listed(known)}" if known else "nothing may stand here"


def listed(names: Sequence[str]) -> str:
    """A few of the names, and how many more there are."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
