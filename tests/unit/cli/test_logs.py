"""Logs go to standard error as JSON lines, and never carry the text of an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator

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
