"""A partner's profile: the typed meaning of its ``profile.toml``.

Everything that differs between partners in transport, envelope and delivery is said here and nowhere in the code. A key
that is not known, a value of the wrong kind, or a choice that is known but not built is a fault; the gateway does not
start with it, so nothing can be believed to be on that is not. Example:

    code = "xx"
    name = "Customs Administration of Examplia"
    roles = ["sends", "receives"]
    [channel]
    endpoint = "https://gateway.customs.example"
    [texts]
    SenderID = "EXAMPLE01"
    [security]
    keys = "certificates/keys.json"
    [delivery]
    dead_letter = "block"
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.findings import Fault
from gateway.formats.rule_grades import RuleLists
from gateway.identifiers import PartnerCode


class PartnerRole(StrEnum):
    """Which way messages go."""

    SENDS = "sends"
    RECEIVES = "receives"


class DeadLetterPolicy(StrEnum):
    """What a message that cannot be delivered does to those behind it."""

    BLOCK = "block"
    """The lane waits for a person: order is kept."""
    MOVE_ON = "move-on"
    """The message is set aside and the lane goes on."""


class DeliveryWay(StrEnum):
    """Who begins the handing over of a message to the partner."""

    PUSH = "push"
    """We do: each message is posted to the partner's endpoint."""
    PULL = "pull"
    """The partner does: it collects its messages from its mailbox and hands in receipts."""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _endpoint(text: str) -> str:
    """None, or a base URL: https, or http on this machine; no user, query or fragment to smuggle anything in."""
    if not text:
        return text
    parts = urlsplit(text)
    host = parts.hostname or ""
    plain = parts.scheme == "http" and _is_loopback(host)
    if not host or not (parts.scheme == "https" or plain):
        raise ValueError("an endpoint is an https URL, or an http URL on loopback")
    if parts.username or parts.password or parts.query or parts.fragment or text.endswith("/"):
        raise ValueError("an endpoint has no user, query, fragment or closing slash")
    return text


def _inside(text: str) -> str:
    """A path that stays inside the partner's folder."""
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError("the path leads out of the partner's folder")
    return text


def _text_name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", text) is None:
        raise ValueError("a name of a text has letters, digits, hyphens and underscores")
    return text


def _seconds(value: object) -> timedelta:
    """A whole number of seconds; bool is a number to Python but not here."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError("a time is a whole number of seconds above 0")
    return timedelta(seconds=value)


Seconds = Annotated[timedelta, BeforeValidator(_seconds)]
TextName = Annotated[str, AfterValidator(_text_name)]
ProfileText = Annotated[str, Field(min_length=1, max_length=256)]


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Channel(_Section):
    """How the partner is reached.

    Attributes:
        endpoint: base URL; empty for a partner that only sends, or fetches by itself. With https we show our
            certificate, and the partner has to hold a registered one.
        token_endpoint: where we ask for an access token for our calls; empty for a partner that asks for none.
        token_issuer: name of its token server, which our assertions are made for; empty means the endpoint.
        rate_per_minute: requests that we take from it, and messages that we send to it, at most: all of a minute at
            once after a quiet time, or spread over it.
    """

    endpoint: Annotated[str, AfterValidator(_endpoint)] = ""
    token_endpoint: Annotated[str, AfterValidator(_endpoint)] = ""
    token_issuer: Annotated[str, AfterValidator(_endpoint)] = ""
    rate_per_minute: Annotated[int, Field(gt=0, le=60_000)] = 6000


class Security(_Section):
    """Which security the agreement with this partner asks for.

    Attributes:
        keys: key list of the partner, a path inside its folder.
        certificates: its list of TLS certificates, a path inside its folder.
        auth: how its HTTP client proves itself: by a registered client certificate, with ``mtls+oauth`` also by an
            access token that is bound to it; ``none`` only on loopback.
        http_signature: profile of HTTP message signatures; with ``none`` requests and answers of both sides may come
            unsigned, which is logged with each message.
        envelope: form of the sealed message: a JWS, or a signature inside the XML document (``cms`` is not built).
        suite: cryptographic suite; chosen here, never by a message.
        short_rsa: written exceptions: key id of an RSA key of 2,048 bits, and where the exception is written down.
    """

    keys: Annotated[str, AfterValidator(_inside)] = "certificates/keys.json"
    certificates: Annotated[str, AfterValidator(_inside)] = "certificates/tls.json"
    auth: Literal["none", "mtls", "mtls+oauth"] = "mtls+oauth"
    http_signature: Literal["none", "cgw-1"] = "cgw-1"
    envelope: Literal["jose", "xmldsig", "xades", "cms"] = "jose"
    suite: ProfileText = "intl-1"
    short_rsa: Mapping[str, ProfileText] = Field(default_factory=dict)

    @property
    def signs_http(self) -> bool:
        """Whether HTTP messages have to be signed, both ways."""
        return self.http_signature != "none"

    @property
    def signs_xml(self) -> bool:
        """Whether its messages are signed inside the XML document."""
        return self.envelope in {"xmldsig", "xades"}

    @property
    def shows_certificate(self) -> bool:
        """Whether its requests have to come with a registered client certificate."""
        return self.auth != "none"

    @property
    def brings_token(self) -> bool:
        """Whether its requests have to bring an access token."""
        return self.auth == "mtls+oauth"

    @property
    def switched_off(self) -> tuple[str, ...]:
        """Names of the protections that are turned off."""
        return tuple(name for name in ("auth", "http_signature") if getattr(self, name) == "none")


class Delivery(_Section):
    """How messages are handed over, and what happens when that fails.

    Attributes:
        way: whether we post messages to the partner, or it collects them; one that collects needs no endpoint.
        retry_first: upper bound of the first pause; each further one may be twice as long (full jitter).
        retry_longest: upper bound of any pause.
        give_up_after: after this long without a receipt the message becomes a dead letter.
        dead_letter: what it does to those behind it.
        acknowledgement: whether the partner answers each message with an acknowledgement.
        lanes: ordered streams towards the partner; one is what is built.
    """

    way: Annotated[DeliveryWay, Field(strict=False)] = DeliveryWay.PUSH
    retry_first: Seconds = timedelta(seconds=1)
    retry_longest: Seconds = timedelta(minutes=15)
    give_up_after: Seconds = timedelta(days=2)
    dead_letter: Annotated[DeadLetterPolicy, Field(strict=False)] = DeadLetterPolicy.BLOCK
    acknowledgement: bool = True
    lanes: Literal[1] = 1

    @property
    def collects(self) -> bool:
        """Whether the partner collects its messages by itself."""
        return self.way is DeliveryWay.PULL

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.retry_first <= self.retry_longest <= self.give_up_after:
            raise ValueError("retry_first, retry_longest and give_up_after must grow in this order")
        return self


class PartnerProfile(_Section):
    """One partner.

    Attributes:
        code: name of its folder; also its ``iss`` and ``aud`` in signed metadata.
        name: the administration's name.
        roles: which way messages go.
        texts: what mappings read as ``$partner/NAME``, such as our sender id in the partner's system.
        channel: how it is reached.
        security: what its envelopes are made of.
        delivery: how messages are handed over.
        rules: business rules that count otherwise.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$")]
    name: ProfileText
    roles: Annotated[frozenset[Annotated[PartnerRole, Field(strict=False)]], Field(strict=False, min_length=1)]
    texts: Mapping[TextName, ProfileText] = Field(default_factory=dict)
    channel: Channel = Channel()
    security: Security = Security()
    delivery: Delivery = Delivery()
    rules: Annotated[RuleLists, Field(strict=False)] = RuleLists()

    @property
    def partner_code(self) -> PartnerCode:
        """The code as a typed identifier."""
        return PartnerCode(self.code)


BUILT_CHOICES: Mapping[str, frozenset[str]] = {
    "auth": frozenset({"none", "mtls", "mtls+oauth"}),
    "http_signature": frozenset({"none", "cgw-1"}),
    "envelope": frozenset({"jose", "xmldsig", "xades"}),
}
"""The choices of `Security` that this version can serve."""


def read_profile(
    text: str, *, code: str, file: str, suites: Collection[str] = ("intl-1",)
) -> tuple[PartnerProfile | None, tuple[Fault, ...]]:
    """Read a profile, with all its faults at once.

    Args:
        text: the TOML document.
        code: name of the partner's folder, which ``code`` must repeat.
        file: name for the faults.
        suites: ids of the cryptographic suites that are built.

    Returns:
        The profile, None when it has faults; and the faults.
    """
    try:
        profile = PartnerProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, (Fault(file=file, code="partner.toml", message=f"The file is no TOML: {error}."),)
    except ValidationError as error:
        return None, _faults_of(error, file)
    faults = [
        Fault(file=file, row=row, code="partner.not-built", message=message, remedy=_NOT_BUILT)
        for row, message in _unserved(profile, suites)
    ]
    if profile.code != code:
        message = "The code is not the name of the partner's folder."
        faults.append(Fault(file=file, row="code", code="partner.code", message=message))
    if PartnerRole.RECEIVES in profile.roles and not (profile.channel.endpoint or profile.delivery.collects):
        message = "A partner that receives needs an endpoint."
        remedy = 'Name it, or let the partner collect its messages: way = "pull" under [delivery].'
        row = "channel.endpoint"
        faults.append(Fault(file=file, row=row, code="partner.missing", message=message, remedy=remedy))
    return (None if faults else profile), tuple(faults)


_NOT_BUILT = "Choose one that is built; see docs/reference/envelope.md."


def _unserved(profile: PartnerProfile, suites: Collection[str]) -> list[tuple[str, str]]:
    """The choices of a profile that are known but cannot be served: a downgrade in silence is worse than no start."""
    chosen = {name: str(getattr(profile.security, name)) for name in BUILT_CHOICES}
    rows = [(f"security.{name}", name) for name, value in chosen.items() if value not in BUILT_CHOICES[name]]
    if profile.security.suite not in suites:
        rows.append(("security.suite", "suite"))
    return [(row, f"This choice of {name} is not built in this version.") for row, name in rows]


_CODES = {"extra_forbidden": "partner.unknown-key", "missing": "partner.missing"}
_MESSAGES = {"extra_forbidden": "This key is not known.", "missing": "This key is missing."}


def _faults_of(error: ValidationError, file: str) -> tuple[Fault, ...]:
    """Pydantic's errors as faults, without the values."""
    return tuple(
        Fault(
            file=file,
            row=".".join(str(part) for part in each["loc"]),
            code=_CODES.get(each["type"], "partner.value"),
            message=_MESSAGES.get(each["type"]) or f"{each['msg'].removeprefix('Value error, ')}.",
        )
        for each in error.errors(include_input=False, include_url=False)
    )
