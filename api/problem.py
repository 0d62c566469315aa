"""What is answered instead of what was asked for: problem details, one shape for all of them.

https://www.rfc-editor.org/rfc/rfc9457. `code` is for programs, `detail` for people; of a body that cannot be
taken `errors` names each field and its repair.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from study.errors import WriteRefused
from study.language import language_for
from study.reasons import Reason
from study.strings import strings_in
from web.guards import say_why
from web.pages import NOT_KEPT
from web.problem import HttpProblem

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
PROBLEM_SCHEMA: Final = "#/components/schemas/ProblemDetails"


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(description="Where it stands, such as body.content or query.limit.")
    detail: str = Field(description="What is wrong with it, and what would be right.")


class ProblemDetails(BaseModel):
    """Why a request was not answered as it was meant (RFC 9457)."""

    type: str = Field("about:blank", description="Always about:blank: `code` says which problem it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status, as in the answer's own line.")
    detail: str = Field(description="A sentence for people, with the repair.")
    code: str = Field(description="Which problem it is, for programs: it does not change with the language.")
    errors: list[FieldProblem] = Field(default_factory=list, description="The fields at fault.")


class ApiProblem(Exception):
    """A request cannot be answered as it was meant; said in English, to whoever wrote the program.

    Args:
        status: Of the answer.
        code: Which problem it is.
        detail: A sentence with the repair.
        field: Which field of the request is at fault.
        headers: What the answer must carry besides.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = [FieldProblem(field=field, detail=detail)] if field else []
        self.headers = dict(headers or {})


def problem_shapes() -> dict[str, Any]:
    """The shapes of problems, for the schema's components: FastAPI knows answers in JSON alone."""
    shape = ProblemDetails.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    return {**shape.pop("$defs"), "ProblemDetails": shape}


def no_such(what: str) -> ApiProblem:
    """Make the one answer to what is not there, and to what is another's."""
    return ApiProblem(404, "not_found", f"There is no such {what} of yours.")


def answer(
    status: int,
    code: str,
    detail: str,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a problem down."""
    details = ProblemDetails(
        title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=list(errors)
    )
    return JSONResponse(details.model_dump(), status, NOT_KEPT | dict(headers or {}), media_type=PROBLEM_JSON)


def add_handlers(app: FastAPI) -> None:
    """Answer whatever goes wrong in the API in this shape."""
    app.add_exception_handler(ApiProblem, _on_problem)
    app.add_exception_handler(HttpProblem, _on_sentence)
    app.add_exception_handler(RequestValidationError, _on_fields)
    app.add_exception_handler(HTTPException, _on_status)
    app.add_exception_handler(WriteRefused, _on_refusal)
    app.add_exception_handler(SQLAlchemyError, _on_away)
    app.add_exception_handler(OSError, _on_away)


async def _on_problem(request: Request, problem: Any) -> Response:
    say_why(request.scope, problem.code)
    return answer(problem.status, problem.code, problem.detail, problem.errors, problem.headers)


async def _on_sentence(request: Request, problem: Any) -> Response:
    """A rule of the study's says it, in the participant's language; its key is its code."""
    say_why(request.scope, problem.text)
    language = request.app.state.api.study.definition.language
    sentence = problem.sentence(strings_in(language_for(request.headers, language)))
    errors = [FieldProblem(field=f"body.{problem.field}", detail=sentence)] if problem.field else []
    return answer(problem.status, problem.text.replace(".", "_"), sentence, errors, problem.headers)


async def _on_fields(request: Request, problem: Any) -> Response:
    say_why(request.scope, "fields")
    errors = [
        FieldProblem(field=".".join(str(part) for part in one["loc"]), detail=_in_words(one))
        for one in problem.errors()
    ]
    detail = "; ".join(f"{one.field}: {one.detail}" for one in errors[:3])
    return answer(422, "not_readable", f"The request cannot be read: {detail}.", errors)


async def _on_status(request: Request, problem: Any) -> Response:
    code = HTTPStatus(problem.status_code).phrase.lower().replace(" ", "_")
    detail = {404: "There is no such address.", 405: "This address takes no such method."}
    return answer(
        problem.status_code, code, detail.get(problem.status_code, str(problem.detail)), (), problem.headers
    )


async def _on_refusal(request: Request, refusal: Any) -> Response:
    say_why(request.scope, str(refusal))
    if refusal.reason is Reason.TOO_MANY_FILES:
        detail = "These are more files than a message may have: GET /study says how many."
        return await _on_problem(request, ApiProblem(422, "too_many_files", detail, field="body.files"))
    return await _on_problem(request, no_such("thing"))


async def _on_away(request: Request, error: Exception) -> Response:
    log.error("route_failed", path=request.scope["path"], error_type=type(error).__name__)
    detail = "The database does not answer just now; nothing was changed. Try again in a minute."
    return answer(503, "not_now", detail, (), {"Retry-After": "60"})


def _in_words(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")
