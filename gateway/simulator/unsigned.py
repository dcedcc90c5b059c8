"""What a partner that signs XML can do with bytes that are no XML: encrypt them without a signature."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from gateway.client.client import GatewayClient
from gateway.security.envelope import Sealed
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.steps import encrypt_to
from gateway.security.suites import INTL_1


def encrypted_unsigned(client: GatewayClient, content: bytes) -> Sealed:
    """An envelope in the client's form, with no signature inside; the gateway must not open it.

    Args:
        client: gives the keys and the form.
        content: what should have been signed.
    """
    now, side = datetime.now(UTC), client.side
    kid, recipient = side.own.signer(now).kid, side.recipient_key(now)
    sealed = encrypt_to(recipient, content, client.form.content_type, kid, INTL_1, DEFAULT_LIMITS)
    return Sealed(jwe=sealed, jws=content, jws_digest=hashlib.sha256(content).hexdigest())
