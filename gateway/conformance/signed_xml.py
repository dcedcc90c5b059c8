"""Signed XML with one thing wrong: moved, doubled, weakened, or signed anew by our own key over less than it should be.

Each change takes the document element of a good signed document and returns the one that is sent. What the change needs
is signed again where `resigned` is used, so that a target which refuses it does so for the one thing that is wrong.
"""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable, Iterator

from lxml import etree

from gateway.conformance.check import NotApplicable
from gateway.conformance.messages import Made, Stranger, encrypted, made
from gateway.conformance.target import Target
from gateway.formats.parsing import XmlElement, parse_xml
from gateway.security.keys import Signer
from gateway.security.xml_form import EXCLUSIVE, INCLUSIVE, SHA256, XML_LIMITS, ds, meta
from gateway.security.xml_signing import canonical

Change = Callable[[XmlElement], XmlElement]

SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_HASHES = {SHA256: "sha256", SHA1: "sha1"}


def changed(target: Target, change: Change) -> Made:
    """A good message whose signed document is changed before it is encrypted."""
    good = made(target, target.samples.good)
    root = parse_xml(good.sealed.jws, XML_LIMITS.parsing(target.terms.message_limit))
    document: bytes = etree.tostring(change(root), encoding="UTF-8", xml_declaration=True)
    return encrypted(target, good.message_id, document)


def resigned(target: Target, change: Change) -> Made:
    """The same, with digests and signature that fit the changed document, by our own key."""
    return changed(target, lambda root: _sign_again(change(root), target.signer()))


def with_other_value(root: XmlElement) -> XmlElement:
    """One character of the content is another one."""
    leaf = _filled_leaf(root)
    text = leaf.text or ""
    leaf.text = text[:-1] + ("1" if text[-1] != "1" else "2")
    return root


def with_comment(root: XmlElement) -> XmlElement:
    """A comment stands inside a value; the canonical form that is signed has none, so the signature holds."""
    leaf = _filled_leaf(root)
    comment = etree.Comment("x")
    comment.tail, leaf.text = leaf.text, None
    leaf.append(comment)
    return root


def wrapped(root: XmlElement) -> XmlElement:
    """The whole signed document stands inside another one of the same name, which says something else."""
    outer = _unsigned_copy(root)
    outer.append(root)
    return with_other_value(outer)


def wrapped_in_its_signature(root: XmlElement) -> XmlElement:
    """The signature is that of another document; the signed one stands inside it."""
    outer = _unsigned_copy(root)
    signature = _signature(root)
    held = etree.SubElement(signature, ds("Object"))
    held.append(_unsigned_copy(root))
    outer.append(signature)
    return with_other_value(outer)


def with_metadata_before(root: XmlElement) -> XmlElement:
    """Other metadata under the Id of the signed ones stand before them."""
    held = _metadata(root)
    held.addprevious(_other_metadata(held))
    return root


def with_metadata_behind(root: XmlElement) -> XmlElement:
    """Other metadata under the Id of the signed ones stand behind them."""
    held = _metadata(root)
    held.addnext(_other_metadata(held))
    return root


def with_second_signature(root: XmlElement) -> XmlElement:
    """The signature stands twice."""
    root.append(copy.deepcopy(_signature(root)))
    return root


def with_signature_inside(root: XmlElement) -> XmlElement:
    """A copy of the signature stands inside it, where no reference covers it."""
    signature = _signature(root)
    held = etree.SubElement(signature, ds("Object"))
    held.append(copy.deepcopy(_signature(root)))
    return root


def with_sha1(root: XmlElement) -> XmlElement:
    """The references have digests of SHA-1."""
    for reference in _references(root):
        _only(reference, "DigestMethod").set("Algorithm", SHA1)
    return root


def without_metadata(root: XmlElement) -> XmlElement:
    """Neither metadata nor a reference to them."""
    held = _metadata(root)
    without_reference_to_metadata(root)
    _signature(root).remove(held)
    return root


def without_reference_to_metadata(root: XmlElement) -> XmlElement:
    """The metadata are there, and no reference covers them."""
    return _without_reference(root, f"#{_metadata(root).get('Id')}")


def without_reference_to_document(root: XmlElement) -> XmlElement:
    """The metadata are signed, the document is not."""
    return _without_reference(root, "")


def with_key_of(other: Stranger, target: Target) -> Change:
    """The signature is by another key under our key id, and its certificate stands in KeyInfo."""
    certificate = base64.b64encode(other.certificate(target)).decode("ascii")

    def change(root: XmlElement) -> XmlElement:
        key_info = _only(_signature(root), "KeyInfo")
        for known in key_info.findall(ds("X509Data")):
            key_info.remove(known)
        data = etree.SubElement(key_info, ds("X509Data"))
        etree.SubElement(data, ds("X509Certificate")).text = certificate
        return _sign_again(root, other.signer)

    return change


def _sign_again(root: XmlElement, signer: Signer) -> XmlElement:
    for reference in _references(root):
        name = _HASHES[_only(reference, "DigestMethod").get("Algorithm") or ""]
        digest = hashlib.new(name, _octets(root, reference.get("URI") or ""), usedforsecurity=False)
        _only(reference, "DigestValue").text = base64.b64encode(digest.digest()).decode("ascii")
    signature = _signature(root)
    value = signer.sign(canonical(_only(signature, "SignedInfo"), EXCLUSIVE))
    _only(signature, "SignatureValue").text = base64.b64encode(value).decode("ascii")
    return root


def _octets(root: XmlElement, uri: str) -> bytes:
    """What a reference of our own signatures covers, in the canonical form that it names."""
    if not uri:
        return canonical(_unsigned_copy(root), INCLUSIVE)
    return canonical(next(one for one in root.iter() if one.get("Id") == uri[1:]), EXCLUSIVE)


def _unsigned_copy(root: XmlElement) -> XmlElement:
    found = copy.deepcopy(root)
    found.remove(_signature(found))
    return found


def _without_reference(root: XmlElement, uri: str) -> XmlElement:
    for reference in _references(root):
        if reference.get("URI") == uri:
            _only(_signature(root), "SignedInfo").remove(reference)
    return root


def _references(root: XmlElement) -> list[XmlElement]:
    return _only(_signature(root), "SignedInfo").findall(ds("Reference"))


def _signature(root: XmlElement) -> XmlElement:
    return _only(root, "Signature")


def _only(parent: XmlElement, name: str) -> XmlElement:
    """The child of this name, which every signature of ours has once."""
    return next(iter(parent.iterchildren(ds(name))))


def _metadata(root: XmlElement) -> XmlElement:
    """The Object that holds the metadata."""
    return next(one for one in _signature(root).findall(ds("Object")) if one.find(meta("Metadata")) is not None)


def _other_metadata(held: XmlElement) -> XmlElement:
    other = copy.deepcopy(held)
    for member in other.iter(meta("jti")):
        member.text = f"{member.text}-other"
    return other


def _filled_leaf(root: XmlElement) -> XmlElement:
    """The first element of the content that holds a text and nothing else.

    Raises:
        NotApplicable: there is none.
    """
    for leaf in _content(root):
        if len(leaf) == 0 and leaf.text and leaf.text.strip():
            return leaf
    raise NotApplicable("no element of the message holds a text")


def _content(root: XmlElement) -> Iterator[XmlElement]:
    for child in root.iterchildren():
        if child.tag != ds("Signature"):
            yield from child.iter()
