"""How a format, an agreement or a partner re-grades business rules: switched off, or with another severity.

A `[rules]` table reads the same wherever it stands:

    [rules]
    off = ["rule.ucr-form"]
    warning = ["rule.sequence-repeated"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

Grade: TypeAlias = Literal["off", "error", "warning", "info"]
"""What becomes of a rule's findings."""

GRADES: tuple[Grade, ...] = get_args(Grade)
NO_GRADES: Mapping[str, Grade] = MappingProxyType({})


class DoubleGradeError(ValueError):
    """A rule stands in two lists of one table."""


def grades_of(lists: Mapping[Grade, Iterable[str]]) -> Mapping[str, Grade]:
    """The grade of each rule that a ``[rules]`` table names.

    Args:
        lists: ids of rules by grade.

    Raises:
        DoubleGradeError: a rule stands in two of the lists, or twice in one.
    """
    found: dict[str, Grade] = {}
    for grade, ids in lists.items():
        for rule_id in ids:
            if rule_id in found:
                raise DoubleGradeError(f"the rule {rule_id} stands in this table twice")
            found[rule_id] = grade
    return MappingProxyType(found)


RuleId: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class RuleLists(BaseModel):
    """The ``[rules]`` table of an agreement or a partner; ids as ``sarhad rules`` lists them.

    Attributes:
        off: rules that say nothing there.
        error, warning, info: rules whose findings weigh so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: tuple[RuleId, ...] = ()
    error: tuple[RuleId, ...] = ()
    warning: tuple[RuleId, ...] = ()
    info: tuple[RuleId, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        self.grades  # noqa: B018 - raises where a rule stands twice
        return self

    @property
    def grades(self) -> Mapping[str, Grade]:
        """The grade of each rule named."""
        return grades_of({"off": self.off, "error": self.error, "warning": self.warning, "info": self.info})
