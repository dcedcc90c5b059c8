"""The signed metadata of a message as an XML element: the same members as in the header of the JWS form.

    <ds:Object Id="..."><m:Metadata xmlns:m="urn:sarhad:message-metadata:1">
      <m:kid>xx-sig-202603-1</m:kid><m:iss>xx</m:iss><m:aud>aa</m:aud><m:iat>1772366400</m:iat><m:jti>2026-0001</m:jti>
      <m:agreement>aa-xx-manifests</m:agreement><m:type>manifest</m:type><m:schema>xx-manifest-1.0</m:schema>
      <m:cty>application/xml</m:cty><m:purpose>RISK</m:purpose></m:Metadata></ds:Object>

The object has a reference of its own in the signature. The members stand in this order, each once, ``ref`` last where
the message answers another one; nothing else may stand there.
"""

from __future__ import annotations

import re

from lxml import etree
from pydantic import ValidationError

from gateway.formats.parsing import XmlElement
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.xml_form import METADATA, ds, meta

_REQUIRED = ("kid", "iss", "aud", "iat", "jti", "agreement", "type", "schema", "cty", "purpose")
_ORDERS = (_REQUIRED, (*_REQUIRED, "ref"))
_SECONDS = re.compile(r"[1-9][0-9]{0,9}")


def write_metadata(metadata: MessageMetadata, kid: str, object_id: str) -> XmlElement:
    """The ``ds:Object`` with the metadata.

    Args:
        metadata: what is signed beside the content.
        kid: id of the signing key.
        object_id: value of its ``Id``, which the reference names.
    """
    held = etree.Element(ds("Object"), {"Id": object_id})
    element = etree.SubElement(held, meta("Metadata"), nsmap={"m": METADATA})
    members = {"kid": kid, **metadata.model_dump(by_alias=True, exclude_none=True)}
    for name in (*_REQUIRED, "ref"):
        if name in members:
            etree.SubElement(element, meta(name)).text = str(members[name])
    return held


def read_metadata_object(held: XmlElement, kid: str) -> MessageMetadata:
    """The metadata of a ``ds:Object`` whose signature has been verified.

    Args:
        held: the object as it was signed.
        kid: id of the key that verified it.

    Raises:
        OpeningRefused: ``envelope.metadata-refused``; its path names the first member at fault.
    """
    [element] = held
    names = tuple(etree.QName(one).localname for one in element if etree.QName(one).namespace == METADATA)
    if names not in _ORDERS or len(names) != len(element):
        raise _refused("", "members missing, repeated, foreign or in another order")
    if element.attrib or any(len(one) or one.attrib for one in element):
        raise _refused("", "a member holds more than a text")
    between = (held.text, element.text, element.tail, *(one.tail for one in element))
    if any(text and text.strip() for text in between):
        raise _refused("", "a text between the members")
    members: dict[str, object] = {name: one.text or "" for name, one in zip(names, element, strict=True)}
    if members.pop("kid") != kid:
        raise _refused("kid", "kid is not the key that verified")
    if _SECONDS.fullmatch(str(members["iat"])) is None:
        raise _refused("iat", "iat is no whole number")
    members["iat"] = int(str(members["iat"]))
    try:
        return MessageMetadata.model_validate(members)
    except ValidationError as error:
        place = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        raise _refused(place, f"member {place}") from None


def _refused(path: str, detail: str) -> OpeningRefused:
    return OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail=detail, path=path)
