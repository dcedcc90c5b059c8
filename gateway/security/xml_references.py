"""The references of a signature: few, to known elements, with known algorithms and no freedom beyond.

What stands in no list cannot occur: XPath, XSLT, base64, XPointer, files, addresses, prefix lists, SHA-1, HMAC. Every
refusal is ``envelope.not-opened``; only its detail, for our own log, tells which rule it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.formats.parsing import XmlElement
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.xml_form import CANONICAL_FORMS, ENVELOPED, SHA256, SIGNATURE_METHODS, ds

_LOCAL_URI = re.compile(r"#[A-Za-z_][A-Za-z0-9._-]{0,127}")
_ID_NAMES = "local-name()='Id' or local-name()='ID' or local-name()='id'"
_REFERENCE_PARTS = (
    [ds("DigestMethod"), ds("DigestValue")],
    [ds("Transforms"), ds("DigestMethod"), ds("DigestValue")],
)


def refused(detail: str) -> OpeningRefused:
    """The one answer to every fault between decryption and the verified signature."""
    return OpeningRefused(EnvelopeCode.NOT_OPENED, detail=f"xml: {detail}")


def read_signed_info(signed_info: XmlElement) -> tuple[str, list[XmlElement]]:
    """Signature method and references, when every algorithm is one of ours and none has a parameter.

    Raises:
        OpeningRefused: ``envelope.not-opened``.
    """
    children = list(signed_info)
    if [one.tag for one in children[:2]] != [ds("CanonicalizationMethod"), ds("SignatureMethod")]:
        raise refused("SignedInfo is incomplete")
    canonical, method, *references = children
    if not _is_plain(canonical, CANONICAL_FORMS):
        raise refused("canonical form of SignedInfo")
    if not _is_plain(method, frozenset(SIGNATURE_METHODS.values())):
        raise refused("signature method")
    if any(one.tag != ds("Reference") for one in references):
        raise refused("SignedInfo holds something else than references")
    return str(method.get("Algorithm")), references


def _is_plain(element: XmlElement, allowed: frozenset[str]) -> bool:
    """One of the algorithms, without parameters: no PrefixList, no HMACOutputLength, no stylesheet."""
    return element.get("Algorithm") in allowed and len(element) == 0 and len(element.attrib) == 1


def targets_of(
    root: XmlElement, references: Sequence[XmlElement], allowed: Sequence[XmlElement]
) -> tuple[XmlElement, ...]:
    """What the references point at, each once and each an element that the form has.

    Args:
        root: the document element, which a reference to the whole document stands for.
        references: in their order.
        allowed: the elements besides it that may be referenced, each with an Id that occurs once.

    Raises:
        OpeningRefused: ``envelope.not-opened``.
    """
    targets: list[XmlElement] = []
    for reference in references:
        uri = reference.get("URI")
        target = root if uri == "" else _local(root, uri, allowed)
        if any(target is known for known in targets):
            raise refused("two references to one element")
        _check_reference(reference, whole=target is root)
        targets.append(target)
    return tuple(targets)


def _local(root: XmlElement, uri: str | None, allowed: Sequence[XmlElement]) -> XmlElement:
    if uri is None or _LOCAL_URI.fullmatch(uri) is None:
        raise refused("a reference that is neither the whole document nor an Id")
    found = root.getroottree().xpath(f"//@*[{_ID_NAMES}][.=$wanted]/..", wanted=uri[1:])
    for one in allowed:
        if found == [one] and one.get("Id") == uri[1:]:
            return one
    raise refused("a reference to an Id that is absent, repeated or on another element")


def _check_reference(reference: XmlElement, *, whole: bool) -> None:
    """Transforms and digest of a reference: the signature is cut out of the whole, and out of nothing else."""
    if not {"URI", "Id", "Type"}.issuperset(reference.attrib):
        raise refused("an attribute of a reference")
    names = [one.tag for one in reference]
    if names not in _REFERENCE_PARTS:
        raise refused("parts of a reference")
    if not _is_plain(reference[-2], frozenset({SHA256})):
        raise refused("digest method")
    transforms = list(reference[0]) if len(names) == 3 else []
    if any(one.tag != ds("Transform") for one in transforms):
        raise refused("transforms")
    if whole and (len(transforms) != 2 or not _is_plain(transforms.pop(0), frozenset({ENVELOPED}))):
        raise refused("the whole document is not: enveloped signature cut out, then a canonical form")
    if len(transforms) > 1 or not all(_is_plain(one, CANONICAL_FORMS) for one in transforms):
        raise refused("transforms")
