from __future__ import annotations

import threading
from pathlib import Path

from gateway.formats.format import Format
from gateway.formats.head import read_head
from gateway.formats.log_paths import locate
from gateway.formats.parsing import parse_xml
from gateway.formats.schema_set import read_schema_set
from gateway.formats.validators import LONG_DOCUMENT, MANY_FAULTS, ValidatorPool


def test_validators_are_made_from_the_bytes_that_were_read(cargo_head: Path, good: bytes) -> None:
    schemas = read_schema_set(read_head(cargo_head).schema)
    for file in schemas.files:
        file.unlink()
    assert ValidatorPool(schemas).validate(parse_xml(good)) == ()


def test_threads_never_see_each_others_log(cargo_head: Path, good: bytes) -> None:
    pool = ValidatorPool(read_schema_set(read_head(cargo_head).schema))
    bad = good.replace(b"<ID>A-1</ID>", b"<ID/>")
    wrong: list[object] = []

    def look(data: bytes, faults: int) -> None:
        for _ in range(100):
            entries = pool.validate(parse_xml(data))
            if len(entries) != faults:
                wrong.append(entries)

    threads = [threading.Thread(target=look, args=args) for args in [(good, 0), (bad, 1)] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def _long(good: bytes, line: bytes, count: int) -> bytes:
    return good.replace(b"<Empty/>", line * count)


def test_a_long_document_has_the_same_verdict(cargo: Format, good: bytes) -> None:
    sound = b"<Line><SequenceNumeric>1</SequenceNumeric></Line>"
    data = _long(good, sound, LONG_DOCUMENT)
    assert cargo.read(data).tree is not None
    few = data.replace(b"<SequenceNumeric>1<", b"<SequenceNumeric>x<", 2)
    assert [finding.path for finding in cargo.read(few).findings] == [
        "Line[1]/SequenceNumeric",
        "Line[3]/SequenceNumeric",
    ]
    many = _long(good, sound.replace(b">1<", b">x<"), LONG_DOCUMENT + MANY_FAULTS)
    assert [finding.path for finding in cargo.read(many).findings][:2] == [
        "Line[3]/SequenceNumeric",
        "Line[4]/SequenceNumeric",
    ]


def test_paths_of_the_log_are_found_by_position_and_prefix() -> None:
    document = parse_xml(b'<a xmlns:p="urn:p"><b/><p:b/><b><c/></b></a>')
    assert locate(document, "/a") is document
    assert locate(document, "/a/b[2]/c") is document[2][0]
    assert locate(document, "/*/*[2]") is document[1]
    assert locate(document, "/a/p:b") is document[1]
    assert locate(document, "/a/b[2]/@x") is document[2]
    for nowhere in ("", "/a/b[3]", "/a/q:b", "/a/b[2]/c/d", "/a/!"):
        assert locate(document, nowhere) is None
