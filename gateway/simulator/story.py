"""The story of the demo: what is sent, in which order, and what has to come of it.

It is made from the data folders alone. For each partner with an agreement in force: every message type that comes
in, good; one of them in all the ways in which it can be bad; every type that goes out, good, refused by the partner,
cut off, and under an agreement that has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gateway.agreement.agreement import Agreement
from gateway.agreement.terms import MessageTerms
from gateway.catalogue import Catalogue
from gateway.simulator.messages import rule_breaking

INBOUND_DAMAGES = (
    ("not-well-formed", "cut off in the middle"),
    ("wrong-namespace", "in a namespace that nobody knows"),
    ("schema-invalid", "with a misspelt element"),
    ("doctype", "with a DOCTYPE"),
    ("entity-bomb", "with an entity bomb"),
    ("too-deep", "300 elements deep"),
)
UNSIGNABLE = frozenset({"not-well-formed", "doctype", "entity-bomb", "too-deep"})
"""What no XML signature can be put into: a partner that signs XML sends it unsigned, and it is not opened."""
REFUSED_AT_THE_DOOR = (
    ("byte-changed", "one byte changed on the way", (400,)),
    ("unknown-key", "signed with an unknown key", (400, 403)),
    ("same-id-other-bytes", "same id again with other bytes", (409,)),
)
REFUSED_AS_HTTP = (
    ("http-other-key", "the request signed with another key", (401,)),
    ("http-replayed", "the signed request sent a second time", (401,)),
    ("http-digest-kept", "the body changed under the signed digest", (400,)),
)
"""Good envelopes in bad requests, with partners whose requests are signed."""


RULE_SEED = 1
"""Seed of the message that breaks a rule: not every valid message of a format has a value that can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One message of the story.

    Attributes:
        title: what is special about it.
        damage: for the simulated partner; empty for a good message.
        richness: share of optional elements in the generated message.
        ends: states of which the exchange has to end in one; empty when none comes to be.
        statuses: HTTP statuses of which the answer has to have one.
        lodged: format of a lodgement, empty for what comes in.
        refused_by_partner: the partner is told to refuse it.
        cut: the lodgement is cut off before it is handed in.
        seed: of the generated message; None for one of the teller's.
    """

    title: str
    partner: str
    direction: str
    message_type: str
    format: str
    agreement: str
    purpose: str
    damage: str = ""
    richness: float | None = None
    ends: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (202,)
    lodged: str = ""
    refused_by_partner: bool = False
    cut: bool = False
    seed: int | None = None


def in_force(agreement: Agreement, at: datetime) -> bool:
    """Whether an agreement permits anything at this moment."""
    begun = agreement.terms.status == "active" and agreement.begins <= at
    return begun and (agreement.ends is None or at < agreement.ends)


def partners_of(catalogue: Catalogue) -> tuple[str, ...]:
    """Codes of the partners that have an agreement in force now."""
    now = datetime.now(UTC)
    return tuple(code for code in sorted(catalogue.partners) if _in_force_with(catalogue, code, now))


def scenes_of(catalogue: Catalogue, home: str, partner: str) -> Iterator[Scene]:
    """The scenes with one partner."""
    now = datetime.now(UTC)
    current = _in_force_with(catalogue, partner, now)
    breakable = True
    ended = [agreement for agreement in catalogue.agreements_with(partner) if not in_force(agreement, now)]
    damaged = False
    for agreement in current:
        for terms in agreement.terms.messages:
            if terms.direction != "in":
                continue
            base = _base(partner, "in", agreement, terms)
            yield from _coming(base)
            if not damaged:
                damaged = True
                security = catalogue.profile(partner).security
                yield from _coming_bad(base, signed=security.signs_http, signs_xml=security.signs_xml)
            if breakable and rule_breaking(catalogue, terms.format, RULE_SEED) is not None:
                breakable = False
                yield _against_a_rule(base)
    for agreement in current:
        for terms in agreement.terms.messages:
            lodged = _lodged_format(catalogue, home, terms.format) if terms.direction == "out" else ""
            if lodged:
                yield from _going(replace(_base(partner, "out", agreement, terms), lodged=lodged))
    yield from _going_too_late(catalogue, home, partner, ended, current)


def _in_force_with(catalogue: Catalogue, partner: str, now: datetime) -> list[Agreement]:
    return [agreement for agreement in catalogue.agreements_with(partner) if in_force(agreement, now)]


def _base(partner: str, direction: str, agreement: Agreement, terms: MessageTerms) -> Scene:
    return Scene(
        title="",
        partner=partner,
        direction=direction,
        message_type=terms.type,
        format=terms.format,
        agreement=agreement.id,
        purpose=terms.purposes[0],
    )


def _coming(base: Scene) -> Iterator[Scene]:
    for title, richness in (("good", None), ("good, only what is mandatory", 0.0), ("with every field there is", 1.0)):
        yield replace(base, title=title, richness=richness, ends=("concluded",))


def _coming_bad(base: Scene, *, signed: bool, signs_xml: bool) -> Iterator[Scene]:
    yield replace(base, title="sent twice", damage="replayed", ends=("concluded",))
    for damage, title in INBOUND_DAMAGES:
        bad = replace(base, title=title, damage=damage, richness=0.6)
        unsigned = signs_xml and damage in UNSIGNABLE
        yield replace(bad, statuses=(400,)) if unsigned else replace(bad, ends=("refused",))
    for damage, title, statuses in (*REFUSED_AT_THE_DOOR, *(REFUSED_AS_HTTP if signed else ())):
        yield replace(base, title=title, damage=damage, statuses=statuses)


def _against_a_rule(base: Scene) -> Scene:
    title = "valid by schema, against the rules"
    return replace(base, title=title, damage="rule-breaking", seed=RULE_SEED, ends=("refused",))


def _going(base: Scene) -> Iterator[Scene]:
    for title in ("good", "good, another one"):
        yield replace(base, title=title, ends=("acknowledged",))
    yield replace(base, title="refused by the partner", refused_by_partner=True, ends=("refused",))
    yield replace(base, title="cut off", cut=True, ends=("rejected",), statuses=(422,))


def _going_too_late(
    catalogue: Catalogue, home: str, partner: str, ended: list[Agreement], current: list[Agreement]
) -> Iterator[Scene]:
    permitted = {terms.type for agreement in current for terms in agreement.terms.messages}
    for agreement in ended:
        for terms in agreement.terms.messages:
            lodged = _lodged_format(catalogue, home, terms.format) if terms.direction == "out" else ""
            if lodged and terms.type not in permitted:
                base = replace(_base(partner, "out", agreement, terms), lodged=lodged, ends=("withheld",))
                yield replace(base, title="under an agreement that has ended", statuses=(422,))
                return


def _lodged_format(catalogue: Catalogue, home: str, outgoing: str) -> str:
    """A format of our own side from which the outgoing one can be made, empty when there is none."""
    canonical = catalogue.canonical_of(outgoing).name
    for mapping in catalogue.mappings:
        table = mapping.table
        ours = f"/{home}/" in f"/{table.rows_file}"
        if ours and table.wco == canonical and "to-wco" in table.ways:
            return table.national[0]
    return ""
