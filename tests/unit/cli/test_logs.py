"""Logs go to standard error as JSON lines, and never carry the text of an exception."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, suppress

import pytest
import structlog

from gateway.cli.logs import log_to_stderr


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_one_json_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    structlog.get_logger().info("request refused", code="x.y", path="Head/ID")
    shown = capsys.readouterr()
    assert shown.out == ""
    line = json.loads(shown.err)
    assert (line["event"], line["level"], line["code"]) == ("request refused", "info", "x.y")
    assert line["timestamp"].endswith("Z")


def test_an_exception_is_named_by_its_class_only(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    secret = "the value"
    try:
        int(secret)
    except ValueError as error:
        structlog.get_logger().exception("it failed")
        structlog.get_logger().warning("again", exc_info=error)
    first, second = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert first["exception"] == second["exception"] == "ValueError"
    assert secret not in str(first) + str(second)


@pytest.mark.parametrize("gone", ["closed", "broken pipe", "none"])
def test_a_line_that_nobody_can_read_stops_no_work(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log_to_stderr()
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", buffering=1) as stream:
        os.close(reader)
        monkeypatch.setattr(sys, "stderr", None if gone == "none" else stream)
        if gone == "closed":
            with suppress(OSError):
                stream.close()
        structlog.get_logger().info("request refused", code="x.y")
        monkeypatch.undo()
        with suppress(OSError):
            stream.close()


def test_a_line_goes_to_standard_error_as_it_is_then(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    with redirect_stderr(io.StringIO()) as later:
        structlog.get_logger().info("request refused")
    assert "request refused" in later.getvalue()
    assert capsys.readouterr().err == ""
