"""Client certificates for the partners of tests, and what they do with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.adapters.durability import Durability
from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.adapters.partner_lists import CERTIFICATE_LISTS
from gateway.adapters.tls import TlsIdentity, client_context
from gateway.adapters.transport import import_partner_certificates, tls_folder
from gateway.authorisation.asking import token_request
from gateway.security.certificate_making import GeneratedCertificate, generate_certificate
from gateway.security.certificates import PinnedCertificate, certificate_thumbprint
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.pinlist import ListedCertificate, write_pin_list
from gateway.settings import Settings
from tests.world.http import proved, signed
from tests.world.partner import Partner

BASE = "https://gateway.example"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PASSWORD = b"of the test"


def listed(made: GeneratedCertificate, owner: str, state: KeyState = KeyState.ACTIVE) -> ListedCertificate:
    """An entry of a certificate list."""
    course = Lifecycle((StateChange(state, datetime.now(UTC) - timedelta(days=1)),))
    return ListedCertificate(PinnedCertificate(owner, certificate_thumbprint(made.der), course), made.der)


def register(settings: Settings, code: str, *entries: ListedCertificate) -> None:
    """What the operator does with the list of a partner."""
    import_partner_certificates(settings, code, write_pin_list(entries))


def gateway_certificate(settings: Settings) -> bytes:
    """The gateway's certificate, as it was handed to the partners."""
    tls_folder(settings, Durability()).set_up("aa", (), datetime.now(UTC))
    [ours] = CERTIFICATE_LISTS.read_all([settings.keys_dir / "tls.json"], "aa")
    return ours.der


def fresh(code: str) -> GeneratedCertificate:
    """A new certificate of a partner."""
    return generate_certificate(code, ("localhost",), datetime.now(UTC))


def identity_in(folder: Path, made: GeneratedCertificate) -> TlsIdentity:
    """A certificate as files."""
    name = certificate_thumbprint(made.der)
    identity = TlsIdentity(certificate=folder / f"{name}.pem", key=folder / f"{name}.key", password=PASSWORD)
    identity.certificate.write_bytes(made.pem)
    identity.key.write_bytes(made.private_pem(PASSWORD))
    return identity


def link_with(folder: Path, made: GeneratedCertificate | None, gateway: bytes) -> HttpLink:
    """Connections that show a certificate, or none, to a gateway whose certificate is known."""
    identity = None if made is None else identity_in(folder, made)
    return HttpLink(timeout=30.0, answer_limit=1 << 20, trust=client_context(identity, trusted=[gateway]))


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A partner on connections with its certificate; every answer has to be the gateway's."""

    partner: Partner
    link: HttpLink
    door: str

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request as it is."""
        url = self.door + request.target.removeprefix(BASE)
        answer = self.link.request(request.method, url, content=request.content, headers=dict(request.headers.lines))
        response = HttpResponse(status=answer.status, headers=Headers.from_raw(answer.lines), content=answer.body)
        proved(self.partner, response, request)
        return answer

    def form(self, jti: str, scope: str = "") -> bytes:
        """The form that asks for a token."""
        asked = token_request(self.partner.code, BASE, self.partner._signer, at=datetime.now(UTC), jti=jti)
        return asked + (f"&scope={scope}".encode() if scope else b"")

    def ask_for_token(self, form: bytes) -> HttpAnswer:
        """Ask, in a signed request."""
        return self.send(signed(self.partner, "POST", f"{BASE}/oauth2/token", form, FORM))

    def token(self, jti: str, scope: str = "") -> dict[str, str]:
        """A new token, as a header line."""
        answer = self.ask_for_token(self.form(jti, scope))
        assert answer.status == 200, answer.body
        return {"authorization": f"Bearer {json.loads(answer.body)['access_token']}"}
