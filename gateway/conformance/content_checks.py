"""Checks of the content: agreement, schema, rules, parsers, answers. Refused at the door or by an acknowledgement."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gateway.conformance.check import CheckFailed, NotApplicable, check
from gateway.conformance.expecting import content_refused, held, json_of, status_of, told
from gateway.conformance.messages import Made, damaged, made
from gateway.conformance.samples import Sample
from gateway.conformance.target import Target
from gateway.exchange.model import ACKNOWLEDGEMENT_TYPE
from gateway.pipeline.acknowledgement import FORMAT_NAME, MEDIA_TYPE
from gateway.simulator.damage import cut_off, entity_bomb, other_namespace, too_deep, with_doctype

DEPTH = 5000
_UNLISTED = "Unlisted"


def with_unlisted_member(sample: Sample, text: str = "x") -> bytes:
    """The content with one element that no schema has, holding a text."""
    if not sample.is_xml:
        member = json.dumps({_UNLISTED: text})[1:-1].encode("ascii")
        return sample.content.replace(b"{", b"{" + member + b",", 1)
    end = sample.content.rindex(b"</")
    element = f"<{_UNLISTED}>{text}</{_UNLISTED}>".encode("ascii")
    return sample.content[:end] + element + sample.content[end:]


def _other(target: Target, **members: Any) -> Made:
    return made(target, replace(target.samples.good, **members))


def _nested(_content: bytes) -> bytes:
    return b"[" * DEPTH + b"]" * DEPTH


def _xml(target: Target) -> Sample:
    if not target.samples.good.is_xml:
        raise NotApplicable("the messages of this agreement are not XML")
    return target.samples.good


@check(
    "CK-60",
    "An unknown agreement is refused",
    proves="Nothing is taken without a legal basis.",
    clause="agreements/README.md",
)
def unknown_agreement(target: Target) -> str:
    """Name an agreement that does not exist."""
    message = _other(target, agreement="no-such-agreement")
    return content_refused(target, message, why="messages without a legal basis would be taken")


@check(
    "CK-61",
    "A message type that the agreement does not list is refused",
    proves="What is not agreed is not exchanged.",
    clause="agreements/README.md",
)
def unknown_type(target: Target) -> str:
    """Name a message type that no agreement lists."""
    message = _other(target, message_type="no-such-type")
    return content_refused(target, message, why="more than was agreed would be taken")


@check(
    "CK-62",
    "A purpose that the agreement does not list is refused",
    proves="Data are used for what was agreed.",
    clause="agreements/README.md",
)
def unknown_purpose(target: Target) -> str:
    """Name a purpose that no agreement lists."""
    message = _other(target, purpose="NO-SUCH-PURPOSE")
    return content_refused(target, message, why="data would be taken for any purpose")


@check(
    "CK-63",
    "An agreement that has ended is refused",
    proves="The end of an agreement ends the exchange.",
    clause="agreements/README.md; adr/0004",
)
def expired_agreement(target: Target) -> str:
    """Send under an agreement that is over."""
    if target.samples.expired is None:
        raise NotApplicable("there is no agreement between both sides that has ended")
    return content_refused(target, made(target, target.samples.expired), why="an exchange would never end")


@check(
    "CK-64",
    "Content that its schema does not allow is refused",
    proves="The sender learns of its mistake instead of the receiver's systems.",
    clause="explanation/validation.md, Schema",
)
def schema_fault(target: Target) -> str:
    """Send an element that the schema does not have."""
    sample = target.samples.good
    message = made(target, sample.with_content(with_unlisted_member(sample)))
    return content_refused(target, message, why="messages of the wrong form would go on")


@check(
    "CK-65",
    "Content that breaks a business rule is refused",
    proves="What no schema can say is checked too.",
    clause="explanation/validation.md, Rules",
)
def rule_fault(target: Target) -> str:
    """Send what the schema accepts and the rules do not."""
    if target.samples.rule_breaking is None:
        raise NotApplicable("no message is at hand that the schema accepts and the rules refuse")
    return content_refused(target, made(target, target.samples.rule_breaking), why="wrong values would go on")


@check(
    "CK-66",
    "Content that is cut off is refused",
    proves="What is not whole is not read as if it were.",
    clause="explanation/validation.md, Parse",
)
def not_well_formed(target: Target) -> str:
    """Send three fifths of a document."""
    return content_refused(target, damaged(target, target.samples.good, cut_off), why="it is no document")


@check(
    "CK-67",
    "Another namespace is refused",
    proves="A message is read as the form that it says it is.",
    clause="explanation/validation.md, Profile",
)
def namespace(target: Target) -> str:
    """Send the right names in a namespace that nobody knows."""
    sample = _xml(target)
    other = other_namespace(sample.content)
    if other == sample.content:
        raise NotApplicable("the form of this agreement has no namespace")
    return content_refused(target, made(target, sample.with_content(other)), why="it is another form")


@check(
    "CK-68",
    "A document type declaration is refused",
    proves="Entities, which read files and call addresses, never come in.",
    clause="explanation/validation.md, Parse",
)
def document_type(target: Target) -> str:
    """Send a document with a DOCTYPE."""
    return content_refused(target, damaged(target, _xml(target), with_doctype), why="XXE")


@check(
    "CK-69",
    "Entities that grow are refused",
    proves="A small document cannot use up the memory of the target.",
    clause="explanation/validation.md, Parse",
)
def entities(target: Target) -> str:
    """Send nine levels of entities."""
    return content_refused(target, damaged(target, _xml(target), entity_bomb), why="entity bomb")


@check(
    "CK-70",
    "A document that is too deep is refused",
    proves="A parser's stack cannot be used up.",
    clause="explanation/validation.md, Parse",
)
def deep(target: Target) -> str:
    """Send hundreds of elements, or thousands of lists, inside each other."""
    sample = target.samples.good
    damage = too_deep if sample.is_xml else _nested
    return content_refused(target, damaged(target, sample, damage), why="a parser could be brought down")


@check(
    "CK-71",
    "An answer to nothing changes nothing",
    proves="An acknowledgement counts for a message that was sent, and for nothing else.",
    clause="exchange_states.md",
)
def answer_to_nothing(target: Target) -> str:
    """Acknowledge a message that was never sent."""
    document = {"outcome": "accepted", "message_id": target.next_id(), "findings": []}
    return _answered(target, json.dumps(document).encode("ascii"), document["message_id"])


@check(
    "CK-72",
    "A broken acknowledgement changes nothing",
    proves="An answer that cannot be read is no acceptance.",
    clause="exchange_states.md",
)
def broken_answer(target: Target) -> str:
    """Acknowledge with something that is no acknowledgement."""
    return _answered(target, b'{"outcome": ["accepted"], "message_id": 7}', target.next_id())


@check(
    "CK-73",
    "A member that stands twice changes nothing",
    proves="Two parts of a system cannot read one document in two ways.",
    clause="explanation/validation.md, Parse",
)
def repeated_member(target: Target) -> str:
    """Acknowledge with an outcome that stands twice."""
    answered = target.next_id()
    text = f'{{"outcome": "refused", "outcome": "accepted", "message_id": "{answered}", "findings": []}}'
    return _answered(target, text.encode("ascii"), answered)


def _answered(target: Target, content: bytes, answered: object) -> str:
    """Hand in an answer; the target may hold its bytes or refuse them, but must not act on it."""
    sample = replace(
        target.samples.good,
        message_type=ACKNOWLEDGEMENT_TYPE,
        format_name=FORMAT_NAME,
        content_type=MEDIA_TYPE,
        content=content,
    )
    message = made(target, sample, ref=str(answered))
    reaction = target.send(target.message_request(message.sealed.jwe))
    if 400 <= reaction.status < 500:
        return told(reaction)
    held(target, message, reaction)
    known = status_of(target, message.message_id)
    if known.status != 200:
        raise CheckFailed(f"expected the status of an answer that it holds, got {told(known)}")
    if json_of(known).get("outcome") == "accepted":
        raise CheckFailed("an answer to a message that was never sent was accepted")
    return "held as evidence, no effect"
