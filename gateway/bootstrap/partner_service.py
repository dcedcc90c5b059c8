"""Puts together what partners ask beside handing in messages."""

from __future__ import annotations

from collections.abc import Callable

from gateway.catalogue.model import Catalogue
from gateway.identifiers import PartnerCode
from gateway.pipeline.mailbox import Mailbox
from gateway.pipeline.mailbox_views import MailboxLimits, MailboxRules
from gateway.pipeline.partner_log import PartnerLog
from gateway.pipeline.partner_service import PartnerService
from gateway.pipeline.partner_terms import PartnerTerms
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.surroundings import Surroundings
from gateway.settings import Settings


def partner_service(
    settings: Settings,
    around: Surroundings,
    catalogue: Catalogue,
    sealer: Sealer,
    require_live: Callable[[PartnerCode], None],
) -> PartnerService:
    """Mailboxes, log and terms over one surroundings.

    Args:
        settings: name the limits.
        around: the ports.
        catalogue: profiles, agreements and formats.
        sealer: verifies the receipts of partners.
        require_live: refuses where nothing may go to a partner yet.
    """

    def rules(partner: PartnerCode) -> MailboxRules:
        require_live(partner)
        profile = catalogue.partners.get(partner)
        if profile is None:
            return MailboxRules(collects=False)
        return MailboxRules(collects=profile.delivery.collects, switched_off=profile.security.switched_off)

    limits = MailboxLimits(page=settings.mailbox_page, receipt_bytes=settings.receipt_limit)
    return PartnerService(
        mailbox=Mailbox(around, sealer=sealer, rules=rules, limits=limits),
        log=PartnerLog(around),
        terms=PartnerTerms(catalogue.agreements, catalogue.formats.get, around.clock.now),
    )
