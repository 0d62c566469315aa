"""Files of a thread, given to their owner and to nobody else.

A researcher reads them in the export's folder; there is no way to them over the network here.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from page.cookies import signed_in
from page.file_names import plain_name

_PDF: Final = "application/pdf"
# What a browser may draw in place. Never HTML, SVG or XML: they carry scripts.
_DRAWN: Final = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        _PDF,
        "text/plain",
        "audio/mpeg",
        "audio/wav",
        "audio/ogg",
        "video/mp4",
        "video/webm",
    }
)
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


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
        return send_file(found)

    return [Route("/files/{element_id}", answer, methods=["GET"])]


def send_file(found: StoredFile, cache: str = "private, max-age=3600") -> Response:
    """Answer with a file, in such a way that nothing in it runs.

    Args:
        found: Whoever asks may have it.
        cache: What browsers may keep.
    """
    mime = found.mime.partition(";")[0].strip().lower()
    return FileResponse(
        found.path,
        media_type=mime if _MEDIA_TYPE.fullmatch(mime) else "application/octet-stream",
        filename=plain_name(found.name),
        content_disposition_type="inline" if mime in _DRAWN else "attachment",
        headers={
            "Cache-Control": cache,
            # Chromium shows no PDF inside a sandbox; a PDF's own scripts never reach the page.
            "Content-Security-Policy": "default-src 'none'"
            if mime == _PDF
            else "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
