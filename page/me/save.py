"""A participant takes a conversation with them: three files, and a page to print."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes
from stages.transcript.saving import OwnCopies
from study.definition import Study


def save_routes(own: ParticipantRoutes, record: Record, definition: Callable[[], Study]) -> list[BaseRoute]:
    """Make the routes of the files and of the page to print.

    Args:
        own: Makes routes for participants.
        record: Read.
        definition: The study's file as it now is.
    """

    async def save(asked: ParticipantRequest) -> Response:
        copies = OwnCopies(record, definition().title, asked.strings)
        return await copies.file(asked.participant_id, asked.path("thread_id"), asked.path("ending"))

    async def to_print(asked: ParticipantRequest) -> Response:
        copies = OwnCopies(record, definition().title, asked.strings)
        return await copies.to_print(asked.participant_id, asked.path("thread_id"))

    return [
        own.route("/me/threads/{thread_id}/save.{ending}", save),
        own.route("/me/threads/{thread_id}/print", to_print),
    ]
