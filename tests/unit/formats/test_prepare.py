from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.findings import Severity
from gateway.formats.format import Format, load_format

Writer = Callable[..., Path]
POLICY = '[namespaces]\naliases = { t = "urn:aa:types" }\npolicy = '
BARE_HEAD = 'name = "aa-cargo"\nversion = "1.0"\nschema = "cargo.xsd"\nroot = "Cargo"\nnamespace = "urn:aa:cargo"\n'
NAMELESS = (
    b"<Cargo><ID>A</ID><Owner><Code>ABC</Code></Owner><Owner><Name>N</Name></Owner><Truck>1</Truck>"
    b"<Line><SequenceNumeric>1</SequenceNumeric></Line></Cargo>"
)
READ = {
    "Cargo": {
        "ID": "A",
        "Owner": {"Code": "ABC"},
        "t:Owner": {"Name": "N"},
        "Truck": "1",
        "Line": [{"SequenceNumeric": "1"}],
    }
}


def cargo(write_format: Writer, policy: str, more: str = "") -> Format:
    return load_format(write_format(head=BARE_HEAD, more=f'{POLICY}"{policy}"\n{more}'))


def test_absent_namespaces_are_put_in_with_a_warning_and_siblings_are_told_apart_by_order(write_format: Writer) -> None:
    reading = cargo(write_format, "absent-repaired").read(NAMELESS)
    assert reading.tree == READ
    assert [(finding.code, finding.severity) for finding in reading.findings] == [
        ("format.namespace-absent", Severity.WARNING)
    ]


def test_absent_namespaces_are_not_put_in_where_the_head_does_not_say_so(write_format: Writer) -> None:
    reading = cargo(write_format, "exact").read(NAMELESS)
    assert reading.tree is None


def test_repair_keeps_faults_visible(write_format: Writer) -> None:
    found = cargo(write_format, "absent-repaired")
    reading = found.read(NAMELESS.replace(b"<Truck>", b"<Nobody><In/></Nobody><Truck>"))
    assert [finding.path for finding in reading.findings if finding.severity is Severity.ERROR] == ["Nobody"]
    wrong = found.read(NAMELESS.replace(b"<ID>", b'<ID xmlns="urn:aa:other">'))
    assert [finding.code for finding in wrong.findings if finding.severity is Severity.ERROR] == ["schema.namespace"]
    assert [finding.code for finding in found.read(b"<Freight/>").findings] == ["schema.root"]


def test_ignored_namespaces(write_format: Writer, good: bytes) -> None:
    found = cargo(write_format, "ignored")
    assert found.read(NAMELESS).tree == READ
    assert found.read(good.replace(b"urn:aa:cargo", b"urn:anything")).tree == found.read(good).tree
    assert found.read(good).findings == ()


def test_any_of(write_format: Writer, good: bytes) -> None:
    found = cargo(write_format, "any-of", 'any_of = { "urn:aa:cargo" = ["urn:aa:cargo:2"] }\n')
    assert found.read(good.replace(b'"urn:aa:cargo"', b'"urn:aa:cargo:2"')).tree == found.read(good).tree
    assert found.read(good.replace(b'"urn:aa:cargo"', b'"urn:aa:cargo:3"')).tree is None


def test_unknown_elements_kept_aside(write_format: Writer, good: bytes) -> None:
    found = load_format(write_format(more='[unknown]\nelements = "kept-aside"\n'))
    changed = good.replace(b"<Truck>", b"<New><Deep/></New><Truck>").replace(b"<Mark>one", b"<Extra/><Mark>one")
    reading = found.read(changed)
    assert reading.tree == found.read(good).tree
    assert [(finding.code, finding.path, finding.severity) for finding in reading.findings] == [
        ("format.unknown-element", "New", Severity.WARNING),
        ("format.unknown-element", "Line[1]/Extra", Severity.WARNING),
    ]


def test_text_after_an_unknown_element_is_never_lost(write_format: Writer, good: bytes) -> None:
    found = load_format(write_format(more='[unknown]\nelements = "kept-aside"\n'))
    assert found.read(good.replace(b"<Truck>", b"<New/>text<Truck>")).tree is None


def test_empty_may_mean_absent_but_stays_in_the_tree(write_format: Writer, good: bytes) -> None:
    found = load_format(write_format(more='[absent]\nmeans = "empty"\n'))
    changed = good.replace(b"<Code>ABC</Code>", b"<Code/>").replace(b"<Mark>one", b"<Gross/><Mark>one")
    changed = changed.replace(b"<Gross unitCode", b"<Gross/><Gross unitCode").replace(b"</Gross><Gross/>", b"</Gross>")
    tree = found.read(changed).tree
    assert tree is not None
    assert tree["Cargo"]["Owner"] == {"Code": ""}
    assert tree["Cargo"]["Line"][0]["Gross"] == {"value": "10.500", "@unitCode": "KGM"}
    assert tree["Cargo"]["Empty"] == {}
    assert found.judge(tree) == ()
    assert found.read(found.to_xml(tree)).tree == tree
    assert found.read(found.to_json(tree)).tree == tree


def test_an_empty_element_is_missing_where_it_is_required(write_format: Writer, good: bytes) -> None:
    found = load_format(write_format(more='[absent]\nmeans = "empty"\n'))
    changed = good.replace(b"A-1", b" ").replace(b"<SequenceNumeric>2</SequenceNumeric>", b"<SequenceNumeric/>")
    assert [(finding.code, finding.path) for finding in found.read(changed).findings] == [
        ("schema.missing-element", "ID"),
        ("schema.missing-element", "Line[2]/SequenceNumeric"),
    ]


def test_positions_count_the_empty_entries_that_were_taken_out(write_format: Writer, good: bytes) -> None:
    found = load_format(write_format(more='[absent]\nmeans = "empty"\n'))
    changed = good.replace(b"<Line>", b"<Line/><Line>", 1).replace(b"10.500", b"ten")
    assert [finding.path for finding in found.read(changed).findings] == ["Line[2]/Gross"]
