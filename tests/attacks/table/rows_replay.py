"""Replays: of a request, a message, an answer; and the second form of a signature that makes an old thing look new."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.errors import GatewayError
from gateway.security.http_messages import HttpRequest, HttpResponse
from gateway.security.receipts import verify_receipt
from tests.attacks.table import forging
from tests.attacks.table.attacker import MESSAGES, Attacker
from tests.attacks.table.row import MESSAGE_REPLAYED, Attack, ByHand
from tests.attacks.table.wire import Shot, fire, wire
from tests.world.http import answered, proved
from tests.world.partner import note

Shoot = Callable[[Attacker], Shot]


def replay(name: str, source: str, shoot: Shoot, status: int, code: str, *words: str, **more: Any) -> Attack:
    return Attack(
        name=f"replay: {name}", kind="replay", source=source, shoot=shoot, status=status, code=code, words=words, **more
    )


def same_request(attacker: Attacker) -> Shot:
    """A request that was taken, and once more."""
    shot = attacker.message()
    return replace(taken(attacker, shot), request=shot.request)


def taken(attacker: Attacker, shot: Shot) -> Shot:
    """What was sent, after it was sent once."""
    assert fire(shot, attacker.port).status == 202
    return shot


def same_nonce(attacker: Attacker) -> Shot:
    """Another message under a nonce that was used."""
    nonce = f'"{attacker.fresh("again").ljust(24, "B")}"'
    taken(attacker, attacker.drafted(attacker.draft().saying(nonce=nonce)))
    return attacker.drafted(attacker.draft().saying(nonce=nonce))


def same_id(attacker: Attacker) -> Shot:
    """A message id that was used, with other content."""
    name = attacker.fresh()
    attacker.handed_in(attacker.sealed(note("N-1"), name))
    return attacker.message(attacker.sealed(note("N-2"), name))


def second_form(attacker: Attacker) -> Shot:
    """The same message, its signature in the other form that ECDSA lets pass (n - s in place of s)."""
    text = attacker.jws()
    attacker.handed_in(".".join(attacker.segments(text)).encode())
    signing_input, _, signature = text.rpartition(".")
    return attacker.envelope(f"{signing_input}.{forging.b64(forging.other_half(forging.unb64(signature)))}")


def second_form_of_request(attacker: Attacker) -> Shot:
    """The same request, its signature in the other form; its nonce is known all the same."""
    shot = taken(attacker, attacker.message())
    assert shot.request is not None
    label, _, text = (shot.request.headers.only("signature") or "").partition("=:")
    other = base64.b64encode(forging.other_half(base64.b64decode(text.rstrip(":")))).decode()
    request = replace(shot.request, headers=shot.request.headers.replacing({"signature": f"{label}=:{other}:"}))
    return Shot(raw=wire(request), request=request)


def to_another_address(attacker: Attacker) -> Shot:
    """A good request, sent once more to another route."""
    request = attacker.message().request
    assert request is not None
    moved = replace(request, target=request.target.replace(MESSAGES, "/v1/checks?from=xx"))
    return Shot(raw=wire(moved), request=moved)


# What the one does who stands between us and an honest partner: the partner's side refuses the answer.


def answer(
    name: str, source: str, change: Callable[[Attacker, HttpRequest, HttpResponse], str], code: str, *words: str
) -> ByHand:
    def refuse(attacker: Attacker) -> str:
        shot = attacker.send("GET", f"{MESSAGES}/m-none?from=xx")
        assert shot.request is not None
        told = fire(shot, attacker.port)
        response = HttpResponse(status=told.status, headers=told.headers, content=told.content)
        proved(attacker.xx, response, shot.request)
        return change(attacker, shot.request, response)

    return ByHand(name=f"answer: {name}", kind="answer", source=source, refuse=refuse, code=code, words=words)


def code_of(attacker: Attacker, response: HttpResponse, request: HttpRequest) -> str:
    """The code with which a partner refuses an answer; empty when it takes it."""
    try:
        proved(attacker.xx, response, request)
    except GatewayError as refused:
        return refused.stable_code
    return ""


def to_another_request(attacker: Attacker, _: HttpRequest, response: HttpResponse) -> str:
    other = attacker.send("GET", f"{MESSAGES}/m-none?from=xx").request
    assert other is not None
    return code_of(attacker, response, other)


def forged_by_partner(attacker: Attacker, request: HttpRequest, response: HttpResponse) -> str:
    bare = replace(response, headers=type(response.headers).of([("content-type", "application/json")]))
    return code_of(attacker, answered(attacker.parties["yy"], bare, request), request)


def stripped(attacker: Attacker, request: HttpRequest, response: HttpResponse) -> str:
    kept = [line for line in response.headers.lines if not line[0].startswith("signature")]
    return code_of(attacker, replace(response, headers=type(response.headers).of(kept)), request)


def changed_receipt(attacker: Attacker, _: HttpRequest, __: HttpResponse) -> str:
    """A receipt for other bytes than those that we hold."""
    taken_in = attacker.world.gateway.receive(attacker.sealed(), "application/jose")
    head, body, signature = taken_in.receipt.decode().split(".")
    other = forging.b64(forging.unb64(body).replace(b'"holder":"aa"', b'"holder":"bb"'))
    [key] = [key for key in attacker.xx._theirs.values() if key.use == "sig"]
    try:
        verify_receipt(f"{head}.{other}.{signature}".encode(), key)
    except GatewayError as refused:
        return refused.stable_code
    return ""


ROWS = [
    replay("a request sent again", "RFC 9421 s. 7.2.2", same_request, 401, "http.replayed", "replayed HTTP signature"),
    replay("another message under a used nonce", "RFC 9421 s. 7.2.2", same_nonce, 401, "http.replayed"),
    replay(
        "a request with its signature in the other form",
        "CVE-2019-14859 kin, ECDSA malleability",
        second_form_of_request,
        401,
        "http.replayed",
        "high-s",
    ),
    replay("a request sent on to another route", "RFC 9421 s. 7.2.1", to_another_address, 401, "http.signature-wrong"),
    replay(
        "other content under a used message id",
        "CWE-294",
        same_id,
        409,
        "message.replayed",
        "replayed message",
        tag=MESSAGE_REPLAYED,
    ),
    replay(
        "a message with its signature in the other form",
        "ECDSA malleability",
        second_form,
        409,
        "message.replayed",
        "high-s",
        tag=MESSAGE_REPLAYED,
    ),
    answer(
        "an old answer to a new request",
        "RFC 9421 s. 7.2.2",
        to_another_request,
        "http.signature-wrong",
        "replayed response",
    ),
    answer(
        "an answer with another status",
        "RFC 9421 s. 7.2.1",
        lambda a, q, r: code_of(a, replace(r, status=202), q),
        "http.signature-wrong",
        "forged",
    ),
    answer(
        "an answer with other content",
        "RFC 9530 s. 6.2",
        lambda a, q, r: code_of(a, replace(r, content=b"{}"), q),
        "http.digest-mismatch",
        "wrong digest",
    ),
    answer("an answer without its signature", "RFC 9421 s. 7.1.1", stripped, "http.signature-missing", "stripped"),
    answer(
        "an answer signed by another partner",
        "RFC 9421 s. 7.3.5",
        forged_by_partner,
        "http.unknown-key",
        "cross-partner kid",
    ),
    answer("a receipt of another holder", "RFC 7515 s. 5.2", changed_receipt, "envelope.not-opened", "forged"),
]
