"""Checks of what the target says when it refuses: form, stable codes, and never a value of what was sent."""

from __future__ import annotations

from dataclasses import replace

from gateway.conformance.check import CheckFailed, check
from gateway.conformance.content_checks import with_unlisted_member
from gateway.conformance.expecting import PROBLEM, code_of, held, json_of, outcome_of, refused, status_of
from gateway.conformance.messages import made, with_changed_tag
from gateway.conformance.target import Target
from gateway.conformance.wire import Reaction
from gateway.errors import EnvelopeRefused
from gateway.security.envelope import open_sealed
from gateway.security.http_messages import Headers

_MEMBERS = {"type": str, "title": str, "status": int, "detail": str}


def _refusal(target: Target) -> Reaction:
    """A refusal that every target gives: of a message whose tag was changed."""
    jwe = with_changed_tag(made(target, target.samples.good).sealed.jwe)
    return target.send(target.message_request(jwe))


@check(
    "CK-80",
    "A refusal is a problem document",
    proves="The sender's system can react to it without a person.",
    clause="RFC 9457 section 3.1",
)
def problem_document(target: Target) -> str:
    """Look at the form of a refusal."""
    reaction = _refusal(target)
    refused(reaction, 400, why="a changed message is no message")
    kind = (reaction.headers.only("content-type") or "").partition(";")[0].strip().lower()
    if kind != PROBLEM:
        raise CheckFailed(f"expected the content type {PROBLEM}")
    document = json_of(reaction)
    wrong = sorted(name for name, form in _MEMBERS.items() if not isinstance(document.get(name), form))
    if wrong:
        raise CheckFailed(f"the problem document lacks, or has in another form: {', '.join(wrong)}")
    if document["status"] != reaction.status:
        raise CheckFailed("the member status is not the status of the answer")
    return f"{PROBLEM} with type, title, status and detail"


@check(
    "CK-81",
    "The same fault gets the same code",
    proves="Codes can be programmed against and looked up.",
    clause="RFC 9457 section 3.1.1",
)
def stable_codes(target: Target) -> str:
    """Refuse the same fault twice, and another one."""
    first, again = code_of(_refusal(target)), code_of(_refusal(target))
    if first != again:
        raise CheckFailed("one fault got two codes")
    other = code_of(target.send(target.message_request(b"not sealed")))
    if other == first:
        raise CheckFailed("two different faults before and behind decryption have one code: nobody can mend either")
    return f"{first} twice, {other} for another fault"


@check(
    "CK-82",
    "No value of a message comes back",
    proves="What was refused does not end in logs and screens of the transport.",
    clause="architecture.md, What must always hold",
)
def no_value_echoed(target: Target) -> str:
    """Send a tell-tale value where it is refused, and look for it in every answer."""
    canary = f"canary{target.run}"
    sample = target.samples.good
    message = made(target, sample.with_content(with_unlisted_member(sample, canary)))
    reaction = target.send(target.message_request(message.sealed.jwe))
    seen = [reaction.body]
    if reaction.status == 202:
        handed = held(target, message, reaction)
        outcome_of(target, handed)
        told = status_of(target, message.message_id)
        seen += [told.body, *_opened(target, (reaction, told))]
    if any(canary.encode("ascii") in each for each in seen):
        raise CheckFailed("a value of the message stands in the answer: findings carry paths and codes only")
    return f"not in {len(seen)} answers"


def _opened(target: Target, reactions: tuple[Reaction, ...]) -> list[bytes]:
    """The acknowledgements inside some answers."""
    found = []
    for reaction in reactions:
        sealed = json_of(reaction).get("acknowledgement")
        if not isinstance(sealed, str):
            continue
        try:
            opened = open_sealed(
                sealed.encode("ascii", "replace"),
                decrypters=list(target.side.own.decrypters),
                lookup_key=target.side.lookup,
                recipient=target.side.code,
                at=target.now(),
            )
        except EnvelopeRefused as refusal:
            raise CheckFailed(f"the acknowledgement cannot be opened: {refusal.stable_code}") from None
        found.append(opened.payload)
    return found


@check(
    "CK-83",
    "No header or parameter comes back",
    proves="An error page cannot be made to carry what a caller chose.",
    clause="architecture.md, What must always hold",
)
def no_header_echoed(target: Target) -> str:
    """Send a tell-tale value in a header field, in a parameter and in a path."""
    canary = f"canary{target.run}"
    request = target.request("GET", f"/v1/{canary}?{canary}={canary}")
    marked = replace(request, headers=Headers((*request.headers.lines, ("x-canary", canary))))
    reaction = target.send(marked)
    if reaction.status >= 500 or reaction.status < 400:
        raise CheckFailed(f"expected a refusal of a path that does not exist, got {reaction.status}")
    head = "".join(f"{name}: {value}" for name, value in reaction.headers.lines)
    if canary.encode("ascii") in reaction.body or canary in head:
        raise CheckFailed("a value of the request stands in the answer")
    return f"{reaction.status} without it"


@check(
    "CK-84",
    "A wrong method is refused, not a fault",
    proves="No request brings the target to an answer 500.",
    clause="architecture.md, What must always hold",
)
def wrong_method(target: Target) -> str:
    """Delete where messages are handed in, and ask for ids that are odd."""
    seen = []
    for method, path in (("DELETE", "/v1/messages"), ("PATCH", "/v1/messages"), ("GET", "/v1/messages/%00%0a")):
        reaction = target.send(target.request(method, path))
        if not 400 <= reaction.status < 500:
            raise CheckFailed(f"expected a refusal of {method}, got {reaction.status}")
        seen.append(str(reaction.status))
    return ", ".join(seen)
