"""Files: uploaded for a message that will take them along, and read where they stand."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.caller import Participant
from api.common import IdempotencyKey, Language
from api.context import Context
from api.problem import PROBLEM_JSON, PROBLEM_SCHEMA, no_such
from api.turns import made_id
from data_layer.conversations.attachments import Pending
from stages.own_files import CACHED, own_file
from web.files import send_file

router = APIRouter(tags=["Files"])

# More than any study allows, with what a form adds: the study's own limit is held as the file comes.
_LONGEST: Final = 51_000_000
_BINARY: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": _BINARY},
                }
            }
        },
    }
}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    415: {
        "content": {PROBLEM_JSON: {"schema": {"$ref": PROBLEM_SCHEMA}}},
        "description": "The study allows no such file.",
    }
}
_CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file, as its own type."},
}


class Upload(BaseModel):
    """A file that waits for its message: an hour, or longer where a page is open."""

    id: str = Field(description="For `files` of POST /threads/{id}/messages.")
    name: str
    mime: str = Field(description="By its content, whatever it was called.")
    size_bytes: int
    sha256: str


@router.post(
    "/uploads",
    status_code=201,
    summary="Upload a file",
    openapi_extra=_FORM,
    responses=_REFUSED,
    max_body_size=_LONGEST,
)
async def upload(
    request: Request,
    who: Participant,
    context: Context,
    strings: Language,
    key: IdempotencyKey = None,
) -> Upload:
    """Upload one file, as the part `file` of a form; GET /study says what may be attached."""
    whose, attachments = who.participant_id, context.record.attachments
    attachment_id = made_id(whose, "upload", key)
    with context.uploads.one_more(whose) as allowed:
        if key is not None and (known := attachments.find(whose, attachment_id)) is not None:
            return _shape(known)
        taken = await context.uploads.take(request, whose, "", allowed, strings, attachment_id)
    return _shape(taken)


@router.get("/files/{file_id}", response_class=Response, responses=_CONTENT, summary="Read a file")
async def read(
    file_id: Annotated[str, Path(max_length=40, description="The file's id.")],
    who: Participant,
    context: Context,
) -> Response:
    """Read a file that stands in a thread of one's own."""
    found = await own_file(context.record, who.participant_id, file_id)
    if found is None:
        raise no_such("file")
    return send_file(found.path, found.name, found.mime, CACHED)


@router.delete("/uploads/{upload_id}", status_code=204, summary="Take an upload back")
async def take_back(
    upload_id: Annotated[str, Path(max_length=40, description="The upload's id.")],
    who: Participant,
    context: Context,
) -> None:
    """Take a file back that no message has taken along yet."""
    pending = context.record.attachments.find(who.participant_id, upload_id)
    if pending is None:
        raise no_such("upload")
    context.record.attachments.forget(pending)


def _shape(pending: Pending) -> Upload:
    return Upload(
        id=pending.attachment_id,
        name=pending.name,
        mime=pending.mime,
        size_bytes=pending.size_bytes,
        sha256=pending.sha256,
    )
