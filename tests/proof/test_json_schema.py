"""The published JSON Schema refuses what it can: all faults of shape, and values that their type alone rules out."""

from __future__ import annotations

import json
import random
from functools import partial

import jsonschema_rs
import pytest

from gateway.catalogue import Judging
from tests.proof.damage import Maker
from tests.proof.json_damage import JSON_KINDS
from tests.proof.matrix import json_value
from tests.proof.subjects import Subject, generated, packages
from tests.proof.values import VALUE_KINDS

OF_THE_PARSER = {
    "duplicate key", "NaN or Infinity", "exponent", "a number too long", "half a surrogate pair", "truncated JSON"
}  # fmt: skip
OF_THE_VALIDATOR = {"character no XML has"}
OF_THE_TYPE = ("letter in a number", "too long", "too many decimals")


Judged = tuple[Subject, jsonschema_rs.Draft202012Validator]


@pytest.fixture(name="judged", scope="module")
def judged_fixture(judging: Judging) -> list[Judged]:
    """A message of each package and the schema that accepts it."""
    subjects = generated(judging, len(packages(judging)))
    judged = [(one, jsonschema_rs.Draft202012Validator(one.form.json_schema())) for one in subjects]
    assert all(schema.is_valid(one.tree) for one, schema in judged)
    return judged


@pytest.mark.parametrize("kind", [*sorted(set(JSON_KINDS) - OF_THE_PARSER - OF_THE_VALIDATOR), *OF_THE_TYPE])
def test_what_the_json_schema_refuses_by_itself(judging: Judging, judged: list[Judged], soak: bool, kind: str) -> None:
    maker: Maker = JSON_KINDS.get(kind) or partial(json_value, judging, VALUE_KINDS[kind])
    made = 0
    for subject, schema in judged:
        for seed in range(10 if soak else 1):
            damage = maker(subject.another(), random.Random(seed))
            if damage is not None:
                made += 1
                assert not schema.is_valid(json.loads(damage.data)), (subject.name, damage.places)
    assert made
