"""`partner sign`, and a gateway whose registrar is on another machine, from the first list to a mended one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.cli.state import settings_from
from gateway.client.side import make_side_certificate, make_side_keys, rotate_side_keys
from tests.unit.adapters.test_registrar_files import write_private, write_public
from tests.unit.cli.conftest import Typed
from tests.world.log import entries_in


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    """The registrar's machine, with the partner's lists on a stick: no state, no data folders."""
    folder = tmp_path / "safe"
    folder.mkdir()
    private = Ed25519PrivateKey.generate()
    (folder / "phrase").touch(mode=0o600)
    (folder / "phrase").write_bytes(b"kept in the safe")
    write_private(folder / "registrar.pem", private, b"kept in the safe")
    write_public(folder / "public.pem", private)
    (folder / "keys.json").write_bytes(make_side_keys(tmp_path / "side", "xx"))
    (folder / "certificates.json").write_bytes(make_side_certificate(tmp_path / "side", "xx"))
    return folder


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, safe: Path) -> None:
    """A gateway that has the public half alone."""
    monkeypatch.setenv("SARHAD_REGISTRAR_PUBLIC_FILE", str(safe / "public.pem"))


def key_of(safe: Path) -> tuple[str, ...]:
    return ("--key", str(safe / "registrar.pem"), "--passphrase-file", str(safe / "phrase"))


def sign(typed: Typed, safe: Path, name: str, *more: str, kind: str = "keys", partner: str = "xx") -> Path:
    out = safe / f"signed-{name}"
    words = ("--partner", partner, "--kind", kind, *key_of(safe), "-o", str(out), *more)
    said = typed("partner", "sign", safe / name, *words)
    assert (said.code, said.out) == (0, ""), said.err
    return out


def listed(typed: Typed) -> dict[str, Any]:
    return {line["kid"]: line for line in typed("partner", "keys", "xx", "--json").lines}


def in_force(tmp_path: Path) -> Path:
    return tmp_path / "state" / "partner-keys" / "xx.json"


def test_lists_are_signed_without_a_gateway(
    typed: Typed, safe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SARHAD_ROOT")
    out = sign(typed, safe, "keys.json")
    assert all("registrar" in row for row in json.loads(out.read_bytes())["keys"])
    words = ("--partner", "xx", "--kind", "certificates", *key_of(safe))
    printed = typed("partner", "sign", safe / "certificates.json", *words)
    assert all("registrar" in row for row in json.loads(printed.out)["certificates"])
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"--kind": "certificates"}, "certificate.list"),
        ({"--kind": "people"}, "--kind"),
        ({"--passphrase-file": "wrong"}, "registry.key"),
        ({"--in-force": "tomorrow"}, "--in-force"),
    ],
)
def test_what_cannot_be_signed_is_said(typed: Typed, safe: Path, changed: dict[str, str], told: str) -> None:
    (safe / "wrong").touch(mode=0o600)
    (safe / "wrong").write_bytes(b"of something else")
    words = dict(zip(key_of(safe)[::2], key_of(safe)[1::2], strict=True)) | {"--partner": "xx", "--kind": "keys"}
    words |= {name: str(safe / "wrong") if text == "wrong" else text for name, text in changed.items()}
    said = typed("partner", "sign", safe / "keys.json", *(word for pair in words.items() for word in pair))
    assert (said.code, said.out) == (2, "")
    assert told in said.err


def test_a_certificate_list_carries_nothing_on(typed: Typed, safe: Path) -> None:
    words = ("--partner", "xx", "--kind", "certificates", *key_of(safe), "--known", str(safe / "certificates.json"))
    said = typed("partner", "sign", safe / "certificates.json", *words)
    assert (said.code, "--known" in said.err) == (2, True)


@pytest.mark.usefixtures("elsewhere")
def test_a_gateway_takes_in_what_its_registrar_signed_and_nothing_else(
    typed: Typed, safe: Path, tmp_path: Path
) -> None:
    for kind in ("keys", "certificates"):
        refused = typed("partner", kind, "xx", "--import", safe / f"{kind}.json")
        assert refused.code == 2
        assert "registry.not-signed" in refused.err
        assert f"sarhad partner sign LIST --partner xx --kind {kind}" in refused.err
        signed = sign(typed, safe, f"{kind}.json", kind=kind)
        assert typed("partner", kind, "xx", "--import", signed).code == 0
    assert {line["state"] for line in listed(typed).values()} == {"active"}
    assert in_force(tmp_path).read_bytes() == (safe / "signed-keys.json").read_bytes()
    other = sign(typed, safe, "keys.json", partner="yy")
    assert "registry.not-signed" in typed("partner", "keys", "xx", "--import", other).err
    tags = [entry["tag"] for entry in entries_in(settings_from(None)) if entry["tag"].startswith("operator:")]
    assert tags == ["operator:keys:imported"]
    assert not (tmp_path / "state" / "registrar").exists()


@pytest.mark.usefixtures("elsewhere")
def test_a_newer_list_is_carried_on_by_the_registrar(typed: Typed, safe: Path, tmp_path: Path) -> None:
    assert typed("partner", "keys", "xx", "--import", sign(typed, safe, "keys.json")).code == 0
    first = datetime.now(UTC) + timedelta(days=8)
    rotated = json.loads(rotate_side_keys(tmp_path / "side", "xx", first_use=first))["keys"]
    new_only = [row for row in rotated if row["kid"].endswith("-2")]
    (safe / "new.json").write_text(json.dumps({"keys": new_only}), encoding="utf-8")
    refused = typed("partner", "keys", "xx", "--import", sign(typed, safe, "new.json"))
    assert (refused.code, "registry.not-carried-on" in refused.err) == (2, True)
    carried = sign(typed, safe, "new.json", "--known", str(in_force(tmp_path)))
    assert typed("partner", "keys", "xx", "--import", carried).code == 0
    assert in_force(tmp_path).read_bytes() == carried.read_bytes()
    states = {kid[-1]: line["states"][-1][0] for kid, line in listed(typed).items()}
    assert states == {"1": "retired", "2": "active"}
    late = sign(typed, safe, "keys.json", "--known", str(in_force(tmp_path)), "--in-force", "2026-01-01")
    assert "registry.not-carried-on" in typed("partner", "keys", "xx", "--import", late).err


@pytest.mark.usefixtures("elsewhere")
def test_a_stolen_key_is_revoked_without_the_registrar(typed: Typed, safe: Path, tmp_path: Path) -> None:
    assert typed("partner", "keys", "xx", "--import", sign(typed, safe, "keys.json")).code == 0
    before = in_force(tmp_path).read_bytes()
    kid = next(kid for kid, line in listed(typed).items() if line["use"] == "sig")
    words = ("partner", "keys", "revoke", kid, "--partner", "xx", "--reason", "told by telephone")
    assert typed(*words).code == 0
    assert (listed(typed)[kid]["state"], in_force(tmp_path).read_bytes()) == ("compromised", before)
    assert "key.compromised" in typed(*words).err
    again = sign(typed, safe, "keys.json", "--known", str(in_force(tmp_path)))
    assert typed("partner", "keys", "xx", "--import", again).code == 0
    assert listed(typed)[kid]["state"] == "compromised", "no list takes the mark away"


def test_a_list_that_was_edited_is_told_and_can_be_signed_anew(typed: Typed, safe: Path, tmp_path: Path) -> None:
    """With the registrar that set-up makes: imports sign by themselves."""
    assert typed("partner", "keys", "xx", "--import", safe / "keys.json").code == 0
    good = in_force(tmp_path).read_bytes()
    document = json.loads(good)
    document["keys"][1]["states"] = [["active", "2020-01-01T00:00:00Z"]]
    in_force(tmp_path).write_text(json.dumps(document), encoding="utf-8")
    for words in (("keys", "xx"), ("certificates", "xx"), ("keys", "xx", "--import", str(safe / "keys.json"))):
        said = typed("partner", *words)
        assert said.code == 2
        assert "registry.manipulated at registry of xx" in said.err
        assert "keys imported: rows 2" in said.err
    everybody = typed("partner", "keys", "list", "--all")
    assert (everybody.code, "warning: registry of xx" in everybody.err) == (0, True)
    kid = document["keys"][0]["kid"]
    assert typed("partner", "keys", "revoke", kid, "--partner", "xx", "--reason", "to be safe").code == 0
    own = tmp_path / "state" / "registrar"
    key = ("--partner", "xx", "--kind", "keys", "--key", own / "private.pem", "--passphrase-file", own / "passphrase")
    (tmp_path / "good.json").write_bytes(good)
    assert typed("partner", "sign", tmp_path / "good.json", *key, "-o", in_force(tmp_path)).code == 0
    assert {line["state"] for line in listed(typed).values()} == {"active", "compromised"}
