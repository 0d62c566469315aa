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
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\]")
_LONGEST_NAME: Final = 200


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
        mime = found.mime.partition(";")[0].strip().lower()
        return FileResponse(
            found.path,
            media_type=mime if _MEDIA_TYPE.fullmatch(mime) else "application/octet-stream",
            filename=_plain_name(found.name),
            content_disposition_type="inline" if mime in _DRAWN else "attachment",
            headers={
                "Cache-Control": "private, max-age=3600",
                # Chromium shows no PDF inside a sandbox; a PDF's own scripts never reach the page.
                "Content-Security-Policy": "default-src 'none'"
                if mime == _PDF
                else "sandbox; default-src 'none'",
                "Cross-Origin-Resource-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return [Route("/files/{element_id}", answer, methods=["GET"])]


def _plain_name(name: str) -> str:
    """The name without what could steer a header, a path or the direction of writing."""
    return _UNSEEN.sub("", name).strip(" .")[:_LONGEST_NAME] or "file"
