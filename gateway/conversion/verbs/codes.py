"""``code``: by the list in force on the document's date; no equivalent is a finding, never a near guess."""

from __future__ import annotations

from datetime import date

from gateway.codes.codelists import CodeList
from gateway.conversion.run import Problem
from gateway.conversion.verbs.results import Converter, Result


def unknown_code(name: str) -> Problem:
    """The finding for a code that a list does not know on that day."""
    return Problem(
        "map.code-unknown",
        f"the code has no equivalent in the list {name} on the document's date",
        f"use a code of the list {name}, or have it added there",
    )


def code_forward(codes: CodeList, otherwise: str) -> Converter:
    """National code to WCO code; ``otherwise`` is the code for what the list does not hold, empty for none."""
    problem = unknown_code(codes.name)
    to_wco = codes.to_wco

    def convert(text: str, day: date) -> Result:
        code = to_wco(text, day)
        if code is not None:
            return code, "none"
        return (otherwise, "coarser") if otherwise else problem

    return convert


def code_back(codes: CodeList) -> Converter:
    """WCO code to the preferred national code."""
    problem = unknown_code(codes.name)
    from_wco = codes.from_wco

    def convert(text: str, day: date) -> Result:
        code = from_wco(text, day)
        return problem if code is None else (code, "none")

    return convert
