"""What a verb gives for one text: the text of the other side and the loss, or why it cannot be carried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from gateway.conversion.model import Loss
from gateway.conversion.run import Problem

Carried: TypeAlias = tuple[str, Loss]
Result: TypeAlias = Carried | Problem
Converter: TypeAlias = Callable[[str, date], Result]
"""Takes the text and the document's date."""
