"""What an agreement file may say: the typed, closed model of the TOML that a lawyer reads and signs off.

Nothing here is optional by accident: an unknown key, an unknown word or a value of another type is a fault, and the
agreement does not load. The model says what the parts are; `compile.py` proves that they fit together and to the
schema, `policy.py` and `release.py` act on them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, StrictBool, StrictInt, StringConstraints

from gateway.formats.rule_grades import RuleLists

Direction = Literal["in", "out"]
"""Seen from the administration that runs the gateway: ``out`` leaves for the partner."""

Status = Literal["draft", "active", "suspended", "expired"]
"""What the parties have declared. Only an ``active`` agreement permits, and only between its two dates."""

Certainty = Literal["read", "memory", "guess", "ours"]
"""How sure the legal reference is: read in a public text, from memory, a guess, or our own design."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
PurposeCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,31}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Day = Annotated[date, Strict()]
Positive = Annotated[StrictInt, Field(ge=1)]


class Terms(BaseModel):
    """Base of every part: frozen, and closed to keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(Terms):
    """One of the two administrations."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    name: Text


class LegalBasis(Terms):
    """One instrument that the agreement rests on, and how sure we are of it."""

    ref: Text
    date: str = ""
    certainty: Certainty
    source: Text


class Clause(Terms):
    """One numbered part; every permission, grant and denial quotes one."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.()-]{0,31}$")]
    text: Text
    rests_on: str = ""


class MessageTerms(Terms):
    """One kind of message that may go one way.

    Attributes:
        type: the name that the envelope's signed metadata carries.
        purposes: codes of ``[purposes]``; a message that names another is refused.
        format: the national format in which it travels, ``name-version``.
        clause: the clause that permits it.
        fields: name of the field set in ``[fields.NAME]``.
        retention_days: days from receipt or sending after which the body is erased.
        deadline: when it is due, for people.
        volume_per_hour: most messages of this type in one hour; none means no limit was agreed.
        recipients: who may read it on the receiving side.
    """

    type: Name
    direction: Direction
    purposes: Annotated[tuple[PurposeCode, ...], Field(min_length=1)]
    format: Text
    clause: Text
    fields: Text
    retention_days: Positive
    deadline: str = ""
    volume_per_hour: Positive | None = None
    recipients: tuple[Text, ...] = ()


class Grant(Terms):
    """Fields that a clause releases.

    Attributes:
        clause: the clause that releases them.
        says: what they are, for people.
        paths: leaves in the path language, without loop letters; braces narrow a class to the entries they name.
        whole: the paths are classes, and all below them is released, also what a later schema adds.
        personal: the clause releases personal data expressly; without it no personal leaf is released.
        transform: ``none``, ``mask N``, ``hash``, ``coarsen first N``, ``coarsen to N``, ``coarsen year|month|day``.
    """

    clause: Text
    says: Text
    paths: Annotated[tuple[Text, ...], Field(min_length=1)]
    whole: StrictBool = False
    personal: StrictBool = False
    transform: Text = "none"


class Denial(Terms):
    """Fields that a clause holds back whatever else is granted; a path of a class holds back all below it."""

    clause: Text
    why: Text
    paths: Annotated[tuple[Text, ...], Field(min_length=1)]


class FieldTerms(Terms):
    """The fields of one kind of message, by paths of a canonical format.

    Attributes:
        wco: the canonical format whose paths these are, ``name-version``.
        allow: the only fields that are released.
        deny: wins over ``allow``.
        personal: leaves that the parties regard as personal data beside those that the schema marks.
    """

    wco: Text
    allow: Annotated[tuple[Grant, ...], Field(min_length=1)]
    deny: tuple[Denial, ...] = ()
    personal: tuple[Text, ...] = ()


class Onward(Terms):
    """To whom a receiver may pass the data on."""

    other_agency: Literal["never", "prior-consent"]
    third_country: Literal["never", "prior-consent"]


class Correction(Terms):
    """How soon a sender corrects or withdraws what proved wrong, and whether the receiver confirms it."""

    within_hours: Positive
    receiver_confirms: StrictBool


class ServiceLevel(Terms):
    """What the parties promise each other about time."""

    acknowledge_within_minutes: Positive
    available_hours_per_day: Annotated[StrictInt, Field(ge=1, le=24)] = 24
    contact: str = ""


class AgreementTerms(Terms):
    """One version of one agreement, as its file says.

    Attributes:
        id: name without version; the file is called ``<id>-v<version>.toml``.
        version: grows by one; a published version is closed by date, never edited.
        partner: folder name under ``partners/``.
        zone: the partner's offset from UTC, ``+05:00``; both dates begin at 00:00 there.
        in_force_from: first day.
        in_force_to: first day on which it no longer holds (exclusive); absent until the parties end it.
        rules: business rules that the parties grade otherwise.
    """

    id: Name
    version: Positive
    title: Text
    partner: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    parties: Annotated[tuple[Party, Party], Field()]
    status: Status
    signed: Day | None = None
    zone: Annotated[str, StringConstraints(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$")]
    in_force_from: Day
    in_force_to: Day | None = None
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    purposes: Annotated[dict[PurposeCode, Text], Field(min_length=1)]
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    messages: Annotated[tuple[MessageTerms, ...], Field(min_length=1)]
    fields: Annotated[dict[Name, FieldTerms], Field(min_length=1)]
    onward: Onward
    correction: Correction
    service: ServiceLevel
    rules: RuleLists = RuleLists()
