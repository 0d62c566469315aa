"""An answer that is the same for many requests: compressed and tagged once."""

import gzip
import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from web.compression import accepts_gzip


class PreparedAnswer:
    """Answers each request with the same content, or says that its browser has it already.

    A Response of Starlette's must not be kept for that: middlewares write into its headers.

    Args:
        content: What is answered.
        media_type: Of the content.
        headers: What the answer carries; `Vary` gets `Accept-Encoding` beside what it names.
    """

    def __init__(self, content: bytes, media_type: str, headers: Mapping[str, str]) -> None:
        self._plain = content
        self._zipped = gzip.compress(content, mtime=0)
        self._digest = hashlib.sha256(content).hexdigest()[:32]
        self._media_type = media_type
        vary = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
        self._headers = {"Cache-Control": "no-cache", **headers, "Vary": vary}

    def to(self, request: Request) -> Response:
        """Answer one request."""
        zipped = accepts_gzip(request.headers.get("accept-encoding", ""))
        etag = f'"{self._digest}{"-gzip" if zipped else ""}"'
        headers = self._headers | {"ETag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["Content-Encoding"] = "gzip"
        return Response(self._zipped if zipped else self._plain, headers=headers, media_type=self._media_type)
