"""The signed metadata of a message: who sends what to whom, under which agreement.

It stands in the protected header of the inner JWS, so it is covered by the sender's signature; nothing of it is ever
taken from the unsigned transport. All of our own members are marked in ``crit``: a receiver that does not know them
must refuse the message instead of ignoring, say, the recipient (RFC 7515 section 4.1.11).
"""

from __future__ import annotations

from typing import Annotated, Any

from joserfc.registry import HeaderParameter, HeaderRegistryDict
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.security.jose import Header
from gateway.security.refusals import EnvelopeCode, OpeningRefused

PartyText = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\z")]
NameText = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}\z")]
MessageIdText = Annotated[str, Field(pattern=r"^[!-~]{1,128}\z")]
MediaTypeText = Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]{1,64}(; ?charset=[A-Za-z0-9-]{1,20})?\z")]
EpochSeconds = Annotated[int, Field(gt=0, lt=2**33)]


class MessageMetadata(BaseModel):
    """What the sender signs beside the bytes of the message.

    Attributes:
        iss: code of the sender.
        aud: code of the one recipient; without it an honest recipient could pass the message on as if meant for others.
        iat: when it was sealed, seconds since 1970 (UTC).
        jti: the sender's message id, unique for the sender.
        agreement: id of the agreement under which it is sent.
        type: message type in the words of the agreement.
        format_name: name and version of the format (header member ``schema``).
        cty: media type of the content.
        purpose: the agreement's purpose that the message serves.
        ref: id of the message that this one answers.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    iss: PartyText
    aud: PartyText
    iat: EpochSeconds
    jti: MessageIdText
    agreement: NameText
    type: NameText
    format_name: NameText = Field(alias="schema")
    cty: MediaTypeText
    purpose: NameText
    ref: MessageIdText | None = None

    def as_header(self) -> Header:
        """The header members, ``crit`` included."""
        members = self.model_dump(by_alias=True, exclude_none=True)
        return {**members, "crit": [name for name in members if name not in _STANDARD_MEMBERS]}


_STANDARD_MEMBERS = frozenset({"cty"})
"""Members that RFC 7515 itself defines may not stand in ``crit``."""

REQUIRED_MEMBERS = ("iss", "aud", "iat", "jti", "agreement", "type", "schema", "cty", "purpose", "crit")
OPTIONAL_MEMBERS = ("ref",)

HEADER_REGISTRY: HeaderRegistryDict = {
    "iss": HeaderParameter("Sender", "str", required=True),
    "aud": HeaderParameter("Recipient", "str", required=True),
    "iat": HeaderParameter("Sealed at", "int", required=True),
    "jti": HeaderParameter("Message ID", "str", required=True),
    "agreement": HeaderParameter("Agreement ID", "str", required=True),
    "type": HeaderParameter("Message type", "str", required=True),
    "schema": HeaderParameter("Format name", "str", required=True),
    "cty": HeaderParameter("Media type of the content", "str", required=True),
    "purpose": HeaderParameter("Purpose", "str", required=True),
    "ref": HeaderParameter("ID of the message answered", "str"),
    "crit": HeaderParameter("Critical", "list[str]", required=True),
}
"""The members by the names that joserfc must be told, or it refuses them."""


def read_metadata(header: Header) -> MessageMetadata:
    """The metadata of a verified protected header.

    Raises:
        OpeningRefused: ``envelope.metadata-refused``; its path names the first member at fault.
    """
    members: dict[str, Any] = {name: header[name] for name in header if name in HEADER_REGISTRY}
    critical = members.pop("crit", None)
    if not isinstance(critical, list) or sorted(map(str, critical)) != sorted(members.keys() - _STANDARD_MEMBERS):
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="crit does not list our members once", path="crit")
    try:
        return MessageMetadata.model_validate(members)
    except ValidationError as error:
        place = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail=f"member {place}", path=place) from None
