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
from tests.proof.subjects import generated, packages
from tests.proof.values import VALUE_KINDS

OF_THE_PARSER = {
    "duplicate key", "NaN or Infinity", "exponent", "a number too long", "half a surrogate pair", "truncated JSON"
}  # fmt: skip
OF_THE_VALIDATOR = {"character no XML has"}
OF_THE_TYPE = ("letter in a number", "too long", "too many decimals")


@pytest.mark.parametrize("kind", [*sorted(set(JSON_KINDS) - OF_THE_PARSER - OF_THE_VALIDATOR), *OF_THE_TYPE])
def test_what_the_json_schema_refuses_by_itself(judging: Judging, kind: str) -> None:
    maker: Maker = JSON_KINDS.get(kind) or partial(json_value, VALUE_KINDS[kind])
    made = 0
    for subject in generated(judging, len(packages(judging))):
        schema = jsonschema_rs.Draft202012Validator(subject.form.json_schema())
        assert schema.is_valid(subject.tree)
        for seed in range(3):
            damage = maker(subject.another(), random.Random(seed))
            if damage is not None:
                made += 1
                assert not schema.is_valid(json.loads(damage.data)), (subject.name, damage.places)
    assert made
