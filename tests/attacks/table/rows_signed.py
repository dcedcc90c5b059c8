"""Attacks on the signed message in a good envelope: its signature, its keys, and what is signed (RFC 7515, 8725)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway.security.generation import generate_key
from tests.attacks.table import forging
from tests.attacks.table.attacker import JOSE, MARK, SIGNED_MEMBERS, Attacker
from tests.attacks.table.rows_envelope import NOT_OPENED, Shoot, envelope
from tests.attacks.table.wire import Shot
from tests.world.partner import LONG_AGO, NOTE


def inner(**changes: Any) -> Shoot:
    return lambda attacker: attacker.with_inner(**changes)


def by(sign: Callable[[Attacker], forging.Sign], **header: Any) -> Shoot:
    """A good envelope around a JWS with another signature."""
    return lambda attacker: attacker.envelope(attacker.jws(attacker.inner(**header), NOTE, sign(attacker)))


def stranger(_: Attacker) -> forging.Sign:
    return forging.es256(generate_key("xx", "ES256", LONG_AGO))


def forwarded(attacker: Attacker) -> Shot:
    """What he has signed for another recipient, encrypted anew to us."""
    return attacker.with_inner(aud="bb")


def of_partner(attacker: Attacker) -> Shot:
    """What another partner has signed, in an envelope of his own."""
    other = attacker.parties["yy"]._sign
    header = attacker.inner(iss="yy", kid=other.public.kid)
    return attacker.envelope(attacker.jws(header, NOTE, forging.es256(other)))


def of_ours(attacker: Attacker) -> Shot:
    """Our own key named as the sender's, our own receipt inside."""
    [kid] = [key.kid for key in attacker.xx._theirs.values() if key.use == "sig"]
    taken = attacker.world.gateway.receive(attacker.sealed(), JOSE["content-type"])
    return attacker.envelope(taken.receipt.decode(), attacker.outer(skid=kid))


def receipt(attacker: Attacker) -> Shot:
    """A receipt that he has signed himself, as a message."""
    return attacker.envelope(attacker.xx.receipt("m-1", "0" * 64).decode())


def in_state(state: str) -> Shoot:
    def shoot(attacker: Attacker) -> Shot:
        key = attacker.keys[state]
        header = attacker.inner(kid=key.public.kid)
        return attacker.envelope(attacker.jws(header, NOTE, forging.es256(key)), attacker.outer(skid=key.public.kid))

    return shoot


def sealed_at(seconds: int) -> Shoot:
    return lambda attacker: attacker.with_inner(iat=int(datetime.now(UTC).timestamp()) + seconds)


def repeated_member(attacker: Attacker) -> Shot:
    text = json.dumps(attacker.inner())[:-1] + ', "aud": "bb"}'
    return attacker.envelope(attacker.jws(text))


SIGNATURE = [
    envelope("inner alg none", "RFC 8725 s. 3.1", inner(alg="none"), NOT_OPENED, "none"),
    envelope("inner alg RS256", "RFC 8725 s. 3.1", inner(alg="RS256"), NOT_OPENED, "algorithm-switched"),
    envelope(
        "inner HS256 with the public key",
        "CVE-2015-9235",
        by(lambda a: forging.hmac_with_public(a.key.public), alg="HS256"),
        NOT_OPENED,
        "HS256 with public key",
    ),
    envelope(
        "inner r and s of zero", "CVE-2022-21449", by(lambda _: lambda _data: bytes(64)), NOT_OPENED, "ES256 r=s=0"
    ),
    envelope("signed by a stranger under his id", "RFC 8725 s. 3.5", by(stranger), NOT_OPENED, "forged"),
    envelope("signed by another partner", "RFC 8725 s. 3.8", of_partner, NOT_OPENED, "cross-partner kid"),
    envelope("our own receipt as a message", "RFC 8725 s. 3.11", of_ours, "unknown-key", "kid of ours"),
    envelope("a receipt as a message", "RFC 8725 s. 3.11", receipt, NOT_OPENED),
    envelope("inner jwk", "CVE-2026-27962", inner(jwk={"kty": "EC"}), NOT_OPENED, "jwk header"),
    envelope(
        "inner crit that nobody knows",
        "RFC 7515 s. 4.1.11",
        inner(crit=[*SIGNED_MEMBERS, "exp"], exp=1),
        NOT_OPENED,
        "crit unknown",
    ),
    envelope("an inner member twice", "RFC 8725 s. 3.12", repeated_member, NOT_OPENED),
    envelope("a compromised key", "NIST SP 800-57 s. 5.3", in_state("compromised"), "compromised-key", "revoked key"),
    envelope("a retired key", "NIST SP 800-57 s. 5.3", in_state("retired"), "expired-key"),
    envelope("a key before its day", "NIST SP 800-57 s. 5.3", in_state("pending"), "key-not-active"),
]
METADATA = [
    envelope(
        "signed for another, encrypted to us",
        "surreptitious forwarding, Davis 2001",
        forwarded,
        "wrong-recipient",
        "re-encrypted for another recipient",
        "wrong audience",
    ),
    envelope("several recipients", "RFC 7519 s. 4.1.3", inner(aud=["aa", "bb"]), NOT_OPENED, "list audience"),
    envelope("another partner as the sender", "RFC 8725 s. 3.8", inner(iss="yy"), "wrong-sender"),
    envelope("sealed forty days ago", "RFC 7519 s. 4.1.6", sealed_at(-40 * 86_400), "clock", "expired"),
    envelope("sealed tomorrow", "RFC 7519 s. 4.1.6", sealed_at(86_400), "clock", "not yet valid"),
    envelope("a new line in the id", "CWE-117", inner(jti=f"{MARK}\nforged"), "metadata-refused", "log injection"),
    envelope(
        "letters of two alphabets in the id",
        "CWE-1007",
        inner(jti="m-\u0430\u0301"),
        "metadata-refused",
        "unicode in ids",
    ),
    envelope("a path as the agreement", "CWE-22", inner(agreement="../../etc"), "metadata-refused", "path tricks"),
    envelope(
        "a lone surrogate in the purpose", "RFC 8259 s. 8.2", inner(purpose="\ud800"), "metadata-refused", "surrogates"
    ),
    envelope("the recipient not marked as critical", "RFC 7515 s. 4.1.11", inner(crit=["iss"]), "metadata-refused"),
]
ROWS = [*SIGNATURE, *METADATA]
