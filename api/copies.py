"""Copies of a thread to keep, as the page makes them."""

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response

from api.caller import Participant
from api.common import Language, ThreadId
from api.context import MOUNTED_AT, ApiContext, Context
from api.own import own_thread
from stages.transcript.entries import AttachedFile
from stages.transcript.saving import OwnCopies
from study.strings import Strings

router = APIRouter(tags=["Sharing and saving"])


class CopyKind(StrEnum):
    """Kinds of copies."""

    MARKDOWN = "md"
    TEXT = "txt"
    JSON = "json"


_COPIES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"text/markdown": {}, "text/plain": {}, "application/json": {}},
        "description": "The whole conversation; docs/how-to/share-and-save.md tells what is in it.",
    }
}
_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": {}}, "description": "A page to print."}
}


@router.get(
    "/threads/{thread_id}/copy.{kind}", response_class=Response, responses=_COPIES, summary="Save a thread"
)
async def save(
    thread_id: ThreadId,
    kind: Annotated[CopyKind, Path(description="Markdown, plain text or JSON.")],
    who: Participant,
    context: Context,
    strings: Language,
) -> Response:
    """Save a whole thread as a file, with every word as it was said."""
    await own_thread(context, who, thread_id)
    return await _copies(context, strings).file(who.participant_id, thread_id, kind.value)


@router.get("/threads/{thread_id}/print", response_class=Response, responses=_PAGE, summary="Print a thread")
async def to_print(thread_id: ThreadId, who: Participant, context: Context, strings: Language) -> Response:
    """Read a whole thread as a page to print."""
    await own_thread(context, who, thread_id)
    return await _copies(context, strings).to_print(who.participant_id, thread_id, _address)


def _copies(context: ApiContext, strings: Strings) -> OwnCopies:
    return OwnCopies(context.record, context.study.definition.title, strings)


def _address(file: AttachedFile) -> str:
    return f"{MOUNTED_AT}/files/{file.element_id}"
