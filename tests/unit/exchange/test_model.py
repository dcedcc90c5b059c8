"""The nouns are frozen, named, and the tables of the store hold exactly their fields."""

from __future__ import annotations

import dataclasses

import pytest

from gateway.adapters import tables
from gateway.exchange import model

PAIRS = {
    model.Exchange: (tables.exchange, {"seq", "salt"}),
    model.Message: (tables.message, {"salt"}),
    model.Receipt: (tables.receipt, {"salt"}),
    model.Acknowledgement: (tables.acknowledgement, {"salt"}),
    model.Report: (tables.report, {"salt"}),
    model.DeliveryAttempt: (tables.delivery_attempt, set()),
    model.StateChange: (tables.state_change, set()),
}


@pytest.mark.parametrize("noun", list(PAIRS))
def test_a_noun_and_its_table_hold_the_same(noun: type) -> None:
    table, own = PAIRS[noun]
    assert {field.name for field in dataclasses.fields(noun)} == {column.name for column in table.columns} - own


@pytest.mark.parametrize("noun", [*PAIRS, model.FeedEntry])
def test_a_noun_is_frozen_and_takes_named_arguments_only(noun: type) -> None:
    assert noun.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(noun))
