"""The texts of Chainlit's own page, in the participant's language.

Chainlit looks for a file named after the browser's language (server.py:800, config.py:566), so that the
page speaks French where ours would speak English. Here the choice is that of everything else:
study.strings.language_of.
"""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from study.loader import LoadedStudy
from study.strings import LANGUAGES, language_of

# Chainlit's names for them.
FILES: Final = {"en": "en-US.json", "de": "de-DE.json", "es": "es.json", "zh-Hans": "zh-CN.json"}


def translation_routes(study: LoadedStudy, folder: Path) -> list[BaseRoute]:
    """Make the route that answers in place of Chainlit's.

    Args:
        study: Its language decides where it has one.
        folder: .chainlit/translations; each of FILES is in it.

    Returns:
        Routes for the front of the app's list.

    Raises:
        OSError: A file is missing.
        ValueError: A file is no JSON.
    """
    answers = {language: _Answer(folder / FILES[language]) for language in LANGUAGES}

    async def translations(request: Request) -> Response:
        accepted = request.headers.get("accept-language", "")
        # A browser that names no languages to servers still tells its page of one.
        accepted = accepted or request.query_params.get("language", "")
        return answers[language_of(accepted, study.definition.language)].to(request)

    return [Route("/project/translations", translations, methods=["GET"], name="project_translations")]


class _Answer:
    """One file as Chainlit's page wants it, compressed once."""

    def __init__(self, path: Path) -> None:
        told = {"translation": json.loads(path.read_text(encoding="utf-8"))}
        self._plain = json.dumps(told, ensure_ascii=False).encode()
        self._zipped = gzip.compress(self._plain, mtime=0)
        self._digest = hashlib.sha256(self._plain).hexdigest()[:32]

    def to(self, request: Request) -> Response:
        """Answer one request."""
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{self._digest}{"-gzip" if zipped else ""}"'
        headers = {
            "Cache-Control": "no-cache",
            "ETag": etag,
            "Vary": "Accept-Language, Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["Content-Encoding"] = "gzip"
        return Response(
            self._zipped if zipped else self._plain, headers=headers, media_type="application/json"
        )
