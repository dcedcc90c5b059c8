"""Vectors against the parsers: each ends in a stable code, quickly, with nothing read, fetched or lost on the way."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import GatewayError, MalformedMessage, MessageTooLarge
from gateway.formats.document import parse_document
from gateway.formats.format import Format, load_format
from gateway.formats.parsing import parse_xml

SECONDS = 2.0
MEBIBYTES = 200
CANARY = "C4N4RY"

BOMB = (
    "<!DOCTYPE a [<!ENTITY a0 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><a>&a11;</a>"
)
QUADRATIC = f"<!DOCTYPE a [<!ENTITY b '{'b' * 100_000}'>]><a>{'&b;' * 100_000}</a>"


@pytest.fixture(name="note", scope="session")
def note_fixture(tmp_path_factory: pytest.TempPathFactory) -> Format:
    folder = tmp_path_factory.mktemp("note")
    (folder / "note.xsd").write_text(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Note"><xs:complexType><xs:sequence>
        <xs:element name="Text" type="xs:string" maxOccurs="unbounded"/>
        <xs:element name="Count" type="xs:integer" minOccurs="0" maxOccurs="unbounded"/>
        </xs:sequence></xs:complexType></xs:element>
        </xs:schema>"""
    )
    head = folder / "aa-note.format.toml"
    head.write_text('name = "aa-note"\nversion = "1"\nschema = "note.xsd"\nroot = "Note"\n')
    return load_format(head)


@pytest.fixture(name="canary")
def canary_fixture(tmp_path: Path) -> Path:
    file = tmp_path / "canary.txt"
    file.write_text(CANARY)
    return file


@pytest.fixture(name="listener")
def listener_fixture() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine and the connections that reached it."""
    reached: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            reached.append(1)
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], reached
    stop.set()
    thread.join()
    server.close()


def refused(data: bytes) -> str:
    """Code of the refusal; time and memory must stay small."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with pytest.raises(GatewayError) as caught:
        parse_document(data)
    assert time.perf_counter() - start < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEBIBYTES
    assert isinstance(caught.value, MalformedMessage | MessageTooLarge)
    return caught.value.stable_code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        "<!-- x --><!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/hostname'> %p;]><a/>",
        "<!DOCTYPE a [<!ATTLIST a b CDATA 'set'>]><a/>",
        BOMB,
        QUADRATIC,
    ],
    ids=["empty", "external", "entity", "parameter", "default", "bomb", "quadratic"],
)
def test_a_doctype_is_refused_whatever_it_holds(text: str, encoding: str) -> None:
    assert refused(text.encode(encoding)) == "parse.doctype"


def test_an_entity_is_never_an_empty_value() -> None:
    assert refused(b"<w>&a;</w>") == "parse.entity"


def test_no_file_and_no_address_is_ever_asked(canary: Path, listener: tuple[int, list[object]], note: Format) -> None:
    port, reached = listener
    for target in (canary.as_uri(), f"http://127.0.0.1:{port}/x"):
        for text in (
            f"<!DOCTYPE a SYSTEM '{target}'><Note/>",
            f"<!DOCTYPE a [<!ENTITY b SYSTEM '{target}'>]><Note><Text>&b;</Text></Note>",
            f"<!DOCTYPE a [<!ENTITY % b SYSTEM '{target}'> %b;]><Note/>",
        ):
            with pytest.raises(MalformedMessage) as caught:
                note.read(text.encode())
            assert CANARY not in repr(vars(caught.value))
        include = f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{target}' parse='text'/>"
        assert CANARY not in repr(note.read(f"<Note><Text>{include}</Text></Note>".encode()))
        hint = f"xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='urn:x {target}'"
        assert note.read(f"<Note {hint} i:noNamespaceSchemaLocation='{target}'><Text>t</Text></Note>".encode()).tree
        style = f"<?xml-stylesheet href='{target}' type='text/xsl'?><Note><Text>t</Text></Note>"
        assert note.read(style.encode()).tree == {"Note": {"Text": ["t"]}}
    assert reached == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a>" * 300 + b"</a>" * 300, "parse.too-deep"),
        (b"<a>" * 100 + b"</a>" * 100, "parse.too-deep"),
        (b"<a>" + b"x" * 12_000_000 + b"</a>", "parse.too-large-text"),
        (b"<a b='" + b"x" * 12_000_000 + b"'/>", "parse.too-large-text"),
        (b"<a>" + b"x" * 50_000_000 + b"</a>", "parse.too-large"),
        (b"<a>" + b"<b/>" * 600_000 + b"</a>", "parse.too-many-elements"),
        (b"<a>" + b"<b c=''/>" * 400_000 + b"<b c='' d=''/>" * 60_000 + b"</a>", "parse.too-many-attributes"),
        (b"[" * 200_000, "parse.too-deep"),
        (b'{"a":' * 200_000, "parse.too-deep"),
        (b"[" + b"0," * 600_000 + b"0]", "parse.too-many-elements"),
        (b'{"a":' + b"9" * 5000 + b"}", "parse.number-too-long"),
        (b'{"a":1,"a":2}', "parse.duplicate-key"),
        (b'{"a":NaN}', "parse.not-a-number"),
        (b'{"a":1e400}', "parse.exponent"),
        (b'{"a":"\\udead"}', "parse.surrogate"),
        ('{"a":1}'.encode("utf-16"), "parse.byte-order-mark"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_size_depth_and_double_meaning(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_namespaces_by_the_thousand_are_cheap() -> None:
    names = " ".join(f"xmlns:n{n}='urn:{n}'" for n in range(20_000))
    start = time.perf_counter()
    assert parse_xml(f"<a {names}/>".encode()).tag == "a"
    assert time.perf_counter() - start < SECONDS


def test_a_comment_never_splits_the_text_that_is_read(note: Format) -> None:
    reading = note.read(b"<Note><Text>pay 1<!-- x -->000<?x y?> to me</Text></Note>")
    assert reading.tree == {"Note": {"Text": ["pay 1000 to me"]}}


@pytest.mark.parametrize(
    "bad", [b"<Bad/>", b"<Text><Bad/></Text>", b"<Count>x</Count>", b"<Text x='1'/>", b"<Count>1</Count><Text>t</Text>"]
)
def test_very_many_faults_give_a_bounded_answer(note: Format, bad: bytes) -> None:
    data = b"<Note><Text>t</Text>" + bad * 100_000 + b"</Note>"
    start = time.perf_counter()
    findings = note.read(data).findings
    assert len(findings) == note.limits.findings + 1
    assert time.perf_counter() - start < 4 * SECONDS


def test_one_fault_in_a_long_document_has_its_place(note: Format) -> None:
    data = b"<Note>" + b"<Text>t</Text>" * 50_000 + b"<Count>1</Count>" * 40_000 + b"<Count>x</Count></Note>"
    start = time.perf_counter()
    assert [finding.path for finding in note.read(data).findings] == ["Count[40001]"]
    late = data.replace(b"</Note>", b"<Text>t</Text></Note>").replace(b"<Count>x</Count>", b"")
    assert [finding.path for finding in note.read(late).findings] == ["Text[50001]"]
    assert time.perf_counter() - start < 4 * SECONDS


def test_many_faults_far_down_are_told_without_places(note: Format) -> None:
    data = b"<Note>" + b"<Text>t</Text>" * 50_000 + b"<Text><a/></Text>" * 5_000 + b"</Note>"
    findings = note.read(data).findings
    assert [(finding.code, finding.path) for finding in findings] == [("schema.content", "")]
    assert "further down" in findings[0].message
