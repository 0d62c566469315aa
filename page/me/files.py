"""Files of a thread, given to their owner and to nobody else.

A researcher reads them in the export's folder; there is no way to them over the network here.
"""

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from page.chainlit.cookies import signed_in
from stages.own_files import CACHED, StoredFile
from web.files import send_file

log = structlog.get_logger(__name__)

FindFile = Callable[[str], Awaitable[StoredFile | None]]


def file_routes(find: FindFile) -> list[BaseRoute]:
    """Make the route of the files.

    Args:
        find: Looks an element up by its id; None when there is none, or it is deleted.

    Returns:
        Routes for the front of the app's list.
    """

    async def answer(request: Request) -> Response:
        user = signed_in(request)
        try:
            found = await find(request.path_params["element_id"]) if user else None
        except (SQLAlchemyError, OSError) as error:
            log.error("route_failed", path="/files", error_type=type(error).__name__)
            return PlainTextResponse("Try again in a minute.\n", 503, {"Cache-Control": "no-store"})
        # One answer for "not yours", "not there" and "not signed in": none tells what exists.
        if (
            user is None
            or found is None
            or found.participant_id != user.identifier
            or not found.path.is_file()
        ):
            return PlainTextResponse("There is no such file.\n", 404, {"Cache-Control": "no-store"})
        return send_file(found.path, found.name, found.mime, CACHED)

    return [Route("/files/{element_id}", answer, methods=["GET"])]
