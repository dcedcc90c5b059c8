from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.partner.profile import (
    BUILT_CHOICES,
    DeadLetterPolicy,
    PartnerProfile,
    PartnerRole,
    read_profile,
)

FILE = "partners/xx/profile.toml"
SMALLEST = 'code = "xx"\nname = "Customs of Examplia"\nroles = ["sends"]\n'
WHOLE = """
code = "xx"
name = "Customs of Examplia"
roles = ["sends", "receives"]
[channel]
endpoint = "https://gateway.customs.example/base"
rate_per_minute = 60
[texts]
SenderID = "EXAMPLE01"
[security]
keys = "certificates/keys.json"
auth = "none"
http_signature = "none"
envelope = "jose"
suite = "intl-1"
[security.short_rsa]
xx-sig-202601-1 = "letter of 2026-01-05, ends 2026-12-31"
[delivery]
retry_first = 2
retry_longest = 600
give_up_after = 86400
dead_letter = "move-on"
acknowledgement = false
"""


def faults(text: str, code: str = "xx") -> list[tuple[str, str]]:
    profile, found = read_profile(text, code=code, file=FILE)
    assert (profile is None) == bool(found)
    assert all(fault.file == FILE and fault.message for fault in found)
    return [(fault.row, fault.code) for fault in found]


def read(text: str) -> PartnerProfile:
    profile, found = read_profile(text, code="xx", file=FILE)
    assert profile is not None, found
    return profile


def test_a_whole_profile_is_read_as_written() -> None:
    profile = read(WHOLE)
    assert profile.partner_code == "xx"
    assert profile.roles == {PartnerRole.SENDS, PartnerRole.RECEIVES}
    assert profile.channel.endpoint == "https://gateway.customs.example/base"
    assert profile.texts == {"SenderID": "EXAMPLE01"}
    assert profile.security.short_rsa == {"xx-sig-202601-1": "letter of 2026-01-05, ends 2026-12-31"}
    assert profile.delivery.give_up_after == timedelta(days=1)
    assert profile.delivery.dead_letter is DeadLetterPolicy.MOVE_ON
    assert profile.delivery.acknowledgement is False


def test_the_smallest_profile_has_safe_defaults() -> None:
    profile = read(SMALLEST)
    assert profile.delivery.dead_letter is DeadLetterPolicy.BLOCK
    assert profile.security.suite == "intl-1"
    assert profile.security.signs_http
    assert profile.channel.endpoint == ""


def test_what_is_switched_off_is_said() -> None:
    assert read(WHOLE).security.switched_off == ("auth", "http_signature")
    assert read(SMALLEST).security.switched_off == ()


@pytest.mark.parametrize(
    ("addition", "row", "code"),
    [
        ("colour = 1\n", "colour", "partner.unknown-key"),
        ("[channel]\nurl = 'x'\n", "channel.url", "partner.unknown-key"),
        ("[security]\nverify = false\n", "security.verify", "partner.unknown-key"),
        ("[security]\nsuite = 7\n", "security.suite", "partner.value"),
        ("[security]\nauth = 'basic'\n", "security.auth", "partner.value"),
        ("[security]\nkeys = '../yy/keys.json'\n", "security.keys", "partner.value"),
        ("[security]\nkeys = '/etc/keys.json'\n", "security.keys", "partner.value"),
        ("[security]\nkeys = ''\n", "security.keys", "partner.value"),
        ("[delivery]\nretry_first = 0\n", "delivery.retry_first", "partner.value"),
        ("[delivery]\nretry_first = true\n", "delivery.retry_first", "partner.value"),
        ("[delivery]\nretry_first = '2s'\n", "delivery.retry_first", "partner.value"),
        ("[delivery]\nretry_first = 7200\n", "delivery", "partner.value"),
        ("[delivery]\ndead_letter = 'drop'\n", "delivery.dead_letter", "partner.value"),
        ("[delivery]\nacknowledgement = 1\n", "delivery.acknowledgement", "partner.value"),
        ("[delivery]\nlanes = 4\n", "delivery.lanes", "partner.value"),
        ("[channel]\nrate_per_minute = 0\n", "channel.rate_per_minute", "partner.value"),
        ("[texts]\n'sender id' = 'x'\n", "texts.sender id.[key]", "partner.value"),
        ("[texts]\nSenderID = 7\n", "texts.SenderID", "partner.value"),
    ],
)
def test_each_fault_is_named_by_its_key(addition: str, row: str, code: str) -> None:
    assert faults(SMALLEST + addition) == [(row, code)]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://gateway.customs.example",
        "ftp://gateway.customs.example",
        "gateway.customs.example",
        "https://",
        "https://user:secret@gateway.customs.example",
        "https://gateway.customs.example?next=x",
        "https://gateway.customs.example#x",
        "https://gateway.customs.example/",
        "http://127.0.0.1.example",
        "file:///etc/passwd",
    ],
)
def test_an_endpoint_that_could_lead_elsewhere_is_a_fault(endpoint: str) -> None:
    assert faults(f"{SMALLEST}[channel]\nendpoint = '{endpoint}'\n") == [("channel.endpoint", "partner.value")]


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8443", "http://localhost:8443/base", "http://[::1]:8443"])
def test_plain_http_is_for_this_machine_only(endpoint: str) -> None:
    assert read(f"{SMALLEST}[channel]\nendpoint = '{endpoint}'\n").channel.endpoint == endpoint


@pytest.mark.parametrize("name", ["code", "name", "roles"])
def test_what_is_missing_is_named(name: str) -> None:
    text = "".join(line for line in SMALLEST.splitlines(keepends=True) if not line.startswith(name))
    assert faults(text) == [(name, "partner.missing")]


@pytest.mark.parametrize(("name", "value"), [("code", '"X X"'), ("code", '"../x"'), ("name", '""'), ("roles", "[]")])
def test_what_is_there_must_mean_something(name: str, value: str) -> None:
    lines = [f"{name} = {value}" if line.startswith(name) else line for line in SMALLEST.splitlines()]
    assert (name, "partner.value") in faults("\n".join(lines))


def test_an_unknown_role_is_a_fault() -> None:
    assert [code for _, code in faults(SMALLEST.replace("sends", "watches"))] == ["partner.value"]


def test_the_code_is_the_name_of_the_folder() -> None:
    assert faults(SMALLEST, code="yy") == [("code", "partner.code")]


def test_a_partner_that_receives_needs_an_endpoint_unless_it_collects() -> None:
    receives = SMALLEST.replace('"sends"', '"receives"')
    assert faults(receives) == [("channel.endpoint", "partner.missing")]
    assert not read(f"{receives}[channel]\nendpoint = 'https://x.example'\n").delivery.collects
    assert read(f"{receives}[delivery]\nway = 'pull'\n").delivery.collects
    assert faults(f"{receives}[delivery]\nway = 'carry'\n") == [("delivery.way", "partner.value")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("envelope", "cms"),
        ("suite", "national-1"),
    ],
)
def test_a_choice_that_is_known_but_not_built_refuses_to_start(name: str, value: str) -> None:
    assert faults(f"{SMALLEST}[security]\n{name} = '{value}'\n") == [(f"security.{name}", "partner.not-built")]


def test_several_faults_come_at_once() -> None:
    text = SMALLEST + "[security]\nsuite = 'gost'\nenvelope = 'cms'\n"
    assert faults(text, code="yy") == [
        ("security.envelope", "partner.not-built"),
        ("security.suite", "partner.not-built"),
        ("code", "partner.code"),
    ]


def test_a_file_that_is_no_toml_is_one_fault() -> None:
    assert faults("code = ") == [("", "partner.toml")]


def test_every_built_choice_is_a_choice_of_the_profile() -> None:
    for name, choices in BUILT_CHOICES.items():
        for choice in choices:
            assert getattr(read(f"{SMALLEST}[security]\n{name} = '{choice}'\n").security, name) == choice
