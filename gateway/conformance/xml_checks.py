"""Checks of signed XML, where the profile has that form: what is read has to be what the registered key has signed."""

from __future__ import annotations

from gateway.conformance import signed_xml
from gateway.conformance.check import NotApplicable, check
from gateway.conformance.expecting import refused
from gateway.conformance.messages import Made, encrypted, metadata_of, recipient, stranger
from gateway.conformance.target import Target
from gateway.security.xml_envelope import seal_in_form
from gateway.security.xml_form import EnvelopeForm

_SIGNATURE = "xml_envelope.md, The signature"
_REFUSALS = "xml_envelope.md, Refusals"


def _needs_xml(target: Target) -> None:
    if not target.terms.form.is_xml:
        raise NotApplicable("messages of this side are signed as JWS, not as XML")


def _refused(target: Target, message: Made, why: str) -> str:
    return refused(target.send(target.message_request(message.sealed.jwe)), 400, 403, why=why)


def _changed(target: Target, *changes: signed_xml.Change, why: str) -> str:
    """That each of some changes is refused."""
    _needs_xml(target)
    return ", ".join(_refused(target, signed_xml.changed(target, change), why) for change in changes)


def _resigned(target: Target, change: signed_xml.Change, why: str) -> str:
    _needs_xml(target)
    return _refused(target, signed_xml.resigned(target, change), why)


@check(
    "CK-101",
    "A changed value in a signed document is refused",
    proves="The digests of the references are compared, not only the signature over them.",
    clause=_SIGNATURE,
)
def changed_value(target: Target) -> str:
    """Change one character of the content behind the signing."""
    return _changed(target, signed_xml.with_other_value, why="the digest of the document is not compared")


@check(
    "CK-102",
    "A signed document inside another one is refused",
    proves="Signature wrapping: what is read is what was signed, wherever that was moved to.",
    clause=_SIGNATURE,
)
def wrapped(target: Target) -> str:
    """Put the signed document into another one, and into the signature of another one."""
    ways = (signed_xml.wrapped, signed_xml.wrapped_in_its_signature)
    return _changed(target, *ways, why="one document is verified and another one read")


@check(
    "CK-103",
    "An Id that stands twice is refused",
    proves="Signature wrapping of the metadata: sender, id and purpose are those that were signed.",
    clause=_SIGNATURE,
)
def repeated_id(target: Target) -> str:
    """Put other metadata under the same Id before, and behind, the signed ones."""
    ways = (signed_xml.with_metadata_before, signed_xml.with_metadata_behind)
    return _changed(target, *ways, why="one element is verified and another one read")


@check(
    "CK-104",
    "A second Signature is refused",
    proves="Two parts of a system cannot verify one signature and believe another.",
    clause=_SIGNATURE,
)
def second_signature(target: Target) -> str:
    """Put a second Signature beside the first, and one into it."""
    ways = (signed_xml.with_second_signature, signed_xml.with_signature_inside)
    return _changed(target, *ways, why="nobody can tell which signature counts")


@check(
    "CK-105",
    "A digest of SHA-1 is refused",
    proves="Two documents with one digest can be made by anybody with the money for it.",
    clause=_SIGNATURE,
)
def sha1(target: Target) -> str:
    """Sign references that have SHA-1 digests."""
    return _resigned(target, signed_xml.with_sha1, why="the signed document could be exchanged")


@check(
    "CK-106",
    "A document without its metadata is refused",
    proves="A message always says for whom it is, under which agreement and for what purpose.",
    clause="xml_envelope.md, Metadata",
)
def no_metadata(target: Target) -> str:
    """Sign the document without the metadata object."""
    return _resigned(target, signed_xml.without_metadata, why="a document could be sent on to anybody for anything")


@check(
    "CK-107",
    "Metadata that the signature does not cover are refused",
    proves="Who passes a message on cannot give it another recipient, id or purpose.",
    clause="xml_envelope.md, Metadata",
)
def uncovered_metadata(target: Target) -> str:
    """Sign the document, with the metadata beside it that no reference names."""
    change = signed_xml.without_reference_to_metadata
    return _resigned(target, change, why="anybody could change the metadata of a signed document")


@check(
    "CK-108",
    "A comment in a signed value is refused",
    proves="A comment is not signed, and cuts a value in two for many a parser.",
    clause=_SIGNATURE,
)
def comment(target: Target) -> str:
    """Put a comment into a value behind the signing."""
    return _changed(target, signed_xml.with_comment, why="a value could be cut without breaking the signature")


@check(
    "CK-109",
    "A JWS from a side that signs XML is refused",
    proves="The profile chooses the form of envelope, not the message.",
    clause=_REFUSALS,
)
def jws(target: Target) -> str:
    """Seal a good message as a JWS."""
    _needs_xml(target)
    return _refused(target, _in_form(target, EnvelopeForm.JOSE), "a side could be talked into another form")


@check(
    "CK-110",
    "The other XML form is refused",
    proves="Where signed properties were agreed they cannot be left out.",
    clause="xml_envelope.md, XAdES",
)
def other_form(target: Target) -> str:
    """Seal a good message in the XML form that was not agreed: said openly, and under the name of the agreed one."""
    _needs_xml(target)
    other = {EnvelopeForm.XADES: EnvelopeForm.XMLDSIG}.get(target.terms.form, EnvelopeForm.XADES)
    openly, second = _in_form(target, other), _in_form(target, other)
    renamed = encrypted(target, second.message_id, second.sealed.jws)
    why = "a side could be talked into another form"
    return ", ".join(_refused(target, each, why) for each in (openly, renamed))


@check(
    "CK-111",
    "A certificate in KeyInfo brings no key",
    proves="No message brings along the key that it is verified with.",
    clause=f"{_SIGNATURE}; RFC 8725 section 3.10",
)
def key_in_key_info(target: Target) -> str:
    """Sign with another key under our key id, and put its certificate into KeyInfo."""
    _needs_xml(target)
    change = signed_xml.with_key_of(stranger(target, target.signer().kid), target)
    return _refused(target, signed_xml.changed(target, change), "anybody could write in our name")


@check(
    "CK-112",
    "A document that the signature does not cover is refused",
    proves="A signature over a part is no signature over the message.",
    clause=_SIGNATURE,
)
def uncovered_document(target: Target) -> str:
    """Sign the metadata only."""
    return _resigned(target, signed_xml.without_reference_to_document, why="any content would do")


def _in_form(target: Target, form: EnvelopeForm) -> Made:
    """A good message in a form of our choice."""
    sample = target.samples.good
    metadata = metadata_of(target, sample)
    certificate = target.certificates.of
    sealed = seal_in_form(form, sample.content, metadata, target.signer(), recipient(target), certificate=certificate)
    return Made(message_id=metadata.jti, sealed=sealed)
