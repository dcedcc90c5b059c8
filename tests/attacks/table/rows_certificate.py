"""Attacks with client certificates, shown by a proxy or by somebody who would like to be one (RFC 9440, RFC 8705)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.attacks.table.attacker import Attacker
from tests.attacks.table.row import Attack
from tests.attacks.table.wire import STRANGER, Shot

Shoot = Callable[[Attacker], Shot]


def certificate(name: str, source: str, shoot: Shoot, code: str, *words: str, **more: Any) -> Attack:
    return Attack(
        **{"status": 401} | more,
        name=f"certificate: {name}",
        kind="certificate",
        source=source,
        shoot=shoot,
        code=code if "." in code else f"certificate.{code}",
        words=words,
    )


def shown(name: str) -> Shoot:
    return lambda attacker: attacker.message(certificate=name)


def field(value: str) -> Shoot:
    """A request whose proxy hands on something else."""
    return lambda attacker: attacker.message(certificate=None, more=(("client-cert", value),))


def from_stranger(*more: tuple[str, str]) -> Shoot:
    """The field of a proxy from an address that is none."""
    return lambda attacker: replace(attacker.message(more=more), source=STRANGER)


def twice(attacker: Attacker) -> Shot:
    return attacker.message(more=tuple(attacker.client_cert("yy").items()))


def listed(attacker: Attacker) -> Shot:
    fields = [attacker.client_cert(name)["client-cert"] for name in ("xx", "yy")]
    return field(", ".join(fields))(attacker)


def as_pem(attacker: Attacker) -> Shot:
    text = attacker.certificates["xx"].pem.decode().replace("\n", "%0A")
    return field(text)(attacker)


def surplus(attacker: Attacker) -> Shot:
    """A good certificate with bytes behind its end."""
    return field(attacker.client_cert()["client-cert"].removesuffix(":") + "AAAA:")(attacker)


FORWARDED = (("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1"), ("x-real-ip", "127.0.0.1"))
ROWS = [
    certificate(
        "none at all",
        "RFC 8705 s. 2",
        lambda attacker: attacker.message(certificate=None),
        "missing",
    ),
    certificate(
        "none at the token endpoint",
        "RFC 8705 s. 2",
        lambda a: a.ask(a.form(a.assertion()), certificate=None),
        "missing",
    ),
    certificate("one that nobody has registered", "RFC 8705 s. 2.2", shown("stranger"), "unknown"),
    certificate("one that was withdrawn", "RFC 5280 s. 3.3", shown("withdrawn"), "withdrawn", "revoked certificate"),
    certificate("one past its last day", "RFC 5280 s. 4.1.2.5", shown("expired"), "expired", "expired"),
    certificate("the field from an address that is no proxy", "RFC 9440 s. 4", from_stranger(), "field-refused"),
    certificate(
        "... which claims to be one by X-Forwarded-For",
        "CWE-348",
        from_stranger(*FORWARDED),
        "field-refused",
        "X-Forwarded spoofing",
    ),
    certificate("two fields", "RFC 9440 s. 2.2", twice, "malformed", "duplicate header"),
    certificate("a list of two in one field", "RFC 9440 s. 2.2", listed, "malformed"),
    certificate("PEM, percent-encoded", "RFC 9440 s. 2.1", as_pem, "malformed"),
    certificate("bytes that are no certificate", "RFC 5280 s. 4.1", field(":AAAA:"), "malformed"),
    certificate("bytes behind a good certificate", "RFC 5280 s. 4.1, X.690 s. 10", surplus, "malformed"),
    certificate("an empty field", "RFC 9440 s. 2.1", field(""), "malformed"),
    certificate(
        "certificate and token of one, signature of another",
        "RFC 9421 s. 7.3.5",
        lambda a: a.message(certificate="yy", token=a.token("yy")),
        "http.unknown-key",
    ),
    certificate(
        "certificate of one, token and signature of another", "RFC 8705 s. 3", shown("yy"), "token.other-certificate"
    ),
]
