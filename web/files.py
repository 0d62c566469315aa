"""Somebody's file as an answer, in such a way that nothing in it runs."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.responses import FileResponse

from web.file_names import plain_name
from web.pages import NOT_KEPT

UNKNOWN: Final = "application/octet-stream"
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
# Of whatever a person or an agent wrote and a browser could draw by itself.
SANDBOX: Final = "sandbox; default-src 'none'"


def send_file(path: Path, name: str, mime: str, headers: Mapping[str, str] | None = None) -> FileResponse:
    """Answer with a file.

    Args:
        path: Whoever asks may have it.
        name: What it was called.
        mime: What it is said to be; a browser is told no other.
        headers: What the answer carries besides, such as what caches may keep, in place of nothing.
    """
    mime = mime.partition(";")[0].strip().lower()
    return FileResponse(
        path,
        media_type=mime if _MEDIA_TYPE.fullmatch(mime) else UNKNOWN,
        filename=plain_name(name),
        content_disposition_type="inline" if mime in _DRAWN else "attachment",
        headers={
            **NOT_KEPT,
            **(headers or {}),
            # Chromium shows no PDF inside a sandbox; a PDF's own scripts never reach the page.
            "Content-Security-Policy": "default-src 'none'" if mime == _PDF else SANDBOX,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
