"""Answers of the gateway to what a partner asks about its own things: the content, or a refusal that says why."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson

from gateway.adapters.partner_channel import HttpAnswer
from gateway.errors import DeliveryFailed


class GatewayRefused(DeliveryFailed):
    """The gateway has answered, signed, that it does not do what was asked.

    Args:
        status: HTTP status.
        problem: the problem document (RFC 9457); empty where the answer holds none.
    """

    code = "gateway.refused"

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        code = str(problem.get("type", "")).rpartition(":")[2]
        super().__init__(
            f"the gateway refuses it with status {status}", remedy=str(problem.get("remedy", "")), code=code or None
        )
        self.status = status
        self.problem = problem


def content_of(answer: HttpAnswer) -> bytes:
    """The body of a good answer.

    Raises:
        GatewayRefused: it has another status than 200.
    """
    if answer.status == HTTPStatus.OK:
        return answer.body
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        document = None
    raise GatewayRefused(answer.status, document if isinstance(document, dict) else {})


def object_of(answer: HttpAnswer) -> dict[str, Any]:
    """The JSON object of a good answer.

    Raises:
        GatewayRefused: it has another status than 200.
        DeliveryFailed: it is not a JSON object.
    """
    try:
        document = orjson.loads(content_of(answer))
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise DeliveryFailed("the answer is not a JSON object", code="delivery.not-an-answer")
    return document
