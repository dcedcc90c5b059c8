"""Tells that rows of the partner registry were changed by somebody who is not the registrar: logged once, until mended.

It never stops what it tells of: the partner has been suspended before, and stays so when nothing can be logged.
"""

from __future__ import annotations

import structlog

from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import LogDraft

SUSPENDED = "suspended"
"""What is decided of a partner whose rows do not hold."""

_log = structlog.get_logger("sarhad.registry")


class RegistryAlarm:
    """Remembers which partners are suspended, so that each change is told once by each process.

    Args:
        around: the ports; the log among them.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._told: dict[PartnerCode, str] = {}

    def rings(self, partner: PartnerCode, places: str, code: str) -> None:
        """Tell that rows of a partner do not hold.

        Args:
            partner: its code.
            places: which lists and rows, never what stands in them.
            code: stable code of it.

        Raises:
            TemporaryFailure: the log cannot be written; it is told at the next look.
        """
        if self._told.get(partner) == places:
            return
        _log.error("rows of the registry are not as signed, the partner is suspended", partner=partner, code=code)
        draft = LogDraft(
            tag=Tag.GATEWAY_REGISTRY_MANIPULATED,
            partner=partner,
            codes=(code,),
            decision=SUSPENDED,
            reason=places,
        )
        with self._around.store.writing() as work:
            work.log.append(draft, at=self._around.clock.now())
        self._told[partner] = places

    def ends(self, partner: PartnerCode) -> None:
        """The lists of a partner hold; said once, when they did not before."""
        if self._told.pop(partner, None) is not None:
            _log.info("the registry holds again, the partner is served", partner=partner)
