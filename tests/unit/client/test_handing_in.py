"""The same bytes again while the two sides know different keys, and only then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.client import handing_in
from gateway.client.handing_in import HandedIn, until_keys_are_known
from gateway.errors import DeliveryFailed, EnvelopeRefused, GatewayError


def answer(title: str = "") -> HandedIn:
    problem = {"title": title} if title else {}
    return HandedIn(
        status=401 if title else 202, receipt=None, receipt_bytes=b"", problem=problem, acknowledgement=None
    )


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_in, "PAUSE_SECONDS", 0.001)


def tries(*ends: HandedIn | GatewayError) -> tuple[list[int], Callable[[], HandedIn]]:
    """Ends one after the other; the last one for ever."""
    counted: list[int] = []

    def hand_in() -> HandedIn:
        counted.append(1)
        end = ends[min(len(counted), len(ends)) - 1]
        if isinstance(end, GatewayError):
            raise end
        return end

    return counted, hand_in


@pytest.mark.parametrize(
    "first",
    [
        answer("http.unknown-key"),
        answer("http.key-not-active"),
        answer("envelope.unknown-key"),
        answer("envelope.key-not-active"),
        answer("envelope.unknown-recipient-key"),
        DeliveryFailed("no answer", code="delivery.answer-unknown-key"),
        EnvelopeRefused("not the gateway's", code="receipt.key"),
    ],
)
def test_it_is_tried_again_until_both_know_the_same_keys(first: HandedIn | GatewayError) -> None:
    counted, hand_in = tries(first, first, answer())
    assert until_keys_are_known(hand_in, 10.0).status == 202
    assert len(counted) == 3


@pytest.mark.parametrize("title", ["http.compromised-key", "envelope.expired-key", "message.replayed", "http.expired"])
def test_another_refusal_is_final(title: str) -> None:
    counted, hand_in = tries(answer(title))
    assert until_keys_are_known(hand_in, 10.0).problem == {"title": title}
    assert len(counted) == 1


def test_a_receipt_for_other_bytes_is_final() -> None:
    counted, hand_in = tries(EnvelopeRefused("other bytes", code="receipt.other-bytes"))
    with pytest.raises(EnvelopeRefused):
        until_keys_are_known(hand_in, 10.0)
    assert len(counted) == 1


@pytest.mark.parametrize("patience", [0.0, 0.05])
def test_patience_ends(patience: float) -> None:
    counted, hand_in = tries(answer("http.unknown-key"))
    assert until_keys_are_known(hand_in, patience).status == 401
    assert (len(counted) == 1) is (patience == 0.0)
    _, failing = tries(DeliveryFailed("no answer"))
    with pytest.raises(DeliveryFailed):
        until_keys_are_known(failing, patience)
