"""The closed model of a rule in a file: what every rule says, and what each kind asks for besides.

An unknown key, an unknown kind or a value of another type is a fault; nothing that a rule says is ignored silently.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gateway.codes.numbers import parse_decimal
from gateway.validation.selectors import parse_selector

RuleId = Annotated[str, StringConstraints(pattern=r"^rule\.[a-z0-9]+(-[a-z0-9]+)*$")]
Sentence = Annotated[str, StringConstraints(min_length=8, max_length=300)]


def _selector(text: str) -> str:
    parse_selector(text)
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


def _number(text: str) -> str:
    if parse_decimal(text) is None:
        raise ValueError("not a decimal number in quotes")
    return text


Selector = Annotated[str, AfterValidator(_selector)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Number = Annotated[str, AfterValidator(_number)]
Way = Annotated[str, StringConstraints(pattern=r"^(#?[\w:.-]+(/#?[\w:.-]+)*)?(@\w+)?$")]
"""A way from the class that the rule looks at, see `routes`."""

Ways = Annotated[tuple[Way, ...], Field(min_length=1)]
WantedEntry = tuple[str, ...] | Literal["present", "absent"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleEntry(_Model):
    """What every rule says."""

    id: RuleId
    severity: Literal["error", "warning", "info"]
    source: Sentence
    text: Sentence
    remedy: Sentence
    at: Annotated[tuple[Selector, ...], Field(min_length=1)]
    when: dict[str, WantedEntry] = Field(default_factory=dict)
    packages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


class DateRule(RuleEntry):
    """A date exists and has the form that its ``formatCode`` names.

    Attributes:
        forms: the form codes that are judged; a date of another form is left alone.
    """

    kind: Literal["date"]
    forms: tuple[Literal["102", "203", "204", "304"], ...] = ("102", "203", "204", "304")


class CodeRule(RuleEntry):
    """A code stands in a code list; where that list is not complete the finding is a warning at most.

    Attributes:
        list: name of the list; empty for the one that the schema names at the place.
        first: only so many first characters are looked up.
        before: only what stands before this sign is looked up.
        shape: a regular expression; a text without this shape is left alone.
    """

    kind: Literal["code"]
    list: str = ""
    first: Annotated[int, Field(ge=1)] | None = None
    before: str = ""
    shape: Pattern = ""


class SchemeRule(RuleEntry):
    """An identifier keeps to its scheme.

    Attributes:
        scheme: name of the identifier scheme.
        strict: the shape is judged too; otherwise a text of another shape is left alone.
    """

    kind: Literal["scheme"]
    scheme: str
    strict: bool = False


class PatternRule(RuleEntry):
    """A text fits a regular expression as a whole."""

    kind: Literal["pattern"]
    pattern: Pattern


class TidyRule(RuleEntry):
    """A text has no blanks around it, or no control characters in it."""

    kind: Literal["tidy"]
    forbid: Literal["blanks", "controls"]


class DecimalsRule(RuleEntry):
    """An amount has no more digits after the point than its currency.

    Attributes:
        digits: name of the list that gives the number of digits (its WCO side) of each currency.
    """

    kind: Literal["decimals"]
    digits: str


class CompareRule(RuleEntry):
    """One number is at least another of the same unit or currency."""

    kind: Literal["compare"]
    larger: Way
    smaller: Way


class EqualRule(RuleEntry):
    """Two texts are equal where both are stated."""

    kind: Literal["equal"]
    one: Way
    other: Way


class SumRule(RuleEntry):
    """A total is the sum of its parts; nothing is said where a part is missing or has another unit.

    Attributes:
        total: the way to the total.
        parts: ways to the parts; those that the format has are added up.
        tolerance: how far the two may be apart for rounding.
    """

    kind: Literal["sum"]
    total: Way
    parts: Ways
    tolerance: Number = "0"


class CountRule(RuleEntry):
    """A number says how many entries there are.

    Attributes:
        total: the way to the number.
        of: ways to the entries; those that the format has are counted together.
    """

    kind: Literal["count"]
    total: Way
    of: Ways


class RequiredRule(RuleEntry):
    """Elements that the business needs, though the schema does not.

    Attributes:
        fields: each must be there; ``Importer|Consignee`` asks for one of the two.
    """

    kind: Literal["required"]
    fields: Annotated[tuple[str, ...], Field(min_length=1)]


class ReferenceRule(RuleEntry):
    """What is named in one place is stated in another; nothing is said where the other place is empty.

    Attributes:
        values: ways to the names.
        among: ways to what they may name.
    """

    kind: Literal["reference"]
    values: Ways
    among: Ways


class UniqueRule(RuleEntry):
    """Entries of a repeated class differ in a field."""

    kind: Literal["unique"]
    field: Way


class SequenceRule(RuleEntry):
    """Entries of a repeated class are numbered 1, 2, 3 and so on."""

    kind: Literal["sequence"]
    field: Way


class PointerRule(RuleEntry):
    """A list of pointers resolves.

    Attributes:
        looks: ``sections`` at the class codes and the tag; ``root`` whether the first is a root class; ``place``
            whether this message has the place.
    """

    kind: Literal["pointer"]
    looks: Literal["sections", "root", "place"]


class UsageRule(RuleEntry):
    """An element that the model marks for other packages only is not used."""

    kind: Literal["usage"]


AnyRule = Annotated[
    DateRule
    | CodeRule
    | SchemeRule
    | PatternRule
    | TidyRule
    | DecimalsRule
    | CompareRule
    | EqualRule
    | SumRule
    | CountRule
    | RequiredRule
    | ReferenceRule
    | UniqueRule
    | SequenceRule
    | PointerRule
    | UsageRule,
    Field(discriminator="kind"),
]


def tolerance_of(options: SumRule) -> Decimal:
    """The tolerance as a number."""
    return Decimal(options.tolerance)
