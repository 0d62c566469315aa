"""What many routes take: the language of who asks, a key that makes a request safe to repeat, versions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Request

from api.caller import Participant
from api.context import ApiContext, Context
from api.problem import PROBLEM_JSON, PROBLEM_SCHEMA, ApiProblem
from api.turns import ApiTurns, TurnOrigin
from data_layer.database.alone import alone
from data_layer.database.rows import Row
from study.language import language_for
from study.strings import Strings, strings_in
from study.vocabulary import Transport

# What each route may answer besides: FastAPI writes them into the schema.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {PROBLEM_JSON: {"schema": {"$ref": PROBLEM_SCHEMA}}}}
    for status, said in (
        (400, "It cannot be read."),
        (401, "Nobody is signed in."),
        (403, "It may not be done now."),
        (404, "There is no such thing of theirs."),
        (409, "It cannot be done as things stand."),
        (412, "It has changed since it was read: read it anew."),
        (413, "It is too long."),
        (422, "A field is wrong; `errors` says which."),
        (429, "Too much in a short time; Retry-After says when."),
        (503, "The database does not answer."),
    )
}

# Said, and not held to: what is no id names nothing, and is answered like what is not there.
_UUID: dict[str, Any] = {"format": "uuid"}

ThreadId = Annotated[str, Path(description="The thread's id.", max_length=40, json_schema_extra=_UUID)]
MessageId = Annotated[str, Path(description="The message's id.", max_length=40, json_schema_extra=_UUID)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of yours, new for each request that is new: sent again, it is done once.",
        min_length=1,
        max_length=255,
    ),
]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag that it must still have.", max_length=100)
]


def _strings(request: Request, context: Context) -> Strings:
    return strings_in(language_for(request.headers, context.study.definition.language))


Language = Annotated[Strings, Depends(_strings)]


def _turns(request: Request, who: Participant, context: Context, strings: Language) -> ApiTurns:
    streams = "text/event-stream" in request.headers.get("accept", "") or request.url.path.endswith("/stream")
    transport = Transport.SSE if streams else Transport.REST
    return ApiTurns(context, TurnOrigin(who, strings, transport, request.headers.get("user-agent", "")))


Turns = Annotated[ApiTurns, Depends(_turns)]

# Of what can be changed only as it was read: which version it is.
VERSIONED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "headers": {
            "ETag": {"description": "Of this version: for If-Match.", "schema": {"type": "string"}},
        }
    }
}


def etag_of(row: Row) -> str:
    """The version of a thread, or of a message, as a header says it."""
    return f'"{row["version"]}"'


def check_version(row: Row, expected: str | None) -> None:
    """See that something is still as who would change it has read it.

    Raises:
        ApiProblem: It is not.
    """
    if not is_as_read(row, expected):
        raise changed()


@asynccontextmanager
async def one_change(context: ApiContext, what: str, expected: str | None) -> AsyncIterator[None]:
    """Change something that was read, while nobody else does: in any process, where If-Match says how it was.

    Args:
        context: What the API stands on.
        what: The id of what is changed.
        expected: The header If-Match.
    """
    name = f"change {what}"
    async with context.onces.lock(name):
        if expected is None or not context.record.hints.others:
            yield
            return
        async with alone(context.record.database, name):
            yield


def is_as_read(row: Row, expected: str | None) -> bool:
    """Whether something still has the version that If-Match names, if it names one."""
    if expected is None or expected.strip() == "*":
        return True
    return etag_of(row) in [one.strip().removeprefix("W/") for one in expected.split(",")]


def changed() -> ApiProblem:
    """That something is not as who would change it has read it."""
    return ApiProblem(
        412, "changed", "It has changed since you read it. Read it anew, and send the new ETag."
    )
