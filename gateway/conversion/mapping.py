"""A mapping ready to convert: from its national form to WCO and back.

The engine never raises for a message that is valid by its schema. What cannot be converted is a finding that names the
row which declares it; what is lost or kept is in the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.conversion.account import Account, Ledger
from gateway.conversion.compilation import Plan
from gateway.conversion.finishing import Accountant, Finisher
from gateway.conversion.joining import join_parts
from gateway.conversion.model import Direction, Table
from gateway.conversion.rowing import PHASES
from gateway.conversion.run import NATIONAL, WCO, ConversionContext, Frame, Run, content_of
from gateway.conversion.sides import Sides
from gateway.errors import GatewayError
from gateway.findings import Finding
from gateway.formats.tree import Tree


class WayNotBuilt(GatewayError):
    """The mapping does not work in this direction; its head says why."""

    code = "conversion.way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a conversion gave.

    Attributes:
        tree: the message on the other side; complete only if no finding is an error.
        findings: what could not be carried, or contradicts itself.
        account: what became of every leaf.
        variables: texts that rows carried into variables, ``message/reference`` for one: what the exchange should
            know of the message.
    """

    tree: Tree
    findings: tuple[Finding, ...]
    account: Account
    variables: dict[str, str]


class Mapping:
    """A compiled mapping; made by `loading.load_mapping`, may be shared between threads.

    Args:
        table: the table.
        national: name of the release of the national form.
        sides: readers and writers.
        plans: one for each direction that the table allows.
    """

    def __init__(self, table: Table, national: str, sides: Sides, plans: Iterable[Plan]) -> None:
        self.table = table
        self.national = national
        self._sides = sides
        self._plans = {plan.source: plan for plan in plans}

    @property
    def name(self) -> str:
        """Published name of the mapping."""
        return self.table.name

    @property
    def version(self) -> str:
        """Published version of the mapping."""
        return self.table.version

    @property
    def wco(self) -> str:
        """Name of the canonical form."""
        return self.table.wco

    @property
    def ways(self) -> tuple[Direction, ...]:
        """Directions in which it works."""
        return self.table.ways

    def to_wco(self, tree: Tree, context: ConversionContext) -> Conversion:
        """Convert a national message to the canonical form.

        Args:
            tree: a message that is valid by the national schema.
            context: what the exchange itself knows.

        Raises:
            WayNotBuilt: the table does not allow this direction.
        """
        return self._convert(NATIONAL, tree, context)

    def from_wco(self, tree: Tree, context: ConversionContext) -> Conversion:
        """Convert a canonical message to the national form.

        Args:
            tree: a message that is valid by the canonical schema.
            context: what the exchange itself knows.

        Raises:
            WayNotBuilt: the table does not allow this direction.
        """
        return self._convert(WCO, tree, context)

    def _convert(self, source: int, tree: Tree, context: ConversionContext) -> Conversion:
        plan = self._plans.get(source)
        if plan is None:
            raise WayNotBuilt(
                f"mapping {self.name} works {' and '.join(self.ways)} only: {self.table.ways_why}",
                remedy="use another mapping for this direction",
            )
        content = content_of(tree)
        written: dict[str, object] = {}
        root = Frame(((content,), (written,)) if source == NATIONAL else ((written,), (content,)), ((0,), (0,)), (1,))
        run = Run(source, context, root, context.received.date())
        run.day = _document_day(plan, run, root)
        self._run(plan, run)
        return self._close(plan, run, content, written)

    def _run(self, plan: Plan, run: Run) -> None:
        for name, opener, actions in plan.loops:
            if opener is not None:
                opener(run)
            for frame in run.frames[name]:
                for action in actions:
                    action(run, frame)
        for phase in PHASES[1:]:
            if phase == "attribute":
                target = WCO if plan.source == NATIONAL else NATIONAL
                join_parts(run, target, self._sides.splitters, self._sides.depths)
            for name, actions in plan.later[phase]:
                for frame in run.frames.get(name, ()):
                    for action in actions:
                        action(run, frame)

    def _close(self, plan: Plan, run: Run, content: Tree, written: dict[str, object]) -> Conversion:
        ledger = Ledger()
        target = plan.target_shape
        tree: Tree = {target.element.key: Finisher(run, ledger).root(written, target)}
        Accountant(run, ledger).root(content, plan.source_shape)
        names = (self.national, self.wco) if plan.source == NATIONAL else (self.wco, self.national)
        return Conversion(
            tree=tree,
            findings=tuple(run.findings.values()),
            account=ledger.close(*names),
            variables=run.variables,
        )


def _document_day(plan: Plan, run: Run, root: Frame) -> date:
    """The day by which code lists go: that of the document where the head names its leaf, else that of receipt."""
    spot = plan.document_date(run, root) if plan.document_date is not None else None
    if spot is None:
        return run.day
    digits = spot[2].replace("-", "").replace("/", "").replace(".", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return run.day
