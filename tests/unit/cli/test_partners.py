"""`partner list|show|keys|certificates`."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.client.side import make_side_certificate, make_side_keys
from tests.unit.cli.conftest import Typed
from tests.world.partner import Partner


def test_partners_are_listed_and_shown(typed: Typed) -> None:
    [line] = typed("partner", "list", "--json").lines
    assert (line["partner"], line["roles"]) == ("xx", ["receives", "sends"])
    assert line["agreements"] == ["aa-xx-notes@1", "aa-xx-old@1"]
    assert "http://127.0.0.1:8599" in typed("partner", "list").out
    shown = typed("partner", "show", "xx")
    assert "delivery.dead_letter" in shown.out
    assert "agreements: aa-xx-notes@1, aa-xx-old@1" in shown.out
    assert typed("partner", "show", "xx", "--json").lines[0]["code"] == "xx"


def test_an_unknown_partner(typed: Typed) -> None:
    for words in (("show", "zz"), ("keys", "zz")):
        shown = typed("partner", *words)
        assert shown.code == 2
        assert "sarhad partner list" in shown.err


def test_our_public_keys_hold_nothing_private(typed: Typed) -> None:
    ours = typed("partner", "keys")
    assert ours.code == 0
    keys = json.loads(ours.out)["keys"]
    assert keys
    assert not [key for key in keys if {"d", "p", "q"} & set(key)]
    assert typed("partner", "keys", "--json").lines == [json.loads(ours.out)]


def test_a_key_list_is_taken_in_whole_or_not_at_all(typed: Typed, tmp_path: Path) -> None:
    assert "none" in typed("partner", "keys", "xx").out
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', encoding="utf-8")
    refused = typed("partner", "keys", "xx", "--import", bad)
    assert refused.code == 2
    assert "key.list at key list of xx" in refused.err
    assert "c2VjcmV0" not in refused.err
    assert typed("partner", "keys", "xx", "--json").out == ""
    good.write_bytes(Partner().key_list())
    assert typed("partner", "keys", "xx", "--import", good).code == 0
    lines = typed("partner", "keys", "xx", "--json").lines
    assert {line["use"] for line in lines} == {"sig", "enc"}
    assert {line["state"] for line in lines} == {"active"}
    assert not list((tmp_path / "state" / "partner-keys").glob(".*"))
    assert typed("partner", "keys", "xx", "--import", tmp_path / "gone.json").code == 2


def test_our_certificate_is_handed_out_without_its_key(typed: Typed) -> None:
    ours = typed("partner", "certificates")
    [entry] = json.loads(ours.out)["certificates"]
    assert set(entry) == {"x5t#S256", "x5c", "states"}
    assert typed("partner", "certificates", "--json").lines == [json.loads(ours.out)]
    assert typed("partner", "certificates").out == ours.out


def test_a_certificate_list_is_taken_in_whole_or_not_at_all(typed: Typed, tmp_path: Path) -> None:
    assert "none" in typed("partner", "certificates", "xx").out
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text('{"certificates": [{"x5t#S256": "c2VjcmV0", "states": []}]}', encoding="utf-8")
    refused = typed("partner", "certificates", "xx", "--import", bad)
    assert refused.code == 2
    assert "certificate.list at certificate list of xx" in refused.err
    assert "c2VjcmV0" not in refused.err
    assert typed("partner", "certificates", "xx", "--json").out == ""
    (tmp_path / "xx").mkdir()
    make_side_keys(tmp_path / "xx", "xx")
    good.write_bytes(make_side_certificate(tmp_path / "xx", "xx"))
    assert typed("partner", "certificates", "xx", "--import", good).code == 0
    [line] = typed("partner", "certificates", "xx", "--json").lines
    assert (line["state"], len(line["x5t#S256"]), line["ends"] > line["since"]) == ("active", 43, True)
    assert typed("partner", "certificates", "zz").code == 2
