"""Attacks on the outside of the sealed message and on what holds it together (RFC 7515, 7516, 7518)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.attacks.table import forging
from tests.attacks.table.attacker import MARK, SIGNED_MEMBERS, Attacker
from tests.attacks.table.forging import b64, unb64
from tests.attacks.table.row import MESSAGE_REFUSED, Attack
from tests.attacks.table.wire import Shot
from tests.world.partner import NOTE

Shoot = Callable[[Attacker], Shot]
EMPTY = b"{}"
NOT_OPENED = "not-opened"


def envelope(name: str, source: str, shoot: Shoot, code: str, *words: str) -> Attack:
    return Attack(
        name=f"envelope: {name}",
        kind="envelope",
        source=source,
        shoot=shoot,
        status=400,
        code=f"envelope.{code}",
        tag=MESSAGE_REFUSED,
        words=words,
    )


def outer(**changes: Any) -> Shoot:
    return lambda attacker: attacker.with_outer(**changes)


def parts(change: Callable[[list[str]], list[str]]) -> Shoot:
    """A good envelope whose segments are changed."""
    return lambda attacker: attacker.message(".".join(change(attacker.segments())).encode())


def spoiled(place: int) -> Shoot:
    """A good envelope with one bit changed in one segment."""

    def change(segments: list[str]) -> list[str]:
        data = bytearray(unb64(segments[place]))
        data[len(data) // 2] ^= 1
        return [*segments[:place], b64(bytes(data)), *segments[place + 1 :]]

    return parts(change)


def signed_text(change: Callable[[str], str]) -> Shoot:
    """A good envelope around a JWS whose text is changed."""
    return lambda attacker: attacker.envelope(change(attacker.jws()))


def stripped(text: str) -> str:
    return text.rpartition(".")[0] + "."


def general_json(attacker: Attacker) -> Shot:
    """The JSON form, for several recipients at once."""
    protected, wrapped, nonce, content, tag = attacker.segments()
    recipients = [{"header": {"kid": "bb"}, "encrypted_key": wrapped}, {"encrypted_key": wrapped}]
    document = {"protected": protected, "recipients": recipients, "iv": nonce, "ciphertext": content, "tag": tag}
    return attacker.message(json.dumps(document).encode())


def json_jws(attacker: Attacker) -> Shot:
    protected, payload, signature = attacker.jws().split(".")
    return attacker.envelope(
        json.dumps({"payload": payload, "signatures": [{"protected": protected, "signature": signature}]})
    )


def not_encrypted(attacker: Attacker) -> Shot:
    return attacker.message(attacker.jws().encode())


def nested(attacker: Attacker) -> Shot:
    """An envelope inside an envelope."""
    return attacker.envelope(attacker.sealed().decode())


def wrapped_signed(attacker: Attacker) -> Shot:
    """A signed message as the content of another, unsigned one."""
    return attacker.envelope(f"{b64(EMPTY)}.{b64(attacker.jws().encode())}.")


def unencoded(attacker: Attacker) -> Shot:
    """RFC 7797: the content stands there as it is, and is signed as it is."""
    header = b64(json.dumps(attacker.inner(b64=False, crit=["b64", *SIGNED_MEMBERS])).encode())
    signature = b64(forging.es256(attacker.key)(f"{header}.PAYLOAD".encode()))
    return attacker.envelope(f"{header}.PAYLOAD.{signature}")


def repeated_outer(attacker: Attacker) -> Shot:
    header = {"epk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}} | attacker.outer()
    return attacker.envelope(None, json.dumps(header)[:-1] + ', "kid": "aa"}')


def of_another_kind(attacker: Attacker) -> Shot:
    """Our key of elliptic curves under an algorithm of RSA."""
    return attacker.envelope(None, json.dumps(attacker.outer(alg="RSA-OAEP-256")))


def curve(**changes: str) -> Shoot:
    """An ephemeral key of the attacker's choice (RFC 7518 section 4.6.1.1)."""
    epk = {"kty": "EC", "crv": "P-256", "x": b64(bytes(31) + b"\x05"), "y": b64(bytes(31) + b"\x01")} | changes
    return outer(epk=epk)


HEADER = "header-refused"
SHAPE = [
    envelope("a JWE of four segments", "RFC 7516 s. 7.1", parts(lambda found: found[:4]), "malformed", "truncated"),
    envelope("the JSON form for many recipients", "RFC 7516 s. 7.2.1", general_json, "malformed", "many recipients"),
    envelope("signed, not encrypted", "RFC 7516 s. 5.2", not_encrypted, "malformed", "stripped"),
    envelope(
        "a large envelope's mark",
        "CWE-436",
        lambda a: a.message(bytes.fromhex("8953415248414401") + b"a" * 90),
        "malformed",
    ),
    envelope("a second spelling of base64", "RFC 7515 s. 2, CWE-647", parts(lambda p: [p[0] + "=", *p[1:]]), HEADER),
]
OUTER = [
    *(
        envelope(f"outer {name}", source, outer(**{name: value}), HEADER, word)
        for name, source, value, word in (
            ("zip", "CVE-2024-28102", "DEF", "zip"),
            ("jku", "CVE-2018-0114 kin", "https://evil.example/keys", "jku header"),
            ("jwk", "CVE-2026-27962", {"kty": "EC"}, "jwk header"),
            ("x5u", "RFC 8725 s. 3.10", "https://evil.example/cert", "x5u header"),
            ("x5c", "RFC 8725 s. 3.10", ["AAAA"], "x5c header"),
            ("b64", "RFC 7797 s. 6", False, "b64=false"),
            ("apu", "CWE-770", "A" * 5000, "oversized"),
        )
    ),
    envelope("a crit that nobody knows", "CVE-2026-32597", outer(crit=["exp"], exp=1), HEADER, "crit unknown"),
    envelope("a member twice", "RFC 8725 s. 3.12, CVE-2017-12635 kin", repeated_outer, HEADER),
    envelope("a header of 600 levels", "CWE-674", lambda a: a.envelope(None, '{"a":' * 600), HEADER, "deep JSON"),
    *(
        envelope(f"alg {value}", source, outer(alg=value, **more), "algorithm-refused", *words)
        for value, source, more, words in (
            ("PBES2-HS512+A256KW", "CVE-2023-6681", {"p2c": 2**31, "p2s": "c2FsdA"}, ("PBES2 p2c",)),
            ("RSA1_5", "CVE-2026-28490, Bleichenbacher", {}, ()),
            ("dir", "RFC 8725 s. 3.1", {}, ()),
            ("none", "RFC 8725 s. 3.1", {}, ("none",)),
        )
    ),
    envelope(
        "RSA-OAEP-256 with a key that is none", "RFC 8725 s. 3.1", of_another_kind, "algorithm-refused", "key-confused"
    ),
    envelope(
        "enc A128CBC-HS256", "RFC 8725 s. 3.1", outer(enc="A128CBC-HS256"), "algorithm-refused", "algorithm-switched"
    ),
    envelope("a point off the curve", "CVE-2017-16007, invalid curve", curve(), NOT_OPENED),
    envelope("an ephemeral key with a private part", "RFC 7518 s. 4.6.1.1", curve(d="A" * 43), HEADER),
    envelope("a key of another curve", "RFC 8725 s. 3.4", curve(crv="secp256k1"), NOT_OPENED),
    envelope(
        "a key of ours that there is not", "RFC 7516 s. 4.1.6", outer(kid="aa-enc-202001-9"), "unknown-recipient-key"
    ),
    envelope("a sender's key that nobody has", "RFC 7515 s. 4.1.4", outer(skid="xx-sig-202001-99"), "unknown-key"),
]
BROKEN = [
    *(
        envelope(f"one bit changed in the {name}", "RFC 7516 s. 5.2, padding oracles", spoiled(place), NOT_OPENED)
        for name, place in (("wrapped key", 1), ("nonce", 2), ("ciphertext", 3), ("tag", 4))
    ),
    envelope(
        "a tag of four bytes",
        "CVE-2022-29217 kin, NIST SP 800-38D s. 5.2.1.2",
        parts(lambda p: [*p[:4], p[4][:6]]),
        NOT_OPENED,
        "truncated tag",
    ),
    envelope(
        "a ciphertext cut short",
        "RFC 7516 s. 5.2",
        parts(lambda p: [*p[:3], p[3][:-40], p[4]]),
        NOT_OPENED,
        "truncated",
    ),
    envelope("no inner signature", "RFC 8725 s. 3.1", signed_text(stripped), NOT_OPENED, "stripped"),
    envelope(
        "content without a signature", "RFC 8725 s. 3.3", lambda a: a.envelope(NOTE.decode()), NOT_OPENED, "stripped"
    ),
    envelope("an envelope in an envelope", "RFC 8725 s. 3.3", nested, NOT_OPENED, "wrapped"),
    envelope(
        "a signed message inside an unsigned one", "XML signature wrapping kin", wrapped_signed, NOT_OPENED, "wrapped"
    ),
    envelope("the JSON form of a JWS", "RFC 7515 s. 7.2.1", json_jws, NOT_OPENED, "JSON JWS"),
    envelope("the content unencoded", "RFC 7797 s. 5.2", unencoded, NOT_OPENED, "b64=false"),
    envelope(
        "the content detached",
        "RFC 7515 app. F",
        signed_text(lambda t: f"{t.split('.')[0]}..{t.split('.')[2]}"),
        NOT_OPENED,
    ),
    envelope(
        "other content under a good signature",
        "RFC 7515 s. 5.2",
        signed_text(lambda t: f"{t.split('.')[0]}.{b64(MARK.encode())}.{t.split('.')[2]}"),
        NOT_OPENED,
        "forged",
    ),
]
ROWS = [*SHAPE, *OUTER, *BROKEN]
