"""Signature wrapping: what is read must be what was signed, wherever the signed element is moved to."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree

from tests.attacks.xmldsig.conftest import CONTENT, DSIG, NAMES, XmlForge

EVIL = CONTENT.replace("12.5", "99.9")
FOREIGN = etree.fromstring(EVIL)


def signature_of(root: etree._Element) -> etree._Element:
    [signature] = root.findall("ds:Signature", NAMES)
    return signature


def wrapped(root: etree._Element) -> etree._Element:
    """The signed document under a wrapper, its signature beside another content."""
    evil = copy.deepcopy(FOREIGN)
    evil.append(signature_of(root))
    etree.SubElement(evil, "Wrapper").append(root)
    return evil


def wrapped_with_its_signature(root: etree._Element) -> etree._Element:
    evil = copy.deepcopy(FOREIGN)
    etree.SubElement(evil, "Wrapper").append(root)
    return evil


def signature_as_document(root: etree._Element) -> etree._Element:
    signature = signature_of(root)
    held = etree.SubElement(signature, f"{{{DSIG}}}Object")
    root.remove(signature)
    held.append(root)
    return signature


def content_in_an_object(root: etree._Element) -> etree._Element:
    evil = copy.deepcopy(FOREIGN)
    signature = signature_of(root)
    evil.append(signature)
    etree.SubElement(signature, f"{{{DSIG}}}Object").append(root)
    return evil


def signature_deeper(root: etree._Element) -> etree._Element:
    root[0].append(signature_of(root))
    return root


def second_signature(root: etree._Element) -> etree._Element:
    root.append(copy.deepcopy(signature_of(root)))
    return root


def second_signature_inside(root: etree._Element) -> etree._Element:
    root[0].append(copy.deepcopy(signature_of(root)))
    return root


def signature_in_the_metadata(root: etree._Element) -> etree._Element:
    signature = signature_of(root)
    signature.findall("ds:Object", NAMES)[0].append(copy.deepcopy(signature))
    return root


def no_signature(root: etree._Element) -> etree._Element:
    root.remove(signature_of(root))
    return root


def other_value(root: etree._Element) -> etree._Element:
    root[1].text = "99.9"
    return root


def other_attribute(root: etree._Element) -> etree._Element:
    root[1].set("unit", "TNE")
    return root


def element_added(root: etree._Element) -> etree._Element:
    etree.SubElement(root, "{urn:note}Mass").text = "1"
    return root


def text_behind_the_signature(root: etree._Element) -> etree._Element:
    signature_of(root).tail = "99.9"
    return root


def other_root(root: etree._Element) -> etree._Element:
    root.tag = "{urn:note}Other"
    return root


def same_id_in_the_document(root: etree._Element) -> etree._Element:
    root[0].set("Id", "meta")
    return root


def same_id_under_another_name(root: etree._Element) -> etree._Element:
    root[0].set("ID", "meta")
    return root


def same_xml_id(root: etree._Element) -> etree._Element:
    root[0].set("{http://www.w3.org/XML/1998/namespace}id", "meta")
    return root


def metadata_swapped(root: etree._Element) -> etree._Element:
    """Another metadata object takes the place; the signed one hides elsewhere under its own Id."""
    signature = signature_of(root)
    signed = signature.findall("ds:Object", NAMES)[0]
    other = copy.deepcopy(signed)
    other.set("Id", "meta-2")
    other[0].findall("m:purpose", NAMES)[0].text = "anything"
    signature.replace(signed, other)
    root[0].append(signed)
    return root


def metadata_changed(root: etree._Element) -> etree._Element:
    [purpose] = signature_of(root).iterfind("ds:Object/m:Metadata/m:purpose", NAMES)
    purpose.text = "anything"
    return root


def metadata_twice(root: etree._Element) -> etree._Element:
    signature = signature_of(root)
    other = copy.deepcopy(signature.findall("ds:Object", NAMES)[0])
    other.set("Id", "meta-2")
    signature.append(other)
    return root


def metadata_removed(root: etree._Element) -> etree._Element:
    signature = signature_of(root)
    signature.remove(signature.findall("ds:Object", NAMES)[0])
    return root


def unsigned_object(root: etree._Element) -> etree._Element:
    etree.SubElement(signature_of(root), f"{{{DSIG}}}Object").append(copy.deepcopy(FOREIGN))
    return root


def manifest(root: etree._Element) -> etree._Element:
    held = etree.SubElement(signature_of(root), f"{{{DSIG}}}Object")
    etree.SubElement(held, f"{{{DSIG}}}Manifest")
    return root


def signature_value_twice(root: etree._Element) -> etree._Element:
    signature = signature_of(root)
    signature.insert(2, copy.deepcopy(signature[1]))
    return root


def signed_info_twice(root: etree._Element) -> etree._Element:
    signature = signature_of(root)
    signature.insert(0, copy.deepcopy(signature[0]))
    return root


def emptied_signature(root: etree._Element) -> etree._Element:
    for child in list(signature_of(root)):
        signature_of(root).remove(child)
    return root


CHANGES: list[Callable[[etree._Element], etree._Element]] = [
    wrapped,
    wrapped_with_its_signature,
    signature_as_document,
    content_in_an_object,
    signature_deeper,
    second_signature,
    second_signature_inside,
    signature_in_the_metadata,
    no_signature,
    other_value,
    other_attribute,
    element_added,
    text_behind_the_signature,
    other_root,
    same_id_in_the_document,
    same_id_under_another_name,
    same_xml_id,
    metadata_swapped,
    metadata_changed,
    metadata_twice,
    metadata_removed,
    unsigned_object,
    manifest,
    signature_value_twice,
    signed_info_twice,
    emptied_signature,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_signed_document_that_was_changed_is_not_opened(
    each: XmlForge, change: Callable[[etree._Element], etree._Element]
) -> None:
    changed = change(each.signed())
    refused = each.refusal(each.seal(changed))
    other = each.refusal(each.seal(b"no XML at all"))
    assert refused.stable_code == "envelope.not-opened"
    assert (refused.message, refused.path, refused.remedy) == (other.message, other.path, other.remedy)


INSIDE = {
    "comment in a value": ("<Mass>12.5", "<Mass>12<!---->.5"),
    "comment at the end of a value": ("12.5</Mass>", "12.5<!-- 0 --></Mass>"),
    "processing instruction in a value": ("<Mass>12.5", "<Mass>12<?x?>.5"),
    "stylesheet": ("<Note", "<?xml-stylesheet href='http://127.0.0.1/x.xsl'?><Note"),
    "doctype": ("<Note", "<!DOCTYPE Note><Note"),
    "entity": ("<Note", "<!DOCTYPE Note [<!ENTITY x '9'>]><Note"),
    "external entity": ("<Note", "<!DOCTYPE Note [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Note"),
    "attribute default": ("<Note", "<!DOCTYPE Note [<!ATTLIST Note Id CDATA 'meta'>]><Note"),
    "undefined entity": ("<Mass>12.5", "<Mass>&x;12.5"),
}


@pytest.mark.parametrize("inside", INSIDE)
def test_what_a_canonical_form_or_a_parser_would_leave_out_is_not_opened(each: XmlForge, inside: str) -> None:
    """A comment is not signed: the signature still holds, and a reader may see another value than was signed."""
    data = etree.tostring(each.signed()).decode()
    before, after = INSIDE[inside]
    assert before in data
    assert each.code(data.replace(before, after, 1).encode()) == "envelope.not-opened"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_comments_cannot_hide_in_an_encoding_of_wider_characters(xml: XmlForge, encoding: str) -> None:
    text = etree.tostring(xml.signed()).decode().replace("12.5", "12<!---->.5")
    assert xml.code(text.encode(encoding)) == "envelope.not-opened"


@pytest.mark.parametrize("depth", [70, 300, 5000])
def test_a_document_nested_too_deep_is_not_opened(xml: XmlForge, depth: int) -> None:
    data = etree.tostring(xml.signed()).decode()
    nested = "<a>" * depth + "</a>" * depth
    assert xml.code(data.replace("<Mass>", nested + "<Mass>").encode()) == "envelope.not-opened"


@pytest.mark.parametrize(
    "data", [b"", b"<", b"<a/>", b"\x00" * 10, b"\xef\xbb\xbf", b"{}", b"<a>" * 400, b"\xff\xfe<\x00a\x00/\x00>\x00"]
)
def test_anything_else_is_not_opened(each: XmlForge, data: bytes) -> None:
    if data:
        assert each.code(data) == "envelope.not-opened"
    else:  # an empty ciphertext is seen from outside
        assert each.code(data) == "envelope.malformed"
