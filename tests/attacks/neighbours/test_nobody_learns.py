"""One partner cannot learn anything of another: every route, with every id of the other, beside what does not exist.

The answer about the other's things has to be the one about nothing: the same status, the same body, the same headers
but for the signature, and no word of the other's anywhere. How long an answer takes is not looked at
(docs/reference/partner_log.md says so). A route that is not listed here fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.adapters.partner_channel import HttpAnswer
from gateway.identifiers import PartnerCode
from tests.attacks.neighbours.conftest import NO_KID, Asked, Curious
from tests.world.partner import NOTE
from tests.world.tls import FORM

YY = PartnerCode("yy")
NOTHING = "0" * 32
LETTER = NOTE.replace(b"urn:world:xx:note:1", b"urn:world:yy:letter:1")
JOSE = {"content-type": "application/jose"}
XML = {"content-type": "application/xml"}
JSON = {"content-type": "application/json"}

Pair = tuple[Asked, Asked]
"""About something of the other's, and about nothing."""

_OF_EACH_ANSWER = {"signature", "signature-input", "date"}


def told(answer: HttpAnswer) -> tuple[int, bytes, dict[str, str]]:
    """What an answer says."""
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_EACH_ANSWER}
    return answer.status, answer.body, headers


def own_ids(curious: Curious, method: str, path: str, *ids: object, nothing: object = NOTHING, query: str = "",
            body: bytes = b"", headers: dict[str, str] | None = None) -> list[Pair]:  # fmt: skip
    """Pairs for a route that takes an id and a sender.

    Its own code with the other's ids and with none; the other's code and one that nobody has, with all proofs of its
    own and with none at all; and the key of the other beside one that nobody has.
    """

    def asked(place: object, sender: str, **more: Any) -> Asked:
        target = f"{path.format(place)}?from={sender}{query}"
        return Asked(method=method, path=target, body=body, headers=headers or {}, **more)

    pairs = [(asked(one, "yy"), asked(nothing, "yy")) for one in ids]
    for one in (*ids, nothing):
        pairs.append((asked(one, "xx"), asked(one, "zz")))
        pairs.append((asked(one, "xx", proofs=False), asked(one, "zz", proofs=False)))
    pairs.append((asked(nothing, "yy", kid=curious.known.kid), asked(nothing, "yy", kid=NO_KID)))
    return pairs


def status(curious: Curious) -> list[Pair]:
    known = curious.known
    return own_ids(curious, "GET", "/v1/messages/{}", known.received, known.lodged, *known.exchanges, *known.keys)


def mailbox(curious: Curious) -> list[Pair]:
    return own_ids(curious, "GET", "/v1/mailbox", query="&limit=1000")


def entry_of_mailbox(curious: Curious) -> list[Pair]:
    known = curious.known
    return own_ids(curious, "GET", "/v1/mailbox/{}", known.waiting, known.lodged, *known.exchanges, *known.keys)


def receipt(curious: Curious) -> list[Pair]:
    body = json.dumps({"receipt": curious.partner.receipt(curious.known.lodged, NOTHING * 2).decode()}).encode()
    ids = (curious.known.waiting, *curious.known.keys)
    pairs = own_ids(curious, "POST", "/v1/mailbox/{}/receipt", *ids, body=body, headers=JSON)
    curious.gateway.lodge(b'{"number": "L-1"}', "yy", "reply", message_id="own-1")
    own = next(one.message for one in curious.gateway.partners.mailbox.waiting(YY, 100))
    receipts = []
    for kid in (curious.known.kid, NO_KID):
        with curious.signing_as(kid) as partner:
            receipts.append(json.dumps({"receipt": partner.receipt(own.message_id, own.digest).decode()}).encode())
    theirs, nobodys = (
        Asked(method="POST", path=f"/v1/mailbox/{own.key}/receipt?from=yy", body=each, headers=JSON)
        for each in receipts
    )
    return [*pairs, (theirs, nobodys)]


def log_entry(curious: Curious) -> list[Pair]:
    everything = range(curious.known.indexes[0], curious.known.indexes[-1] + 6)
    return own_ids(curious, "GET", "/v1/log/entries/{}", *everything, nothing=10**9)


def log_entries(curious: Curious) -> list[Pair]:
    known, pairs = curious.known, []
    for one in (known.received, known.lodged, *known.exchanges):
        about = own_ids(curious, "GET", "/v1/log/entries", query=f"&message={one}")
        pairs += about
        nothing = Asked(method="GET", path=f"/v1/log/entries?from=yy&message={NOTHING}")
        pairs.append((Asked(method="GET", path=f"/v1/log/entries?from=yy&message={one}"), nothing))
    return pairs


def agreements(curious: Curious) -> list[Pair]:
    return own_ids(curious, "GET", "/v1/agreements")


def format_of(curious: Curious) -> list[Pair]:
    return own_ids(
        curious, "GET", "/v1/formats/{}", "xx-note-1.0", "xx-note", "aa-note-1.0", "note-1.0", nothing="zz-1.0"
    )


def check(curious: Curious) -> list[Pair]:
    theirs, nowhere = NOTE, NOTE.replace(b"urn:world:xx", b"urn:world:zz")
    pairs = own_ids(curious, "POST", "/v1/checks", query="&type=note", body=theirs, headers=XML)
    for kind in ("note", "", "old-note"):
        path = f"/v1/checks?from=yy&type={kind}"
        pairs.append(tuple(Asked(method="POST", path=path, body=body, headers=XML) for body in (theirs, nowhere)))  # type: ignore[arg-type]
    return pairs


def token(curious: Curious) -> list[Pair]:
    def asked(client: str, kid: str = "", *, proofs: bool = True) -> Asked:
        return Asked(method="POST", path="/oauth2/token", body=curious.form(client, kid), headers=FORM, proofs=proofs)

    kid = curious.known.kid
    return [
        (asked("xx"), asked("zz")),
        (asked("xx", kid), asked("zz", NO_KID)),
        (asked("yy", kid), asked("yy", NO_KID)),
        (asked("xx", proofs=False), asked("zz", proofs=False)),
    ]


def hand_in(curious: Curious) -> list[Pair]:
    """Refused ones; what is taken in is looked at below."""
    seal = curious.partner.seal

    def asked(sealed: bytes, *, proofs: bool = True) -> Asked:
        return Asked(method="POST", path="/v1/messages", body=sealed, headers=JOSE, proofs=proofs)

    under = []
    for kid in (curious.known.kid, NO_KID):
        with curious.signing_as(kid) as partner:
            under.append(asked(partner.seal(LETTER, "f-4", agreement="aa-yy-letters", format_name="yy-letter-1.0")))
    return [
        (under[0], under[1]),
        (asked(seal(NOTE, "f-1", iss="xx")), asked(seal(NOTE, "f-1", iss="zz"))),
        (asked(seal(NOTE, "f-2", aud="xx")), asked(seal(NOTE, "f-2", aud="zz"))),
        (asked(seal(NOTE, "f-3", iss="xx"), proofs=False), asked(seal(NOTE, "f-3", iss="zz"), proofs=False)),
    ]


PROBES: dict[tuple[str, str], Callable[[Curious], list[Pair]]] = {
    ("POST", "/oauth2/token"): token,
    ("POST", "/v1/messages"): hand_in,
    ("GET", "/v1/messages/{message_id}"): status,
    ("POST", "/v1/checks"): check,
    ("GET", "/v1/mailbox"): mailbox,
    ("GET", "/v1/mailbox/{entry_id}"): entry_of_mailbox,
    ("POST", "/v1/mailbox/{entry_id}/receipt"): receipt,
    ("GET", "/v1/log/entries"): log_entries,
    ("GET", "/v1/log/entries/{index}"): log_entry,
    ("GET", "/v1/agreements"): agreements,
    ("GET", "/v1/formats/{name}"): format_of,
}
PUBLIC = {
    ("GET", "/.well-known/jwks.json"): ("/.well-known/jwks.json",),
    ("GET", "/v1/log/checkpoint"): ("/v1/log/checkpoint",),
    ("GET", "/v1/log/tile/{level}/{place}"): ("/v1/log/tile/0/000.p/4", "/v1/log/tile/1/000", "/v1/log/tile/0/001"),
}
"""Routes that say the same to everybody; of these only the words are looked at."""


def test_every_route_is_covered(curious: Curious) -> None:
    described = json.loads(curious.ask(Asked(method="GET", path="/openapi.json")).body)
    served = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert served == PROBES.keys() | PUBLIC.keys(), "list the new route here, with what it could tell of others"


@pytest.mark.parametrize("route", PROBES, ids=" ".join)
def test_what_is_anothers_and_what_is_nothing_get_one_answer(curious: Curious, route: tuple[str, str]) -> None:
    pairs = PROBES[route](curious)
    assert pairs
    for something, nothing in pairs:
        answers = curious.ask(something), curious.ask(nothing)
        assert told(answers[0]) == told(answers[1]), something
        assert answers[0].status < 500
        assert_silent(curious, *answers)


@pytest.mark.parametrize("route", PUBLIC, ids=" ".join)
def test_what_is_public_holds_no_word_of_anybody(curious: Curious, route: tuple[str, str]) -> None:
    for path in PUBLIC[route]:
        assert_silent(curious, curious.ask(Asked(method="GET", path=path)))


def test_what_is_asked_for_by_itself_names_nobody_else(curious: Curious) -> None:
    for path in ("/v1/agreements", "/v1/mailbox", "/v1/formats/yy-letter-1.0", "/openapi.json"):
        answer = curious.ask(Asked(method="GET", path=f"{path}?from=yy"))
        assert answer.status == 200
        assert_silent(curious, answer)
    assert [one["id"] for one in json.loads(curious.ask(Asked(method="GET", path="/v1/agreements?from=yy")).body)
            ["agreements"]] == ["aa-yy-letters"]  # fmt: skip


TAKEN: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "agreement": ({"agreement": "aa-xx-notes"}, {"agreement": "aa-zz-notes"}),
    "form": ({"format_name": "xx-note-1.0"}, {"format_name": "zz-note-1.0"}),
    "form of ours": ({"format_name": "aa-note-1.0"}, {"format_name": "zz-note-1.0"}),
    "type": ({"message_type": "old-note"}, {"message_type": "new-note"}),
}
"""What a message that is taken in may name of the other's, beside what does not exist."""


@pytest.mark.parametrize("about", TAKEN)
def test_the_acknowledgement_of_a_message_that_names_anothers_things(curious: Curious, about: str) -> None:
    answers = []
    for number, members in enumerate(TAKEN[about]):
        message_id = f"{about.replace(' ', '-')}-{number}"
        chosen: dict[str, Any] = {"agreement": "aa-yy-letters", "format_name": "yy-letter-1.0"} | members
        sealed = curious.partner.seal(LETTER, message_id, **chosen)
        answers.append(acknowledged(curious, sealed, message_id, *members.values()))
    assert answers[0] == answers[1]
    assert answers[0]["outcome"] == "refused"


def test_a_check_of_a_type_that_another_has(curious: Curious) -> None:
    """The answer repeats the type that was asked for, and says the same of both."""
    said = []
    for kind in ("old-note", "new-note"):
        asked = Asked(method="POST", path=f"/v1/checks?from=yy&type={kind}", body=LETTER, headers=XML)
        answer = curious.ask(asked)
        assert_silent(curious, answer)
        said.append((answer.status, answer.body.replace(kind.encode(), b"")))
    assert said[0] == said[1]
    assert said[0][0] == 422


def test_the_ids_of_anothers_messages_are_free(curious: Curious) -> None:
    """Two partners may use one id; an answer to the other's message is an answer to no message."""
    known, partner = curious.known, curious.partner
    for message_id in (known.received, "fresh-1"):
        asked = Asked(method="POST", path="/v1/messages", body=partner.seal(NOTE, message_id), headers=JOSE)
        assert curious.ask(asked).status == 202
    sizes = []
    for ref in (known.lodged, "nobody-knows"):
        before = len(curious.gateway.exchanges(limit=1000))
        sealed = partner.acknowledge(ref, f"ack-{ref}")
        answer = curious.ask(Asked(method="POST", path="/v1/messages", body=sealed, headers=JOSE))
        curious.gateway.process_once()
        status_path = f"/v1/messages/ack-{ref}?from=yy"
        state = json.loads(curious.ask(Asked(method="GET", path=status_path)).body)
        sizes.append(
            (answer.status, state["state"], state["outcome"], len(curious.gateway.exchanges(limit=1000)) - before)
        )
    assert sizes[0] == sizes[1]


def acknowledged(curious: Curious, sealed: bytes, message_id: str, *named: str) -> dict[str, Any]:
    """Our business answer to a message, collected as any other; without its time and what the message itself names."""
    asked = Asked(method="POST", path="/v1/messages", body=sealed, headers=JOSE)
    assert curious.ask(asked).status == 202
    curious.gateway.process_once()
    listed = json.loads(curious.ask(Asked(method="GET", path="/v1/mailbox?from=yy&limit=1000")).body)["entries"]
    [entry] = [one for one in listed if one["ref"] == message_id]
    bytes_of = curious.ask(Asked(method="GET", path=f"/v1/mailbox/{entry['id']}?from=yy")).body
    curious.partner.take(bytes_of)
    [answer] = curious.partner.answers_to(message_id)
    text = json.dumps({name: value for name, value in answer.items() if name != "at"})
    for own in (message_id, *named):
        text = text.replace(own, "")
    assert not [word for word in curious.known.words if word in text.encode()]
    found: dict[str, Any] = json.loads(text)
    return found


def assert_silent(curious: Curious, *answers: HttpAnswer) -> None:
    """No word of the other partner's in bodies and headers."""
    for answer in answers:
        whole = answer.body + b"\n".join(name + b": " + value for name, value in answer.lines)
        assert not [word for word in curious.known.words if word in whole]
