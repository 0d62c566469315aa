"""Requests that are refused, each in its server's shape."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.openai_behaviour import Behaviour
from tests.provider_answers.case import HTML, JSON, PAGE, Case


def fails(status: int, body: bytes | Any, headers: Mapping[str, str] = JSON) -> Behaviour:
    """An error with this body."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Behaviour(status=status, headers=headers, body=(payload,))


ERRORS: Final = (
    Case(
        "FastAPI: detail",
        fails(422, {"detail": "model is away"}),
        text="",
        error_type="UnprocessableEntityError",
        finish_reason=None,
        says="Error code: 422 - model is away",
    ),
    Case(
        "FastAPI: a list of details",
        fails(422, {"detail": [{"loc": ["body", "seed"], "msg": "not a number"}, {"msg": "and more"}]}),
        text="",
        error_type="UnprocessableEntityError",
        finish_reason=None,
        says="body.seed: not a number; and more",
    ),
    Case(
        "Ollama: an error that is text",
        fails(404, {"error": "model 'x' not found"}),
        text="",
        error_type="NotFoundError",
        finish_reason=None,
        says="Error code: 404 - model 'x' not found",
    ),
    Case(
        "OpenRouter: what the provider behind it said",
        fails(
            400,
            {"error": {"message": "Provider returned error", "metadata": {"raw": "too long"}, "code": 400}},
        ),
        text="",
        error_type="400",
        finish_reason=None,
        says="Provider returned error: too long",
    ),
    Case(
        "a gateway's page",
        fails(502, PAGE, HTML),
        text="",
        error_type="InternalServerError",
        finish_reason=None,
        says="Error code: 502 - Bad Gateway upstream away",
    ),
    Case(
        "an error whose JSON is cut off",
        fails(400, b'{"error": {"message": "too ma'),
        text="",
        error_type="BadRequestError",
        finish_reason=None,
        says='{"error": {"message": "too ma',
    ),
    Case(
        "an error of which nobody says anything",
        fails(500, b""),
        text="",
        error_type="InternalServerError",
        finish_reason=None,
        says="Error code: 500",
    ),
    Case(
        "FastAPI: stream_options are not taken",
        Behaviour(
            status=422,
            headers=JSON,
            body=(
                b'{"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], '
                b'"msg": "Extra inputs are not permitted"}]}',
            ),
        ),
        text="All is well here.",
        details={"not_taken": {"stream_options": "left out"}},
        calls=2,
    ),
)
