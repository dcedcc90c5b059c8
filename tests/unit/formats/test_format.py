from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.findings import has_errors
from gateway.formats.format import Format
from gateway.formats.generator import generate


def test_one_message_in_both_syntaxes(cargo: Format, good: bytes) -> None:
    reading = cargo.read(good)
    assert reading.tree is not None
    again = cargo.read(cargo.to_json(reading.tree))
    assert (again.tree, again.findings, again.syntax) == (reading.tree, (), "json")
    assert cargo.write(reading.tree) == cargo.to_xml(reading.tree)
    assert cargo.name == "aa-cargo-1.0"
    assert len(cargo.digest) == 64


def test_one_verdict_for_tree_xml_and_json(cargo: Format, good: bytes) -> None:
    tree = cargo.read(good).tree
    assert tree is not None
    tree["Cargo"]["Line"][1]["SequenceNumeric"] = "two"
    judged = cargo.judge(tree)
    assert [(finding.code, finding.path, finding.line) for finding in judged] == [
        ("schema.type", "Line[2]/SequenceNumeric", None)
    ]
    assert cargo.read(cargo.to_json(tree)).findings == judged
    assert [finding.path for finding in cargo.read(cargo.to_xml(tree)).findings] == ["Line[2]/SequenceNumeric"]


def test_a_tree_of_another_shape_is_judged_not_raised(cargo: Format) -> None:
    assert [finding.path for finding in cargo.judge({"Cargo": {"Nobody": "x"}})] == ["Nobody"]
    assert has_errors(cargo.judge({}))


def test_generated_instances_are_valid_and_come_back(cargo: Format) -> None:
    for seed in range(50):
        tree = generate(cargo.structure, seed=seed, code_lists={})
        assert cargo.judge(tree) == ()
        assert cargo.read(cargo.to_xml(tree)).tree == tree
        assert cargo.read(cargo.to_json(tree)).tree == tree


def test_threads_share_a_format(cargo: Format, good: bytes) -> None:
    bad = good.replace(b"10.500", b"ten")
    wrong: list[object] = []

    def use() -> None:
        results = [(cargo.read(good).tree is not None, len(cargo.read(bad).findings)) for _ in range(60)]
        wrong.extend(result for result in results if result != (True, 1))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(data=st.data())
@settings(max_examples=300)
def test_any_damage_ends_in_findings_or_in_our_tree(cargo: Format, good: bytes, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([good, cargo.to_json(cargo.read(good).tree or {})]))
    at = data.draw(st.integers(0, len(source)))
    length = data.draw(st.integers(0, 12))
    pieces = [b"<", b">", b"<ID>", b"</Line>", b'"', b"{", b"]", b"null", b"\x00", b"\xff", b"&", b"&lt;", b""]
    damaged = source[:at] + data.draw(st.sampled_from(pieces)) + source[at + length :]
    try:
        reading = cargo.read(damaged)
    except GatewayError as error:
        assert error.stable_code.startswith("parse.")  # noqa: PT017 - both ways are good, nothing else is
        return
    assert (reading.tree is None) == has_errors(reading.findings)
