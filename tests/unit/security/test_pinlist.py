from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.security.certificate_making import generate_certificate
from gateway.security.certificates import CertificatePins, PinnedCertificate, certificate_thumbprint, read_certificate
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.pinlist import ListedCertificate, read_pin_list, write_pin_list

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DER = generate_certificate("xx", ("xx.customs.example",), NOW).der
OTHER = generate_certificate("xx", ("xx.customs.example",), NOW).der
STATES = [["active", "2026-02-01T00:00:00Z"]]


def entry(der: bytes = DER, thumbprint: Any = "", **changes: Any) -> dict[str, Any]:
    whole = {
        "x5t#S256": certificate_thumbprint(der) if thumbprint == "" else thumbprint,
        "x5c": [base64.b64encode(der).decode()],
        "states": STATES,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def read(*entries: Any) -> tuple[tuple[ListedCertificate, ...], list[tuple[str, str]]]:
    listed, faults = read_pin_list(json.dumps({"certificates": entries}).encode(), owner="xx", file="tls.json")
    assert all(fault.file == "tls.json" and fault.message for fault in faults)
    return listed, [(fault.row, fault.code) for fault in faults]


def test_a_list_is_read_as_it_was_written() -> None:
    course = Lifecycle(
        (StateChange(KeyState.ACTIVE, NOW - timedelta(days=9)), StateChange(KeyState.RETIRING, NOW)),
        NOW + timedelta(days=9),
    )
    written = [
        ListedCertificate(PinnedCertificate("xx", certificate_thumbprint(DER), course), DER),
        ListedCertificate(PinnedCertificate("xx", certificate_thumbprint(OTHER), Lifecycle.active_from(NOW))),
    ]
    listed, faults = read_pin_list(write_pin_list(written), owner="xx", file="tls.json")
    assert (list(listed), faults) == (written, ())


def test_a_pin_of_the_list_lets_its_certificate_in() -> None:
    [listed], _ = read(entry(x5c=None))
    assert listed.der == b""
    assert CertificatePins([listed.pin]).require(read_certificate(DER), NOW).owner == "xx"


def test_an_empty_list_and_a_last_day_are_read() -> None:
    assert read()[0] == ()
    assert read(entry(not_after="2027-01-01T00:00:00Z"))[1] == []


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"certificates": 1}', b'{"certificates": [1]}', b"\xff"])
def test_what_is_no_list(data: bytes) -> None:
    listed, faults = read_pin_list(data, owner="xx", file="tls.json")
    assert (listed, [fault.code for fault in faults]) == ((), ["certificate.list"])


BROKEN: dict[str, dict[str, Any]] = {
    "no thumbprint": entry(thumbprint=None),
    "a thumbprint of SHA-1": entry(thumbprint="dGhpcyBpcyBhIFNIQTEgb25seQ", x5c=None),
    "a padded thumbprint": entry(thumbprint=certificate_thumbprint(DER) + "="),
    "a number as thumbprint": entry(thumbprint=1),
    "the certificate of another thumbprint": entry(x5c=[base64.b64encode(OTHER).decode()]),
    "a chain": entry(x5c=[base64.b64encode(der).decode() for der in (DER, OTHER)]),
    "a text instead of a chain": entry(x5c=base64.b64encode(DER).decode()),
    "no base64": entry(x5c=["-----BEGIN CERTIFICATE-----"]),
    "no certificate": entry(x5c=[base64.b64encode(b"none").decode()]),
    "an unknown member": entry(x5u="https://example"),
    "a private key": entry(d="AAAA"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_entry_is_a_fault_and_is_not_taken(name: str) -> None:
    listed, faults = read(BROKEN[name], entry(OTHER))
    assert faults == [("certificates[1]", "certificate.entry")]
    assert [one.der for one in listed] == [OTHER]


@pytest.mark.parametrize(
    "states",
    [None, [], "active", [["active"]], [["active", "2026-02-01"]], [["on", "2026-02-01T00:00:00Z"]], [["retired"] * 2]],
)
def test_states_that_are_none(states: Any) -> None:
    assert read(entry(states=states)) == ((), [("certificates[1]", "key.states")])


def test_a_certificate_twice_in_one_list() -> None:
    listed, faults = read(entry(), entry(x5c=None))
    assert (len(listed), faults) == (1, [("certificates[2]", "certificate.shared")])
