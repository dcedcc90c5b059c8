"""The kit as the partner that collects: our mailbox passes, and a mailbox with a planted defect is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import Catalogue
from gateway.conformance.check import Outcome
from gateway.conformance.kit import GROUPS, checks_of, chosen, run_checks
from gateway.conformance.messages import with_changed_tag
from gateway.errors import NotFound, NotPermitted
from gateway.pipeline import mailbox as pipeline_mailbox
from gateway.pipeline.mailbox import Mailbox
from gateway.ports import Work
from gateway.security.xml_form import EnvelopeForm
from tests.unit.conformance.conftest import UnderTest, gateway_under_test
from tests.world.setting import data_with

MAILBOX = frozenset(one.id for one in checks_of(GROUPS["Mailbox"]))
TAKING = {"CK-126", "CK-127"}


def collecting(folder: Path, derived: Path, *, envelope: str = "jose", **changed: Any) -> Iterator[UnderTest]:
    """A sandbox of ours whose partner collects."""
    root = data_with(folder, envelope=envelope)
    profile = root / "partners" / "xx" / "profile.toml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("[delivery]", '[delivery]\nway = "pull"'), encoding="utf-8")
    chosen_settings = {"realm": "sandbox", "inline_answer_seconds": 0.0} | changed
    with gateway_under_test(folder, cache_dir=derived, root=root, **chosen_settings) as found:
        yield found


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, derived: Path) -> Iterator[UnderTest]:
    yield from collecting(tmp_path_factory.mktemp("collecting"), derived)


@pytest.fixture(params=list(EnvelopeForm))
def of_each_form(request: pytest.FixtureRequest, tmp_path: Path, derived: Path) -> Iterator[tuple[UnderTest, Any]]:
    for tested in collecting(tmp_path, derived, envelope=request.param.value):
        yield tested, request.param


def lodge(tested: UnderTest, *message_ids: str) -> None:
    for message_id in message_ids:
        tested.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id=message_id)


def outcomes(tested: UnderTest, catalogue: Catalogue, only: frozenset[str], **terms: Any) -> dict[Outcome, set[str]]:
    target = tested.target(catalogue, **({"collects": True} | terms))
    results = list(run_checks(target, chosen(only), lambda _: None))
    return {outcome: {one.id for one in results if one.outcome is outcome} for outcome in Outcome}


def test_our_mailbox_passes_in_every_form(of_each_form: tuple[UnderTest, Any], catalogue: Catalogue) -> None:
    tested, form = of_each_form
    lodge(tested, "l-1", "l-2")
    found = outcomes(tested, catalogue, MAILBOX, form=form)
    assert found[Outcome.PASSED] == MAILBOX, found
    left = tested.gateway.partners.mailbox.waiting("xx", 10)  # type: ignore[arg-type]
    assert [entry.message.message_id for entry in left] == ["l-2"]
    again = outcomes(tested, catalogue, MAILBOX, form=form)
    assert (again[Outcome.FAILED], again[Outcome.NOT_APPLICABLE]) == (set(), {"CK-126"})
    empty = outcomes(tested, catalogue, MAILBOX, form=form)
    assert (empty[Outcome.FAILED], empty[Outcome.PASSED]) == (set(), {"CK-125"})


def test_what_is_posted_has_no_mailbox(tested: UnderTest, catalogue: Catalogue) -> None:
    assert outcomes(tested, catalogue, MAILBOX, collects=False)[Outcome.NOT_APPLICABLE] == MAILBOX
    assert outcomes(tested, catalogue, frozenset({"CK-121"}))[Outcome.FAILED] == {"CK-121"}, "they agree on no mailbox"


def test_a_live_gateway_keeps_what_waits(tmp_path: Path, derived: Path, catalogue: Catalogue) -> None:
    for tested in collecting(tmp_path, derived, realm="live"):
        lodge(tested, "l-1", "l-2")
        found = outcomes(tested, catalogue, MAILBOX)
        assert (found[Outcome.FAILED], found[Outcome.NOT_APPLICABLE]) == (set(), TAKING)
        assert len(tested.gateway.partners.mailbox.waiting("xx", 10)) == 2  # type: ignore[arg-type]


def believing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes is a receipt."""
    monkeypatch.setattr(Mailbox, "_verified", lambda *_: 1)


def other_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second time other bytes come."""
    right, calls = Mailbox.collect, iter([False, True] * 100)

    def collect(self: Mailbox, partner: Any, entry_id: str) -> bytes:
        found = right(self, partner, entry_id)
        return with_changed_tag(found) if next(calls) else found

    monkeypatch.setattr(Mailbox, "collect", collect)


def any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any message takes a receipt."""
    right = pipeline_mailbox._head_of

    def head(work: Any, message: Any) -> Any:
        waiting = work.outbox.waiting(Work.DELIVER, message.partner, 50)
        return next((item for item in waiting if item.message_key == message.key), None) or right(work, message)

    monkeypatch.setattr(pipeline_mailbox, "_head_of", head)


def once_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt that comes again is for nothing."""
    right = Mailbox.take_receipt

    def take(self: Mailbox, partner: Any, entry_id: str, body: bytes) -> Any:
        taken = right(self, partner, entry_id, body)
        if taken.repeated:
            raise NotFound("gone")
        return taken

    monkeypatch.setattr(Mailbox, "take_receipt", take)


def telling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a message exists is told by another status."""

    def collect(*_: object) -> bytes:
        raise NotPermitted("not yours", code="mailbox.not-agreed")

    monkeypatch.setattr(Mailbox, "collect", collect)


DEFECTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], set[str]]] = {
    "receipts are believed": (believing, {"CK-122", "CK-123", "CK-124"}),
    "other bytes come the second time": (other_bytes, {"CK-121"}),
    "any message takes a receipt": (any_order, {"CK-126"}),
    "a repeated receipt is an error": (once_only, {"CK-127"}),
    "unknown entries are told apart": (telling, {"CK-125"}),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(
    name: str, sandbox: UnderTest, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, found_by = DEFECTS[name]
    number = list(DEFECTS).index(name)
    lodge(sandbox, *(f"d-{number}-{each}" for each in range(4)))
    plant(monkeypatch)
    assert outcomes(sandbox, catalogue, frozenset(found_by))[Outcome.FAILED] == found_by


def test_every_check_of_a_mailbox_is_needed() -> None:
    assert set().union(*(found_by for _, found_by in DEFECTS.values())) == MAILBOX
