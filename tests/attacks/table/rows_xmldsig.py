"""Attacks on signed XML: moved, doubled, weakened and borrowed signatures of a partner that signs XML.

The forge fills in every digest as a lenient implementation would compute it; the envelope around is a good one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from gateway.security.generation import generate_key
from tests.attacks.envelope.conftest import Forge
from tests.attacks.table import forging
from tests.attacks.table.attacker import JOSE, MESSAGES, Attacker
from tests.attacks.table.row import MESSAGE_REFUSED, Attack
from tests.attacks.table.wire import Shot
from tests.attacks.xmldsig.conftest import (
    DSIG,
    ECDSA_SHA1,
    ENVELOPED,
    EXCLUSIVE,
    HMAC,
    INCLUSIVE,
    NAMES,
    SHA1,
    TO_METADATA,
    WHOLE,
    XmlForge,
    reference,
)
from tests.world.partner import LONG_AGO, NOTE

Shoot = Callable[[Attacker], Shot]
Change = Callable[[Any], Any]
CONTENT_TYPE = "message+xmldsig"
XSLT = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'
XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>not(ancestor-or-self::*[local-name()='Goods'])</ds:XPath></ds:Transform>"
)
TRUNCATED = f'<ds:SignatureMethod Algorithm="{HMAC}"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>'


def xmldsig(name: str, source: str, shoot: Shoot, code: str = "not-opened", *words: str) -> Attack:
    return Attack(
        name=f"xmldsig: {name}",
        kind="xmldsig",
        source=source,
        shoot=shoot,
        status=400,
        code=f"envelope.{code}",
        tag=MESSAGE_REFUSED,
        words=words,
    )


def forge_of(attacker: Attacker) -> XmlForge:
    party = attacker.parties["zz"]
    return XmlForge(Forge(party._sign, party._sign, party._own[0], party._decrypter))


def signature_of(attacker: Attacker, more: Any = None, **changes: Any) -> str:
    """The text of a Signature of the right shape, whose metadata are his; ``more`` goes to the forge."""
    forge = forge_of(attacker)
    members: dict[str, Any] = {
        "iss": "zz",
        "iat": int(datetime.now(UTC).timestamp()),
        "jti": attacker.fresh(),
        "type": "note",
    }
    members |= {"agreement": "aa-zz-notes", "schema": "xx-note-1.0", "purpose": "RISK"}
    return forge.signature(objects=[forge.metadata(**(members | changes))], **(more or {}))


def document_of(attacker: Attacker, more: Any = None, by: Any = None, **changes: Any) -> Any:
    """A signed document; ``more`` changes the signature, ``changes`` the metadata, ``by`` is another key."""
    return forge_of(attacker).signed(signature_of(attacker, more, **changes), NOTE.decode(), by)


def sealed(attacker: Attacker, document: Any, **header: Any) -> Shot:
    """The document in a good envelope and a good request."""
    data = document if isinstance(document, bytes) else etree.tostring(document, encoding="UTF-8")
    outer = attacker.outer(skid=attacker.parties["zz"]._sign.public.kid, cty=CONTENT_TYPE, **header)
    segments = forging.jwe(data, outer, attacker.recipient)
    return attacker.send("POST", MESSAGES, ".".join(segments).encode(), JOSE, by="zz", certificate="zz")


def honest(attacker: Attacker) -> Shot:
    return sealed(attacker, document_of(attacker))


def changed(change: Change) -> Shoot:
    """A signed document that is changed afterwards."""
    return lambda attacker: sealed(attacker, change(document_of(attacker)))


def made(by: Callable[[Attacker], Any] | None = None, **more: Any) -> Shoot:
    """A document whose signature is made otherwise."""
    return lambda attacker: sealed(attacker, document_of(attacker, more, None if by is None else by(attacker)))


def saying(**members: Any) -> Shoot:
    """A good signature over other metadata."""
    return lambda attacker: sealed(attacker, document_of(attacker, **members))


def text(change: Callable[[bytes], bytes]) -> Shoot:
    """A signed document whose bytes are changed afterwards."""
    return lambda attacker: sealed(attacker, change(etree.tostring(document_of(attacker), encoding="UTF-8")))


def signature(root: Any) -> Any:
    [found] = root.findall("ds:Signature", NAMES)
    return found


def evil() -> Any:
    return etree.fromstring(NOTE.replace(b"12.5", b"99.9"))


def under_wrapper(root: Any) -> Any:
    """Other content as the document, what was signed below it, the signature where it is looked for."""
    document = evil()
    document.append(signature(root))
    etree.SubElement(document, "Wrapper").append(root)
    return document


def in_an_object(root: Any) -> Any:
    document, moved = evil(), signature(root)
    document.append(moved)
    etree.SubElement(moved, f"{{{DSIG}}}Object").append(root)
    return document


def second_signature(root: Any) -> Any:
    root.append(copy.deepcopy(signature(root)))
    return root


def deeper(root: Any) -> Any:
    root[0].append(signature(root))
    return root


def same_id(root: Any) -> Any:
    root[0].set("Id", "meta")
    return root


def other_metadata(root: Any) -> Any:
    """Other metadata where they are read, the signed ones elsewhere under their Id."""
    moved = signature(root)
    [signed] = moved.findall("ds:Object", NAMES)
    other = copy.deepcopy(signed)
    other.set("Id", "meta-2")
    moved.replace(signed, other)
    root[0].append(signed)
    return root


def other_value(root: Any) -> Any:
    root[0].text = "N-2"
    return root


def unsigned(root: Any) -> Any:
    root.remove(signature(root))
    return root


def no_value(root: Any) -> Any:
    [value] = signature(root).findall("ds:SignatureValue", NAMES)
    value.text = "A" * 86 + "=="
    return root


def stranger(_: Attacker) -> Any:
    return generate_key("zz", "ES256", LONG_AGO).private


def as_jose(attacker: Attacker) -> Shot:
    """The form without the agreed signature, from a partner whose profile asks for it: a downgrade."""
    party = attacker.parties["zz"]
    header = attacker.inner(iss="zz", kid=party._sign.public.kid, agreement="aa-zz-notes")
    jws = attacker.jws(header, NOTE, forging.es256(party._sign))
    outer = attacker.outer(skid=party._sign.public.kid)
    segments = forging.jwe(jws.encode(), outer, attacker.recipient)
    return attacker.send("POST", MESSAGES, ".".join(segments).encode(), JOSE, by="zz", certificate="zz")


def from_jose_partner(attacker: Attacker) -> Shot:
    """Signed XML from a partner whose profile knows none."""
    return attacker.with_outer(cty=CONTENT_TYPE)


XSW = "signature wrapping, McIntosh and Austel 2005"
ROWS = [
    xmldsig("the signed document under a wrapper", XSW, changed(under_wrapper), "not-opened", "wrapped"),
    xmldsig("the signed document in an Object", XSW, changed(in_an_object), "not-opened", "wrapped"),
    xmldsig("a second Signature", XSW, changed(second_signature)),
    xmldsig("the Signature deeper in the document", XSW, changed(deeper)),
    xmldsig("an Id twice", XSW, changed(same_id)),
    xmldsig("other metadata beside the signed ones", XSW, changed(other_metadata), "not-opened", "wrapped"),
    xmldsig("the Signature taken away", "XML Signature s. 8.1", changed(unsigned), "not-opened", "stripped"),
    xmldsig("another value", "XML Signature s. 3.2.1", changed(other_value), "not-opened", "forged"),
    xmldsig("r and s of zero", "CVE-2022-21449", changed(no_value), "not-opened", "ES256 r=s=0"),
    xmldsig("a comment in a signed value", "CVE-2018-0489", text(lambda data: data.replace(b"N-1", b"N<!-- -->-1"))),
    xmldsig(
        "a DOCTYPE before the signed document", "CVE-2024-6239 kin, XXE", text(lambda data: b"<!DOCTYPE Note>" + data)
    ),
    xmldsig("a document of which nothing is referenced", "XML Signature s. 8.1.1", made(references=[TO_METADATA])),
    xmldsig("metadata that are not referenced", "XML Signature s. 8.1.1", made(references=[WHOLE])),
    xmldsig(
        "a reference to another machine",
        "CWE-918",
        made(references=[WHOLE, TO_METADATA, reference("http://127.0.0.1:9/")]),
    ),
    xmldsig("a reference to a file", "CWE-611", made(references=[WHOLE, TO_METADATA, reference("file:///etc/passwd")])),
    xmldsig(
        "a stylesheet as transform",
        "CVE-2022-34169 kin",
        made(references=[reference("", ENVELOPED, XSLT, INCLUSIVE), TO_METADATA]),
    ),
    xmldsig(
        "an XPath that leaves a part unsigned",
        "XML Signature s. 8.1.2",
        made(references=[reference("", ENVELOPED, XPATH, INCLUSIVE), TO_METADATA]),
    ),
    xmldsig(
        "a digest of SHA-1",
        "SHAttered 2017",
        made(references=[reference("", ENVELOPED, INCLUSIVE, digest=SHA1), TO_METADATA]),
    ),
    xmldsig("a signature with SHA-1", "SHAttered 2017", made(method=ECDSA_SHA1), "not-opened", "algorithm-switched"),
    xmldsig("HMAC with the public key", "CVE-2025-48994", made(method=HMAC), "not-opened", "key-confused"),
    xmldsig("HMAC of eight bits", "CVE-2009-0217", made(method=TRUNCATED), "not-opened", "truncated tag"),
    xmldsig("a canonical form that keeps comments", "CVE-2018-0489", made(canonical=f"{EXCLUSIVE}WithComments")),
    xmldsig("signed by a stranger", "XML Signature s. 8.2", made(stranger), "not-opened", "forged"),
    xmldsig("for another recipient", "surreptitious forwarding, Davis 2001", saying(aud="bb"), "wrong-recipient"),
    xmldsig("in the name of another partner", "RFC 8725 s. 3.8", saying(iss="xx"), "wrong-sender"),
    xmldsig("signed forty days ago", "RFC 7519 s. 4.1.6", saying(iat=int(LONG_AGO.timestamp())), "clock", "expired"),
    xmldsig("a JWS from a partner that signs XML", "downgrade, CWE-757", as_jose, "wrong-form", "algorithm-switched"),
    xmldsig("signed XML from a partner that signs JWS", "CWE-757", from_jose_partner, "wrong-form"),
]
