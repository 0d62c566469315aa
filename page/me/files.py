"""Files of a thread, given to their owner and to nobody else.

A researcher reads them in the export's folder; there is no way to them over the network here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from page.chainlit.cookies import signed_in
from web.files import send_file

# A picture that was shown once is not fetched again within the hour.
_CACHED: Final = {"Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True)
class StoredFile:
    """An element's file."""

    path: Path
    mime: str
    name: str
    participant_id: str


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
        found = await find(request.path_params["element_id"]) if user else None
        # One answer for "not yours", "not there" and "not signed in": none tells what exists.
        if (
            user is None
            or found is None
            or found.participant_id != user.identifier
            or not found.path.is_file()
        ):
            return PlainTextResponse("There is no such file.\n", 404, {"Cache-Control": "no-store"})
        return send_file(found.path, found.name, found.mime, _CACHED)

    return [Route("/files/{element_id}", answer, methods=["GET"])]
