"""Signed reports of conformance runs."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.errors import EnvelopeRefused
from gateway.security.compact import sign_compact
from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.test_reports import REPORT_TYPE, CheckLine, TestReport, sign_report, verify_report

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = generate_key("xx", "ES256", NOW)
SIGNER = FileSigner(KEY.private, KEY.public)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=1))


def report(*outcomes: str, **changed: Any) -> TestReport:
    members: dict[str, Any] = {
        "tester": "xx",
        "target": "aa",
        "endpoint": "https://sandbox.example",
        "realm": "sandbox",
        "began": "2026-03-01T11:00:00Z",
        "ended": "2026-03-01T12:00:00Z",
        "program": "sarhad 0",
        "kit": "0" * 64,
        "catalogue": "",
        "checks": [
            CheckLine(id=f"CK-{number:02}", title="t", outcome=outcome, says="s")  # type: ignore[arg-type]
            for number, outcome in enumerate(outcomes or ("passed",), 1)
        ],
    }
    return TestReport(**(members | changed))


def verified(signed: bytes, lifecycle: Lifecycle = ACTIVE, owner: str = "xx") -> TestReport:
    key = RegisteredKey(KEY.public, owner, lifecycle)
    return verify_report(signed, {key.kid: key}.get)


def test_a_report_comes_back_as_it_was_signed() -> None:
    made = report("passed", "failed", "not-applicable")
    assert verified(sign_report(made, SIGNER)) == made
    assert (made.failed, made.passed, made.missing({"CK-01", "CK-09"})) == (("CK-02",), False, ("CK-09",))
    assert made.ended_at == NOW


def test_a_report_in_which_nothing_was_done_is_not_passed() -> None:
    assert not report("not-applicable").passed
    assert report("passed", "not-applicable").passed


def _changed(signed: bytes) -> bytes:
    head, payload, signature = signed.split(b".")
    document = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    document["checks"][0]["outcome"] = "passed"
    other = base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=")
    return b".".join((head, other, signature))


REFUSED: dict[str, tuple[bytes, str]] = {
    "nonsense": (b"nonsense", "envelope.malformed"),
    "an outcome was changed": (_changed(sign_report(report("failed"), SIGNER)), "envelope.not-opened"),
    "another type of statement": (
        sign_compact(b"{}", members={}, typ="receipt+jws", signer=SIGNER),
        "envelope.header-refused",
    ),
    "no report inside": (
        sign_compact(b'{"checks": []}', members={}, typ=REPORT_TYPE, signer=SIGNER),
        "envelope.metadata-refused",
    ),
    "a key of its own in the header": (
        sign_compact(b"{}", members={"jwk": dict(KEY.public.jwk)}, typ=REPORT_TYPE, signer=SIGNER),
        "envelope.header-refused",
    ),
    "of another tester": (sign_report(report(tester="yy"), SIGNER), "envelope.wrong-sender"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_report_of_this_tester_is_refused(name: str) -> None:
    signed, code = REFUSED[name]
    with pytest.raises(EnvelopeRefused) as refused:
        verified(signed)
    assert refused.value.stable_code == code


def test_a_report_by_an_unknown_key_is_refused() -> None:
    with pytest.raises(EnvelopeRefused) as refused:
        verify_report(sign_report(report(), SIGNER), lambda _: None)
    assert refused.value.stable_code == "envelope.unknown-key"


def test_the_key_has_to_count_when_the_run_ended() -> None:
    signed = sign_report(report(), SIGNER)
    later = Lifecycle((StateChange(KeyState.ACTIVE, NOW + timedelta(days=1)),))
    with pytest.raises(EnvelopeRefused) as refused:
        verified(signed, later)
    assert refused.value.stable_code == "envelope.key-not-active"
