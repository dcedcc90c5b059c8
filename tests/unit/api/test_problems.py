from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from structlog.testing import capture_logs

from gateway import errors
from gateway.api import problems
from gateway.findings import Finding, Layer, Severity

SECRET = "value-of-a-message-4711"


def app_that_raises(error: Exception, **install: Any) -> FastAPI:
    app = FastAPI()
    problems.install(app, **install)

    @app.get("/it")
    def it() -> None:
        raise error

    @app.get("/counted")
    def counted(limit: Annotated[int, Query(ge=1, le=5)]) -> int:
        return limit

    return app


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.MessageTooLarge("x"), 413),
        (errors.ContentRefused("x"), 422),
        (errors.UnknownFormat("x"), 422),
        (errors.MalformedMessage("x"), 422),
        (errors.NotPermitted("x"), 403),
        (errors.UnknownPartner("x"), 403),
        (errors.ReplayRefused("x"), 409),
        (errors.EnvelopeRefused("x"), 400),
        (errors.Refusal("x"), 400),
        (errors.InvalidTransition("x"), 409),
        (errors.NotFound("x"), 404),
        (errors.TemporaryFailure("x"), 503),
        (errors.DeliveryFailed("x"), 503),
        (errors.DataFolderError("x"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_class_of_the_tree_has_its_status(call: Callable[..., Any], error: Exception, status: int) -> None:
    answer = call(app_that_raises(error), "GET", "/it")
    assert answer.status == status
    assert answer.kind == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.raised is None


def test_no_class_of_the_tree_is_without_a_status() -> None:
    def below(kind: type[errors.GatewayError]) -> list[type[errors.GatewayError]]:
        return [kind, *(deeper for each in kind.__subclasses__() for deeper in below(each))]

    refusals = [kind for kind in below(errors.Refusal) if kind.__module__ == "gateway.errors"]
    assert len(refusals) >= 9
    assert {problems.status_of(kind("x")) // 100 for kind in refusals} == {4}


def test_the_document_tells_code_place_remedy_and_findings() -> None:
    finding = Finding(severity=Severity.ERROR, code="schema.facet", layer=Layer.SCHEMA, path="A/B[2]", message="m")
    error = errors.ContentRefused("why", path="A", remedy="mend it", code="content.here", findings=[finding])
    assert problems.problem_of(error) == {
        "type": "urn:sarhad:problem:content.here",
        "title": "content.here",
        "status": 422,
        "detail": "why",
        "path": "A",
        "remedy": "mend it",
        "findings": [finding.as_json()],
    }


def test_members_without_content_are_left_out() -> None:
    assert set(problems.problem_of(errors.NotFound("x"))) == {"type", "title", "status", "detail"}


def test_a_kept_lodgement_is_named() -> None:
    error = errors.NotPermitted("x")
    error.exchange_id = "0f" * 16  # type: ignore[attr-defined] # as a refused lodgement carries it
    assert problems.problem_of(error)["exchange_id"] == "0f" * 16


def test_the_internal_port_calls_a_missing_permission_a_finding(call: Callable[..., Any]) -> None:
    app = app_that_raises(errors.NotPermitted("x"), not_permitted=422)
    assert call(app, "GET", "/it").status == 422
    assert call(app, "GET", "/it").json["status"] == 422


def test_an_unexpected_fault_tells_nothing_but_that(call: Callable[..., Any]) -> None:
    with capture_logs() as logged:
        answer = call(app_that_raises(RuntimeError(SECRET)), "GET", "/it")
    assert answer.status == 500
    assert answer.kind == "application/problem+json"
    assert answer.json["title"] == "internal"
    assert SECRET not in answer.body.decode()
    assert SECRET not in str(logged)
    assert [entry["kind"] for entry in logged] == ["RuntimeError"]


def test_a_parameter_of_the_wrong_kind_is_named_without_its_value(call: Callable[..., Any]) -> None:
    answer = call(app_that_raises(RuntimeError()), "GET", f"/counted?limit={SECRET}")
    assert answer.status == 422
    assert answer.json["title"] == "request.invalid"
    assert "query.limit" in answer.json["detail"]
    assert SECRET not in answer.body.decode()


@pytest.mark.parametrize(("method", "target", "status"), [("GET", "/nowhere", 404), ("DELETE", "/it", 405)])
def test_what_the_framework_refuses_is_a_problem_too(
    call: Callable[..., Any], method: str, target: str, status: int
) -> None:
    answer = call(app_that_raises(RuntimeError()), method, target)
    assert answer.status == status
    assert answer.kind == "application/problem+json"
    assert answer.json["title"] == f"http.{status}"


@pytest.mark.parametrize(
    ("method", "target", "code"),
    [("GET", "/nowhere", "http.404"), ("DELETE", "/it", "http.405"), ("GET", "/counted", "request.invalid")],
)
def test_what_the_framework_refuses_is_kept_where_there_is_a_log(
    call: Callable[..., Any], method: str, target: str, code: str
) -> None:
    kept: list[tuple[str, str]] = []
    app = app_that_raises(
        RuntimeError(), log_refusal=lambda refusal, partner: kept.append((refusal.stable_code, partner))
    )
    assert call(app, method, target).json["title"] == code
    assert kept == [(code, "")]
