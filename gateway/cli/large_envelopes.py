"""Sealing and opening by hand what is too large for a compact envelope: from file to file, with little memory.

`gateway.cli.envelopes` turns here by itself: for sealing by the size of the document, for opening by the first bytes.
A document of that size cannot be judged by the gateway yet. The agreement is asked for type, purpose and format all the
same, but whether the document holds released fields only, somebody else has to know and to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import typer

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder, OwnKeys
from gateway.adapters.system import SystemIds
from gateway.agreement import policy
from gateway.bootstrap import all_partner_keys, home_of
from gateway.catalogue import Catalogue, load_catalogue
from gateway.cli.interrupts import ended_at_once
from gateway.errors import NotPermitted, UnknownPartner
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerRole
from gateway.partner.trust import TrustStore
from gateway.security.keys import RegisteredKey
from gateway.security.large_content import describe
from gateway.security.large_head import MARK, LargeHead
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS
from gateway.security.large_opening import LargeOpener, is_large
from gateway.security.large_sealing import seal_large
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.settings import Settings

_PIECE = DEFAULT_LARGE_LIMITS.chunk_bytes
_MEDIA_TYPES = {"xml": "application/xml", "json": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be sealed for whom; an empty purpose means the only one that the agreement lists."""

    partner: str
    agreement: str
    message_type: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trust:
    """Who we are, our keys, and those of all partners."""

    home: PartnerCode
    own: OwnKeys
    others: TrustStore[RegisteredKey]
    catalogue: Catalogue


def holds_large(path: Path) -> bool:
    """Whether a file begins like a large envelope; of a pipe, which can be read once, nothing is read."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return is_large(stream.read(len(MARK)))


def seal_file(path: Path, output: Path | None, order: Order, settings: Settings, *, judged: bool) -> None:
    """Seal a document from file to file; its content is read twice and never held.

    Args:
        path: the document, in the partner's form.
        output: file that gets the envelope, whole or not at all.
        order: partner, agreement, type and purpose.
        settings: where our keys and the data folders are.
        judged: somebody says that the document was held to the agreement elsewhere.

    Raises:
        NotPermitted: no agreement permits it, nobody says that it was judged, or the partner takes signed XML.
        UnknownPartner: the partner has no active encryption key.
    """
    target, at, trust = _required(output), datetime.now(UTC), _trust(settings)
    metadata = _metadata(trust, order, at)
    if trust.catalogue.profile(order.partner).security.signs_xml:
        raise NotPermitted(
            "the partner takes signed XML, which has no large form",
            remedy=f"split the document into parts of at most {settings.message_limit} bytes",
            code=EnvelopeCode.WRONG_FORM.value,
        )
    if not judged:
        raise NotPermitted(
            f"a document of more than {settings.message_limit} bytes cannot be held to the agreement here",
            remedy="make sure that it is valid and holds released fields only, then say so with --judged-elsewhere",
            code="agreement.content-not-judged",
        )
    recipient = trust.others.encryption_key(PartnerCode(order.partner), at)
    content = describe(_pieces(path), DEFAULT_LARGE_LIMITS)
    sealed = seal_large(content, _pieces(path), metadata, trust.own.signer(at), recipient.key)
    with _whole_or_nothing(target) as stream:
        for piece in sealed.pieces:
            stream.write(piece)


def open_file(path: Path, output: Path | None, settings: Settings) -> LargeHead:
    """Open a large envelope from file to file; the output is there only once all of it has been verified.

    Args:
        path: the envelope.
        output: file that gets the content, whole or not at all.
        settings: where our keys and the data folders are.

    Raises:
        EnvelopeRefused: key, signature, recipient, time, form or content of the envelope.
        UnknownPartner: the key's owner is no partner that sends.
    """
    target, trust = _required(output), _trust(settings)
    with _whole_or_nothing(target) as stream:
        opener = LargeOpener(
            stream,
            decrypters=trust.own.decrypters,
            lookup_key=trust.others.lookup,
            recipient=trust.home,
            at=datetime.now(UTC),
        )
        for piece in _pieces(path):
            opener.feed(piece)
        head = opener.finish().head
        _require_sender(trust.catalogue, head.sender)
    return head


def _required(output: Path | None) -> Path:
    if output is None:
        raise typer.BadParameter("a message of this size goes from file to file: name one", param_hint="--output")
    return output


def _trust(settings: Settings) -> _Trust:
    with ended_at_once():
        catalogue = load_catalogue(settings.root, cache=settings.cache)
    home = PartnerCode(settings.home) if settings.home else home_of(catalogue)
    own = KeyFolder(settings.keys_dir, settings.passphrase_file, Durability()).read(home, settings.log_origin)
    others = TrustStore(all_partner_keys(settings, catalogue))
    return _Trust(home=home, own=own, others=others, catalogue=catalogue)


def _metadata(trust: _Trust, order: Order, at: datetime) -> MessageMetadata:
    """What is signed beside the content, as the agreement permits it."""
    agreements, purpose = trust.catalogue.agreements, order.purpose
    if not purpose:
        listed = policy.purposes(
            agreements,
            partner=order.partner,
            direction="out",
            message_type=order.message_type,
            at=at,
            agreement_id=order.agreement,
        )
        purpose = listed[0] if len(listed) == 1 else ""
    permission = policy.decide(
        agreements,
        partner=order.partner,
        direction="out",
        message_type=order.message_type,
        purpose=purpose,
        at=at,
        agreement_id=order.agreement,
    )
    return MessageMetadata(
        iss=trust.home,
        aud=order.partner,
        iat=int(at.timestamp()),
        jti=SystemIds().new_id(),
        agreement=permission.agreement_id,
        type=permission.message_type,
        schema=permission.format,
        cty=_MEDIA_TYPES[trust.catalogue.formats.get(permission.format).structure.syntax],
        purpose=permission.purpose,
    )


def _require_sender(catalogue: Catalogue, sender: str) -> None:
    profile = catalogue.partners.get(sender)
    if profile is None or PartnerRole.SENDS not in profile.roles:
        raise UnknownPartner(
            "the owner of the signing key is not a partner that sends messages here",
            remedy="register with us as a sender",
        )
    if profile.security.signs_xml:  # the large form is one of JWS
        raise OpeningRefused(EnvelopeCode.WRONG_FORM, detail="large form with a partner that signs XML", path="cty")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


@contextmanager
def _whole_or_nothing(target: Path) -> Iterator[BinaryIO]:
    """A file under a temporary name, readable by its owner only, that gets its name when nothing was raised."""
    temporary = target.with_name(f".{target.name}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
