"""What partners ask beside handing in messages, in one value."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.pipeline.mailbox import Mailbox
from gateway.pipeline.partner_log import PartnerLog
from gateway.pipeline.partner_terms import PartnerTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerService:
    """The parts; each answers one partner at a time about nobody but itself.

    Attributes:
        mailbox: messages for partners that collect them.
        log: tiles and own entries of the log.
        terms: own agreements and their formats.
    """

    mailbox: Mailbox
    log: PartnerLog
    terms: PartnerTerms
