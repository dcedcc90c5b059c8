"""`partner keys`: lists without a further word, and `list|rotate|revoke`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli.state import settings_from
from gateway.security.dated_states import write_states
from gateway.security.lifecycle import Lifecycle
from tests.unit.cli.conftest import Typed
from tests.world.log import entries_in
from tests.world.partner import LONG_AGO, Partner
from tests.world.setting import data_with


def logged() -> list[tuple[str, str, str, str, str]]:
    """Tag, partner, kid, operator and reason of what was logged about keys."""
    return [
        (entry["tag"], entry.get("partner", ""), entry.get("kid", ""), entry["actor"], entry["reason"])
        for entry in entries_in(settings_from(None))
        if entry["tag"].startswith("operator:key")
    ]


def ends(key_list: bytes, days: float) -> bytes:
    """A list whose keys end in so many days."""
    document = json.loads(key_list)
    course = Lifecycle.active_from(LONG_AGO, datetime.now(UTC) + timedelta(days=days))
    return json.dumps({"keys": [key | write_states(course) for key in document["keys"]]}).encode()


def test_without_a_further_word_lists_are_shown(typed: Typed) -> None:
    plain = typed("partner", "keys")
    assert plain.code == 0
    assert typed("partner", "keys", "show").out == plain.out
    assert typed("partner", "keys", "--json").lines == [json.loads(plain.out)]
    assert "rotate" in typed("partner", "keys", "--help").out
    assert "--import" in typed("partner", "keys", "xx", "--help").out


def test_our_keys_are_rotated_a_week_ahead_and_it_is_logged(typed: Typed) -> None:
    assert typed("partner", "keys").code == 0
    made = typed("partner", "keys", "rotate", "--operator", "officer", "--reason", "yearly", "--json").lines
    assert [(key["use"], key["state"]) for key in made] == [("sig", "pending"), ("enc", "pending")]
    for key in made:
        [_, (state, since)] = key["states"]
        lead = datetime.fromisoformat(since) - datetime.now(UTC)
        assert state == "active"
        assert timedelta(days=6.99) < lead <= timedelta(days=7)
    listed = {key["kid"]: key["states"][-1][0] for key in json.loads(typed("partner", "keys").out)["keys"]}
    assert sorted(listed.values()) == ["active", "active", "retired", "retired"]
    assert logged() == [("operator:key:rotated", "", key["kid"], "officer", "yearly") for key in made]
    again = typed("partner", "keys", "rotate", "--use", "sig")
    assert (again.code, "key.rotation-pending" in again.err) == (2, True)
    assert len(logged()) == 2, "what is refused is not logged as done"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--days", "1"), "key.too-soon"),
        (("--first-use", "2020-01-01"), "key.too-soon"),
        (("--first-use", "soon"), "usage.time"),
        (("--use", "tls"), "key.use"),
        (("--use", "sig", "--alg", "RS256"), "key.algorithm"),
        (("--use", "enc", "--alg", "ES256"), "key.algorithm"),
        (("--now", "--days", "9"), "exclude each other"),
    ],
)
def test_what_cannot_be_rotated_changes_nothing(typed: Typed, words: tuple[str, ...], code: str) -> None:
    before = typed("partner", "keys").out
    refused = typed("partner", "keys", "rotate", *words)
    assert refused.code == 2
    assert code in refused.err
    assert typed("partner", "keys").out == before


def test_in_an_emergency_a_new_key_takes_over_as_soon_as_all_processes_know_it(typed: Typed) -> None:
    [made] = typed("partner", "keys", "rotate", "--use", "sig", "--now", "--json").lines
    lead = datetime.fromisoformat(made["states"][-1][1]) - datetime.now(UTC)
    assert lead < timedelta(seconds=4)
    [token] = typed("partner", "keys", "rotate", "--use", "token", "--json").lines
    assert datetime.fromisoformat(token["states"][-1][1]) - datetime.now(UTC) < timedelta(seconds=4)
    told = typed("partner", "keys", "rotate", "--use", "enc", "--days", "8")
    assert "hand the new list to every partner" in told.out


def test_a_key_of_ours_is_revoked_and_a_gap_is_told(typed: Typed) -> None:
    [kid] = [key["kid"] for key in json.loads(typed("partner", "keys").out)["keys"] if key["use"] == "sig"]
    done = typed("partner", "keys", "revoke", kid, "--reason", "stolen", "--operator", "officer")
    assert done.code == 0
    assert "partner keys rotate --now" in done.err
    assert {key["kid"]: key["state"] for key in typed("partner", "keys", "list", "--json").lines}[kid] == "compromised"
    assert logged() == [("operator:key:revoked", "", kid, "officer", "stolen")]
    assert "key.compromised" in typed("partner", "keys", "revoke", kid, "--reason", "again").err
    assert "key.unknown" in typed("partner", "keys", "revoke", "aa-sig-202001-1", "--reason", "again").err
    assert len(logged()) == 1


def test_a_partners_key_is_revoked_and_no_list_of_its_own_brings_it_back(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    file.write_bytes(Partner().key_list())
    listed = typed("partner", "keys", "xx", "--import", file, "--operator", "officer", "--json").lines
    [kid] = [key["kid"] for key in listed if key["use"] == "sig"]
    assert typed("partner", "keys", "revoke", kid, "--partner", "xx", "--reason", "told").code == 0
    assert typed("partner", "keys", "xx", "--import", file).code == 0
    states = {key["kid"]: key["state"] for key in typed("partner", "keys", "list", "xx", "--json").lines}
    assert states[kid] == "compromised"
    assert [entry[:3] for entry in logged()] == [
        ("operator:keys:imported", "xx", ""),
        ("operator:key:revoked", "xx", kid),
        ("operator:keys:imported", "xx", ""),
    ]


def test_another_key_under_a_known_id_is_not_taken_in(typed: Typed, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_bytes(Partner().key_list())
    second.write_bytes(Partner().key_list())  # the same ids, other keys
    assert typed("partner", "keys", "xx", "--import", first).code == 0
    before = typed("partner", "keys", "xx", "--json").out
    refused = typed("partner", "keys", "xx", "--import", second)
    assert (refused.code, "key.list" in refused.err, "belongs to another key" in refused.err) == (2, True, True)
    assert typed("partner", "keys", "xx", "--json").out == before
    assert len(logged()) == 1


def test_a_list_that_claims_a_key_id_of_another_partner_is_not_taken_in(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken in, it would keep the next start of the gateway from reading any list."""
    monkeypatch.setenv("SARHAD_ROOT", str(data_with(tmp_path, "yy")))
    theirs, stolen = tmp_path / "theirs.json", tmp_path / "stolen.json"
    theirs.write_bytes(Partner().key_list())
    stolen.write_bytes(Partner().key_list())  # the ids of xx
    assert typed("partner", "keys", "xx", "--import", theirs).code == 0
    refused = typed("partner", "keys", "yy", "--import", stolen)
    assert (refused.code, "trust.kid-shared" in refused.err) == (2, True)
    assert typed("partner", "keys", "yy", "--json").out == ""
    assert len(logged()) == 1


@pytest.mark.parametrize(("days", "warned"), [(95, None), (80, 90), (20, 30), (6, 7), (0.5, 1)])
def test_the_list_warns_of_ends(typed: Typed, tmp_path: Path, days: float, warned: int | None) -> None:
    file = tmp_path / "theirs.json"
    file.write_bytes(ends(Partner().key_list(), days))
    assert typed("partner", "keys", "xx", "--import", file).code == 0
    shown = typed("partner", "keys", "list", "--all")
    assert ("warning" in shown.err) is (warned is not None)
    assert warned is None or f"warning ({warned} days): xx-sig-" in shown.err
    assert {key["warning_days"] for key in typed("partner", "keys", "list", "xx", "--json").lines} == {warned}
    owners = {key["owner"] for key in typed("partner", "keys", "list", "--all", "--json").lines}
    assert owners == {"aa", "xx"}


def test_a_list_of_keys_without_states_is_no_key_list(typed: Typed, tmp_path: Path) -> None:
    """A JWK Set of elsewhere says nothing of when a key counts: the operator is told so."""
    document = json.loads(Partner().key_list())
    bare = [{name: value for name, value in key.items() if name != "states"} for key in document["keys"]]
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": bare}), encoding="utf-8")
    refused = typed("partner", "keys", "xx", "--import", file)
    assert (refused.code, "states" in refused.err) == (2, True)
