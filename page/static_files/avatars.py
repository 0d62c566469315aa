"""The picture beside what an agent says: public/avatars/<name>.svg or .png, else Verbatim's own.

Chainlit's route refuses every name that is not ASCII (server.py:2157), and the page then shows a
grey disc that never ends loading.
"""

import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

_DEFAULT: Final = "verbatim"
_ENDINGS: Final = (".svg", ".png", ".webp", ".jpg")


def avatar_routes(folder: Path) -> list[BaseRoute]:
    """Make the route of the pictures.

    Args:
        folder: Such as public/avatars; it holds at least verbatim.svg.

    Returns:
        Routes for the front of the app's list.
    """

    async def answer(request: Request) -> Response:
        path = _picture(folder, request.path_params["name"]) or _picture(folder, _DEFAULT)
        if path is None:
            return Response(status_code=404)
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, headers=headers)

    return [Route("/avatars/{name}", answer, methods=["GET"])]


def _picture(folder: Path, name: str) -> Path | None:
    plain = re.sub(r"[^\w-]+", "_", name.strip().lower())
    return next(
        (path for ending in _ENDINGS if len(plain) <= 100 and (path := folder / (plain + ending)).is_file()),
        None,
    )
