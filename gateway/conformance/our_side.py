"""Our own side as the tester of a partner: our keys, what the partner has registered with us, what its profile says."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.adapters.durability import Durability
from gateway.adapters.transport import own_identity, partner_certificates
from gateway.bootstrap import partner_keys
from gateway.bootstrap.setting_up import chosen_home, key_folder
from gateway.catalogue import Catalogue
from gateway.client.side import Side
from gateway.conformance.samples import samples_of
from gateway.conformance.target import Target, Terms
from gateway.errors import NotFound
from gateway.security.xml_form import EnvelopeForm
from gateway.settings import Settings


def partner_as_target(
    settings: Settings, catalogue: Catalogue, partner: str, *, endpoint: str = "", patience: float = 150.0
) -> Target:
    """A partner's endpoint, to be tested by us.

    Args:
        settings: of a gateway that was set up; in the realm ``sandbox`` its sandbox tests.
        catalogue: the data folders.
        partner: its code.
        endpoint: base URL; that of the settings or the profile when empty.
        patience: seconds within which the partner has to give up a body that does not arrive.

    Raises:
        NotFound: there is no endpoint, or no message to send.
        DataFolderError: keys or lists hold a fault.
    """
    profile = catalogue.profile(partner)
    base = (endpoint or settings.endpoint_of(partner, profile.channel.endpoint)).rstrip("/")
    if not base:
        remedy = "give --endpoint, or set sandbox_endpoints where the sandbox tests"
        raise NotFound("no endpoint of this partner is known", path=partner, remedy=remedy, code="conformance.target")
    home = chosen_home(settings, catalogue)
    secure = base.startswith("https:")
    certificates = partner_certificates(settings, profile) if secure else ()
    side = Side(
        code=home,
        home=partner,
        own=key_folder(settings, Durability()).read(home, settings.log_origin),
        others=partner_keys(settings, profile),
        tls=own_identity(settings) if secure else None,
        gateway_certificates=tuple(one.der for one in certificates if one.der),
    )
    if not any(key.use == "enc" for key in side.others):
        remedy = f"take in its list: sarhad partner keys {partner} --import FILE"
        raise NotFound(
            "no encryption key of this partner is known", path=partner, remedy=remedy, code="key.none-active"
        )
    terms = Terms(
        signed=profile.security.signs_http,
        tokens=bool(profile.channel.token_endpoint),
        token_endpoint=profile.channel.token_endpoint if settings.realm == "live" else "",
        token_issuer=profile.channel.token_issuer if settings.realm == "live" else "",
        form=EnvelopeForm(profile.security.envelope),
        message_limit=settings.message_limit,
        patience=patience,
    )
    return Target(side, base, samples_of(catalogue, partner, "out", datetime.now(UTC)), terms)
