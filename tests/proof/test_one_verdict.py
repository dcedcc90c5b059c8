"""The verdict on a message in JSON is that on the same message in XML: sound ones and damaged ones."""

from __future__ import annotations

import os
import random

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalogue import Judging
from gateway.findings import Severity
from gateway.validation.verdict import Verdict, verdict
from tests.proof.spots import spots
from tests.proof.subjects import Subject, as_json, generated, generated_tree
from tests.proof.values import value_kinds

Said = list[tuple[str, str, Severity]]
SOAK = os.environ.get("SARHAD_SOAK") == "1"
MESSAGES, EXAMPLES = (45, 2000) if SOAK else (9, 40)


def said(judged: Verdict) -> Said:
    return sorted((one.code, one.path, one.severity) for one in judged.findings)


def both(judging: Judging, subject: Subject) -> tuple[Said, Said]:
    """What is said of a tree in XML and in JSON, named as its format in both."""
    form = subject.form
    of_xml = verdict(judging.formats, form.to_xml(subject.tree), form.name, rules=judging.rules)
    of_json = verdict(judging.formats, as_json(subject.tree), form.name, rules=judging.rules)
    assert of_xml.valid == of_json.valid
    return said(of_xml), said(of_json)


@pytest.fixture(name="subjects", scope="module")
def subjects_fixture(judging: Judging) -> list[Subject]:
    return generated(judging, MESSAGES)


def test_sound_messages(judging: Judging, subjects: list[Subject]) -> None:
    for subject in subjects:
        of_xml, of_json = both(judging, subject)
        assert of_xml == of_json, subject.name


@settings(max_examples=EXAMPLES)
@given(number=st.integers(0, MESSAGES - 1), seed=st.integers(0, 10**6), faults=st.integers(1, 4))
def test_damaged_values(judging: Judging, subjects: list[Subject], number: int, seed: int, faults: int) -> None:
    """Values out of type, out of a list, out of the calendar; several at a time."""
    chance, subject = random.Random(seed), subjects[number].another()
    kinds = list(value_kinds(judging).values())
    leaves = [spot for spot in spots(subject) if spot.element.is_leaf and not spot.is_list]
    for _ in range(faults):
        spot = chance.choice(leaves)
        change = chance.choice(kinds)(spot.leaf, chance)
        if change is not None:
            spot.change(change)
    of_xml, of_json = both(judging, subject)
    assert of_xml == of_json


@settings(max_examples=EXAMPLES)
@given(number=st.integers(0, MESSAGES - 1), seed=st.integers(0, 10**6), faults=st.integers(1, 4))
def test_missing_and_surplus_members(
    judging: Judging, subjects: list[Subject], number: int, seed: int, faults: int
) -> None:
    """Whatever may be left out or stand too often in both syntaxes."""
    chance, subject = random.Random(seed), subjects[number].another()
    for _ in range(faults):
        classes = [spot for spot in spots(subject) if not spot.element.is_leaf and not spot.is_list]
        spot = chance.choice(classes)
        if not spot.value:
            continue
        key = chance.choice(list(spot.value))
        held = spot.value[key]
        if isinstance(held, list) and chance.random() < 0.5:
            held.extend(held[:1] * chance.choice([1, 3]))
        else:
            del spot.value[key]
    of_xml, of_json = both(judging, subject)
    assert of_xml == of_json


@settings(max_examples=EXAMPLES)
@given(number=st.integers(0, MESSAGES - 1), seed=st.integers(0, 10**6))
def test_what_the_published_json_schema_refuses_is_refused(
    judging: Judging, subjects: list[Subject], number: int, seed: int
) -> None:
    """The JSON Schema is never stricter than the verdict."""
    chance, subject = random.Random(seed), subjects[number].another()
    leaves = [spot for spot in spots(subject) if spot.element.is_leaf and not spot.is_list]
    spot = chance.choice(leaves)
    change = chance.choice(list(value_kinds(judging).values()))(spot.leaf, chance)
    if change is not None:
        spot.change(change)
    accepted = subject.form.read(as_json(subject.tree)).tree is not None
    assert schema_of(subject).is_valid(subject.tree) or not accepted


def schema_of(subject: Subject) -> jsonschema_rs.Draft202012Validator:
    name = subject.form.name
    if name not in SCHEMAS:
        SCHEMAS[name] = jsonschema_rs.Draft202012Validator(subject.form.json_schema())
    return SCHEMAS[name]


SCHEMAS: dict[str, jsonschema_rs.Draft202012Validator] = {}


def test_trees_are_the_same_for_the_same_seed(judging: Judging) -> None:
    assert generated_tree(judging, "cri-3.6", 7) == generated_tree(judging, "cri-3.6", 7)
