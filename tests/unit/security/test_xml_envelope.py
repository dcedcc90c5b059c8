"""Sealing and opening in the XML forms: every kind of key, every size, and evidence judged at its recorded time."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import MessageTooLarge
from gateway.security.envelope import Opened, Sealed
from gateway.security.keys import RegisteredKey, import_public_key
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.limits import DEFAULT_LIMITS, EnvelopeLimits
from gateway.security.refusals import OpeningRefused
from gateway.security.suites import INTL_1
from gateway.security.xml_certificates import SelfSigned
from gateway.security.xml_envelope import FormOpener, seal_in_form, verify_kept
from gateway.security.xml_form import DS, FORMS_BY_CONTENT_TYPE, XML_LIMITS, EnvelopeForm
from gateway.security.xml_verification import verify_document

XML_FORMS = [EnvelopeForm.XMLDSIG, EnvelopeForm.XADES]
CONTENT = b'<Note xmlns="urn:note"><Number>N-1</Number></Note>'


def sealed_by(pair: Any, form: EnvelopeForm, content: bytes = CONTENT, **options: Any) -> Sealed:
    certificate = SelfSigned(lambda: [pair.registered]).of
    metadata = options.pop("metadata", pair.metadata)
    return seal_in_form(form, content, metadata, pair.signer, pair.recipient, certificate=certificate, **options)


def opened_by(pair: Any, form: EnvelopeForm, jwe: bytes, now: datetime, **options: Any) -> Opened:
    opener = FormOpener(
        form_of=lambda _: form,
        decrypters=[pair.decrypter],
        lookup_key=lambda kid: pair.registered if kid == pair.registered.kid else None,
        recipient="aa",
        **options,
    )
    return opener.open(jwe, now)


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(OpeningRefused) as refused:
        act()
    return refused.value.stable_code, refused.value.detail


@pytest.mark.parametrize("form", XML_FORMS)
@pytest.mark.parametrize("signature", ["ES256", "PS256"])
@pytest.mark.parametrize(
    ("management", "kind"), [("ECDH-ES+A256KW", "P-256"), ("ECDH-ES+A256KW", "X25519"), ("RSA-OAEP-256", "")]
)
def test_every_kind_of_key_both_ways(
    pair_of: Callable[..., Any], signature: str, management: str, kind: str, form: EnvelopeForm, now: datetime
) -> None:
    pair = pair_of(signature, management, kind)
    sealed = sealed_by(pair, form)
    opened = opened_by(pair, form, sealed.jwe, now)
    assert (opened.payload, opened.metadata) == (CONTENT, pair.metadata)
    assert (opened.jws, opened.jws_digest, opened.kid) == (sealed.jws, sealed.jws_digest, pair.registered.kid)


@pytest.mark.parametrize("form", XML_FORMS)
def test_a_key_that_xml_signatures_do_not_know_signs_nothing(pair_of: Callable[..., Any], form: EnvelopeForm) -> None:
    pair = pair_of("Ed25519", "ECDH-ES+A256KW", "P-256")
    assert refusal(lambda: sealed_by(pair, form))[0] == "envelope.algorithm-refused"


def test_the_jose_form_is_the_envelope_as_ever(pair: Any, now: datetime) -> None:
    sealed = sealed_by(pair, EnvelopeForm.JOSE, b"any bytes")
    assert pair.open(sealed.jwe).payload == b"any bytes"
    assert opened_by(pair, EnvelopeForm.JOSE, sealed.jwe, now).payload == b"any bytes"


@pytest.mark.parametrize("form", XML_FORMS)
def test_an_acknowledgement_travels_as_jws_to_everybody(pair: Any, form: EnvelopeForm, now: datetime) -> None:
    answer = pair.metadata.model_copy(update={"type": "acknowledgement", "cty": "application/json"})
    sealed = sealed_by(pair, form, b"{}", metadata=answer)
    assert sealed.jws.count(b".") == 2
    assert opened_by(pair, form, sealed.jwe, now).payload == b"{}"


def test_every_form_has_a_content_type_of_its_own() -> None:
    assert len(FORMS_BY_CONTENT_TYPE) == len(EnvelopeForm)
    assert [form.is_xml for form in EnvelopeForm] == [False, True, True]


PREFIXES: Any = {None: "urn:one", "q": "urn:two", "п": "urn:three"}
NAMES = st.sampled_from(["a", "b", "п:в", "q:c"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=12)
TREES = st.recursive(TEXTS, lambda inner: st.lists(st.tuples(NAMES, TEXTS, inner), max_size=3), max_leaves=8)


class TestContent:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(tree=TREES)
    def test_what_is_read_is_the_canonical_form_of_what_was_sealed(self, pair: Any, now: datetime, tree: Any) -> None:
        root = etree.Element("{urn:one}root", nsmap=PREFIXES)
        grow(root, tree)
        content = etree.tostring(root, encoding="UTF-8")
        for form in XML_FORMS:
            payload = opened_by(pair, form, sealed_by(pair, form, content).jwe, now).payload
            assert payload == etree.tostring(etree.fromstring(content), method="c14n")

    @pytest.mark.parametrize("form", XML_FORMS)
    @pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
    def test_another_encoding_is_read_as_what_it_means(
        self, pair: Any, form: EnvelopeForm, encoding: str, now: datetime
    ) -> None:
        content = f'<?xml version="1.0" encoding="{encoding}"?>\n<a>абрикос</a>\n'.encode(encoding)
        assert opened_by(pair, form, sealed_by(pair, form, content).jwe, now).payload == "<a>абрикос</a>".encode()

    @pytest.mark.parametrize("form", XML_FORMS)
    def test_a_prefix_that_occurs_in_a_value_only_stays_bound(
        self, pair: Any, form: EnvelopeForm, now: datetime
    ) -> None:
        content = (
            b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:t"><b i:type="t:kind"></b>\n</a>'
        )
        assert opened_by(pair, form, sealed_by(pair, form, content).jwe, now).payload == content

    @pytest.mark.parametrize("form", XML_FORMS)
    def test_names_outside_ascii_are_names(self, pair: Any, form: EnvelopeForm, now: datetime) -> None:
        content = '<Файл xmlns="urn:f"><СвСчФакт НомСчФ="1"></СвСчФакт></Файл>'.encode()
        assert opened_by(pair, form, sealed_by(pair, form, content).jwe, now).payload == content

    @pytest.mark.parametrize(
        "content",
        [
            b"{}",
            b"no XML",
            b"<a>",
            b"<a><!-- x --></a>",
            b"<a/><?x?>",
            b"<!DOCTYPE a><a/>",
            "<a/>".encode("utf-16"),
            f'<a><Signature xmlns="{DS}"/></a>'.encode(),
            f'<Signature xmlns="{DS}"/>'.encode(),
            b"<a>" * 80 + b"</a>" * 80,
        ],
    )
    def test_what_cannot_carry_a_signature_is_not_sealed(self, pair: Any, content: bytes) -> None:
        for form in XML_FORMS:
            assert refusal(partial(sealed_by, pair, form, content))[0] == "envelope.not-signable"

    def test_nothing_is_not_sealed(self, pair: Any) -> None:
        assert refusal(lambda: sealed_by(pair, EnvelopeForm.XMLDSIG, b""))[0] == "envelope.empty"


def grow(element: etree._Element, tree: Any) -> None:
    """Children and texts as hypothesis chose them."""
    if isinstance(tree, str):
        element.text = tree
        return
    for name, text, inner in tree:
        prefix, _, local = name.rpartition(":")
        child = etree.SubElement(element, f"{{{element.nsmap[prefix or None]}}}{local}", code=text)
        child.tail = text
        grow(child, inner)


class TestSizes:
    limits = EnvelopeLimits(max_message_bytes=1000)

    @pytest.mark.parametrize("form", XML_FORMS)
    def test_the_largest_content_passes_and_one_byte_more_does_not(
        self, pair: Any, form: EnvelopeForm, now: datetime
    ) -> None:
        content = b"<a>" + b"x" * 993 + b"</a>"
        sealed = sealed_by(pair, form, content, limits=self.limits)
        assert opened_by(pair, form, sealed.jwe, now, limits=self.limits).payload == content
        with pytest.raises(MessageTooLarge):
            sealed_by(pair, form, content.replace(b"x", b"xx", 1), limits=self.limits)

    def test_an_envelope_beyond_the_limit_is_not_looked_at(self, pair: Any, now: datetime) -> None:
        with pytest.raises(MessageTooLarge):
            opened_by(pair, EnvelopeForm.XMLDSIG, b"x" * (self.limits.max_jwe_bytes + 1), now, limits=self.limits)

    def test_a_content_that_is_too_large_inside_is_not_opened(self, pair: Any, now: datetime) -> None:
        large = b"<a>" + b"x" * (XML_LIMITS.signature_bytes + 2000) + b"</a>"
        generous = EnvelopeLimits(max_message_bytes=10_000, max_header_bytes=200_000)
        sealed = sealed_by(pair, EnvelopeForm.XMLDSIG, large)
        tight = replace(generous, max_message_bytes=1000)
        code, _ = refusal(lambda: opened_by(pair, EnvelopeForm.XMLDSIG, sealed.jwe, now, limits=tight))
        assert code == "envelope.not-opened"


class TestSuite:
    narrow = replace(INTL_1, signatures=("PS256",))

    def test_nothing_is_sealed_outside_the_suite(self, pair: Any) -> None:
        found = refusal(lambda: sealed_by(pair, EnvelopeForm.XMLDSIG, suite=self.narrow))
        assert found[0] == "envelope.algorithm-refused"

    def test_nothing_is_opened_outside_the_suite(self, pair: Any, now: datetime) -> None:
        sealed = sealed_by(pair, EnvelopeForm.XMLDSIG)
        found = refusal(lambda: opened_by(pair, EnvelopeForm.XMLDSIG, sealed.jwe, now, suite=self.narrow))
        assert found == ("envelope.not-opened", "xml: key outside the agreed suite")


class TestEvidence:
    @pytest.mark.parametrize("form", [EnvelopeForm.JOSE, *XML_FORMS])
    def test_it_is_judged_by_the_state_of_the_key_at_the_time_of_receipt(
        self, pair: Any, form: EnvelopeForm, now: datetime
    ) -> None:
        changes = (
            StateChange(KeyState.ACTIVE, now - timedelta(days=1)),
            StateChange(KeyState.RETIRED, now + timedelta(days=1)),
        )
        signed = sealed_by(pair, form).jws
        key = RegisteredKey(pair.registered.key, "xx", Lifecycle(changes))
        assert verify_kept(signed, key, received=now).payload == CONTENT
        for day, code in ((-2, "envelope.key-not-active"), (2, "envelope.expired-key")):
            late = now + timedelta(days=day)
            assert refusal(partial(verify_kept, signed, key, received=late))[0] == code

    @pytest.mark.parametrize("form", XML_FORMS)
    def test_a_changed_byte_shows(self, pair: Any, form: EnvelopeForm, now: datetime) -> None:
        signed = sealed_by(pair, form).jws
        changed = signed.replace(b"N-1", b"N-2")
        assert refusal(lambda: verify_kept(changed, pair.registered, received=now))[0] == "envelope.not-opened"

    def test_the_key_of_another_owner_does_not_count(self, pair: Any, now: datetime) -> None:
        other = RegisteredKey(pair.registered.key, "yy", pair.registered.lifecycle)
        signed = sealed_by(pair, EnvelopeForm.XMLDSIG).jws
        assert refusal(lambda: verify_kept(signed, other, received=now))[0] == "envelope.wrong-sender"


@pytest.mark.parametrize("name", ["exclusive", "canonical-1-1", "canonical-1-0"])
def test_documents_that_were_signed_elsewhere_verify(name: str, now: datetime, project_root: Path) -> None:
    folder = project_root / "tests" / "vectors" / "xml_signature"
    key = import_public_key(json.loads((folder / "key.json").read_text(encoding="utf-8")))
    data = (folder / f"{name}.xml").read_bytes()
    limits, skew = XML_LIMITS.parsing(DEFAULT_LIMITS.max_message_bytes), DEFAULT_LIMITS.clock_skew
    verified = verify_document(data, key, now, limits, clock_skew=skew)
    assert (verified.form, verified.metadata.jti, verified.metadata.aud) == (EnvelopeForm.XMLDSIG, "m-1", "aa")
    assert verified.content.startswith(b'<Note xmlns="urn:world:xx:note:1"')
    with pytest.raises(OpeningRefused):
        verify_document(data.replace(b"apri", b"figs"), key, now, limits, clock_skew=skew)


def test_the_log_of_the_library_holds_nothing_of_a_message(
    pair: Any, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for form in XML_FORMS:
        opened_by(pair, form, sealed_by(pair, form, b"<a>CANARY-4711</a>").jwe, now)
    assert "CANARY-4711" not in caplog.text
