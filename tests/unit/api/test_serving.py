from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.api.serving import serve
from gateway.errors import DataFolderError, GatewayError
from gateway.pipeline.facade import Gateway
from gateway.security.http_messages import HttpRequest, HttpResponse
from gateway.settings import Settings, load_settings

SECRET = "value-of-a-message-4711"


class Stub:
    """A gateway of which only the beginning and the end are real."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.http = self.access = self
        self.live_gate = self.rules = self
        self.partners = self.mailbox = self.log = self.terms = self
        self.realm = "live"
        self.uses_tokens = False
        self.certificates = ()

    def check_port(self, **_port: bool) -> None:
        self.told.append("check")

    def shows_certificate(self, _partner: str) -> bool:
        return False

    def sign_answer(self, response: HttpResponse, request: HttpRequest) -> HttpResponse:
        del request
        return response

    def log_refusal(self, refusal: GatewayError, partner: str) -> None:
        """Nothing is kept."""

    def start(self) -> None:
        self.told.append("start")

    def stop(self) -> None:
        self.told.append("stop")

    def ready(self) -> dict[str, Any]:
        raise RuntimeError(SECRET)


def settings_at(folder: Path, **changed: Any) -> Settings:
    return load_settings(root=folder, state_dir=folder, **({"partner_port": 0, "internal_port": 0} | changed))


def get(address: str, path: str) -> int:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def serve_and_ask(folder: Path, path: str) -> tuple[Stub, dict[str, int]]:
    """Serve both ports, ask each once, end by the signal that an operator's tools send."""
    stub = Stub()
    answers: dict[str, int] = {}

    def visit(partner: str, internal: str) -> None:
        try:
            answers.update(partner=get(partner, path), internal=get(internal, path))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def on_ready(partner: str, internal: str) -> None:
        threading.Thread(target=visit, args=(partner, internal)).start()

    serve(cast("Gateway", stub), settings_at(folder), on_ready=on_ready)
    return stub, answers


def test_both_ports_serve_until_the_signal_and_each_serves_its_own(tmp_path: Path) -> None:
    stub, answers = serve_and_ask(tmp_path, "/healthz")
    assert answers == {"partner": 404, "internal": 200}
    assert stub.told == ["check", "start", "stop"]


def test_an_unexpected_fault_leaves_no_value_on_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    _, answers = serve_and_ask(tmp_path, "/readyz")
    said = capfd.readouterr()
    assert answers["internal"] == 500
    assert SECRET not in said.out + said.err + caplog.text


@pytest.mark.parametrize("taken", ["partner_port", "internal_port"])
def test_an_address_that_is_taken_stops_the_start(tmp_path: Path, taken: str) -> None:
    stub = Stub()
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = settings_at(tmp_path, **{taken: other.getsockname()[1]})
        with pytest.raises(DataFolderError) as refused:
            serve(cast("Gateway", stub), settings)
    assert (refused.value.stable_code, refused.value.path) == ("settings.address", taken)
    assert stub.told == ["check"]
