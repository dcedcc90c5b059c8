"""Attacks on the signature of the request (RFC 9421, RFC 9530), each signed by a key that is good otherwise."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.attacks.http.conftest import Draft, digest_of
from tests.attacks.table import forging
from tests.attacks.table.attacker import Attacker
from tests.attacks.table.row import Attack
from tests.attacks.table.wire import Shot

Shoot = Callable[[Attacker], Shot]
Change = Callable[[Draft], Draft]


def signature(name: str, source: str, shoot: Shoot, code: str, *words: str, status: int = 401, **more: Any) -> Attack:
    kind = "signature"
    return Attack(
        name=f"signature: {name}", kind=kind, source=source, shoot=shoot, status=status, code=code, words=words, **more
    )


def drafted(change: Change) -> Shoot:
    """A good request whose signature is made over something else, or says something else."""
    return lambda attacker: attacker.drafted(change(attacker.draft()))


def saying(**parameters: str | None) -> Shoot:
    return drafted(lambda draft: draft.saying(**parameters))


def made_in(seconds: int, lasting: int = 200) -> Shoot:
    """A signature made some seconds from now."""

    def change(draft: Draft) -> Draft:
        created = int(draft.parameters["created"]) + seconds
        return draft.saying(created=str(created), expires=str(created + lasting))

    return drafted(change)


def without_lines(*names: str) -> Shoot:
    """A good request from which fields were taken away after signing."""

    def change(draft: Draft) -> Draft:
        return replace(draft, fields=dict.fromkeys(names))

    return drafted(change)


def named(owner: str) -> Shoot:
    """A request that names the key of another, and is signed with his own."""

    def shoot(attacker: Attacker) -> Shot:
        keys = {"yy": attacker.parties["yy"]._sign.public.kid}
        keys["aa"] = next(key.kid for key in attacker.xx._theirs.values() if key.use == "sig")
        return attacker.drafted(attacker.draft().saying(keyid=f'"{keys[owner]}"'))

    return shoot


def in_state(state: str) -> Shoot:
    """Signed with a key of his own that is in some state."""

    def shoot(attacker: Attacker) -> Shot:
        key = attacker.keys[state]
        return attacker.drafted(attacker.draft().saying(keyid=f'"{key.public.kid}"'), key)

    return shoot


def as_hmac(alg: str) -> Shoot:
    """HMAC whose secret is the public key."""

    def shoot(attacker: Attacker) -> Shot:
        sign = forging.hmac_with_public(attacker.key.public)
        return attacker.drafted(replace(attacker.draft().saying(alg=f'"{alg}"'), signature=sign))

    return shoot


def twice(name: str) -> Shoot:
    """A good request in which a field stands twice."""

    def shoot(attacker: Attacker) -> Shot:
        shot = attacker.message()
        assert shot.request is not None
        return attacker.message(more=((name, shot.request.headers.only(name) or ""),))

    return shoot


def digest(value: Callable[[bytes], str]) -> Shoot:
    """A digest of the attacker's choice, honestly signed."""

    def change(draft: Draft) -> Draft:
        text = value(draft.content)
        return draft.covering(**{'"content-digest"': text}).sending(content_digest=text)

    return drafted(change)


def swapped_content(attacker: Attacker) -> Shot:
    draft = attacker.draft()
    return attacker.drafted(replace(draft, content=attacker.sealed()))


def of_another_request(attacker: Attacker) -> Shot:
    """The signature of one request on another."""
    first = attacker.message().request
    assert first is not None
    fields = {name: first.headers.only(name.replace("_", "-")) for name in ("signature", "signature_input")}
    return attacker.drafted(attacker.draft().sending(**fields))


def read_twice(attacker: Attacker) -> Shot:
    """An answer of ours sent back as a request."""
    draft = attacker.draft()
    status = {'"@status"': "202"}
    return attacker.drafted(replace(draft.saying(tag='"cgw-response"'), covered={**draft.covered, **status}))


def zeros(data: bytes) -> bytes:
    del data
    return bytes(64)


WRONG = "http.signature-wrong"
COVERAGE = [
    signature(
        f"{name} not covered",
        "RFC 9421 s. 7.2.1",
        drafted(lambda draft, name=name: draft.without(f'"{name}"')),  # type: ignore[misc]
        "http.component-missing",
        "missing component",
    )
    for name in ("@method", "@target-uri", "content-type", "content-digest", "authorization")
]
COVERAGE += [
    signature(
        "nothing covered",
        "RFC 9421 s. 7.2.1",
        drafted(lambda draft: replace(draft, covered={})),
        "http.component-missing",
    ),
    signature(
        "a field covered that the profile does not know",
        "RFC 9421 s. 7.2.8",
        drafted(lambda draft: replace(draft.covering(**{'"x-note"': "a"}), more=(("x-note", "a"),))),
        "http.component-refused",
    ),
    signature(
        "a digest covered by one key of its dictionary",
        "RFC 9421 s. 2.1.2",
        drafted(lambda d: d.without('"content-digest"').covering(**{'"content-digest";key="sha-256"': "a"})),
        "http.component-refused",
    ),
]
FORM = [
    signature(
        "the signature taken away",
        "RFC 9421 s. 7.1.1",
        without_lines("signature", "signature-input"),
        "http.signature-missing",
        "stripped",
    ),
    signature("parameters without a signature", "RFC 9421 s. 4", without_lines("signature"), "http.signature-missing"),
    signature(
        "two signatures, one of them good",
        "RFC 9421 s. 7.2.2",
        lambda a: a.drafted(replace(a.draft(), fields={"signature": "sig1=:AAAA:, sig2=:AAAA:"})),
        "http.signature-malformed",
        "wrapped",
    ),
    signature("the signature of another request", "RFC 9421 s. 7.2.2", of_another_request, WRONG, "forged"),
    signature(
        "r and s of zero",
        "CVE-2022-21449",
        drafted(lambda draft: replace(draft, signature=zeros)),
        WRONG,
        "ES256 r=s=0",
    ),
    signature(
        "a signature cut short",
        "RFC 9421 s. 3.3",
        drafted(lambda d: replace(d, signature=lambda _: bytes(40))),
        WRONG,
        "truncated",
    ),
    signature("a parameter of no profile", "RFC 9421 s. 2.3", saying(x="1"), "http.parameter-refused"),
    signature("no nonce", "RFC 9421 s. 7.2.2", saying(nonce=None), "http.parameter-refused"),
    signature("a short nonce", "RFC 9421 s. 7.2.2", saying(nonce='"abc"'), "http.parameter-refused"),
    signature("an answer's signature on a request", "RFC 9421 s. 7.3.7", read_twice, "http.wrong-tag"),
    signature("the tag of another application", "RFC 9421 s. 7.3.7", saying(tag='"fapi-2-request"'), "http.wrong-tag"),
]
KEYS = [
    signature(
        "alg none", "RFC 9421 s. 7.3.6", saying(alg='"none"'), "http.algorithm-refused", "none", "algorithm-switched"
    ),
    signature(
        "hmac-sha256 with the public key",
        "CVE-2016-5431 kin",
        as_hmac("hmac-sha256"),
        "http.algorithm-refused",
        "key-confused",
    ),
    signature(
        "an HMAC under the name of the key's algorithm", "CVE-2016-5431 kin", as_hmac("ecdsa-p256-sha256"), WRONG
    ),
    signature("rsa-v1_5-sha256", "RFC 9421 s. 7.3.6", saying(alg='"rsa-v1_5-sha256"'), "http.algorithm-refused"),
    signature(
        "the key of another partner named", "RFC 9421 s. 7.3.5", named("yy"), "http.unknown-key", "cross-partner kid"
    ),
    signature("a key of ours named", "RFC 9421 s. 7.3.5", named("aa"), "http.unknown-key", "kid of ours"),
    signature("a key that nobody has", "RFC 9421 s. 7.3.5", saying(keyid='"xx-sig-202001-99"'), "http.unknown-key"),
    signature("a path as key id", "CWE-22, kid injection", saying(keyid='"../../dev/null"'), "http.unknown-key"),
    signature(
        "a key marked as compromised",
        "NIST SP 800-57 s. 5.3",
        in_state("compromised"),
        "http.compromised-key",
        "revoked key",
    ),
    signature("a retired key", "NIST SP 800-57 s. 5.3", in_state("retired"), "http.expired-key"),
    signature("a key before its day", "NIST SP 800-57 s. 5.3", in_state("pending"), "http.key-not-active"),
]
TIMES = [
    signature("a signature that has run out", "RFC 9421 s. 7.2.3", made_in(-400), "http.expired", "expired"),
    signature("a signature of tomorrow", "RFC 9421 s. 7.2.3", made_in(86_400), "http.not-yet-valid", "not yet valid"),
    signature(
        "a signature for ten years",
        "RFC 9421 s. 7.2.3",
        made_in(0, 315_360_000),
        "http.validity-too-long",
        "ten-year expiry",
    ),
    signature("a signature without an end", "RFC 9421 s. 7.2.3", saying(expires=None), "http.parameter-refused"),
]
CONTENT = [
    signature(
        "other content under a signed digest",
        "RFC 9530 s. 6.2",
        swapped_content,
        "http.digest-mismatch",
        "wrong digest",
        status=400,
    ),
    signature(
        "no digest",
        "RFC 9530 s. 6.1",
        drafted(lambda d: d.without('"content-digest"').sending(content_digest=None)),
        "http.digest-missing",
        status=400,
    ),
    signature(
        "an md5 digest",
        "RFC 9530 s. 5",
        digest(lambda c: digest_of(c, "md5", "md5")),
        "http.digest-refused",
        status=400,
    ),
    signature(
        "a good digest and a wrong one",
        "RFC 9530 s. 6.4",
        digest(lambda c: f"{digest_of(c)}, sha-512=:{base64.b64encode(bytes(64)).decode()}:"),
        "http.digest-mismatch",
        status=400,
    ),
    signature(
        "authorization changed after signing",
        "RFC 9421 s. 7.2.1",
        drafted(lambda d: d.covering(**{'"authorization"': "Bearer a"})),
        WRONG,
    ),
    *(
        signature(
            f"{name} twice", "RFC 9421 s. 7.5.6", twice(name), "http.repeated-header", "duplicate header", status=400
        )
        for name in ("content-type", "content-digest", "signature", "signature-input")
    ),
]
ROWS = [*COVERAGE, *FORM, *KEYS, *TIMES, *CONTENT]
