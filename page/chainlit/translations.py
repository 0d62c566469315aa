"""The texts of Chainlit's own page, in the participant's language.

Chainlit looks for a file named after the browser's language (server.py:800, config.py:566), so that the
page speaks French where ours would speak English. Here the choice is that of everything else:
study.strings.language_of.
"""

import json
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from study.file_text import read_text
from study.language import language_for
from study.loader import LoadedStudy
from study.strings import LANGUAGES
from web.prepared import PreparedAnswer

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
    answers = {language: _answer(folder / FILES[language]) for language in LANGUAGES}

    async def translations(request: Request) -> Response:
        # A browser that names no languages to servers still tells its page of one.
        told = request.query_params.get("language", "")
        return answers[language_for(request.headers, study.definition.language, told=told)].to(request)

    return [Route("/project/translations", translations, methods=["GET"], name="project_translations")]


def _answer(path: Path) -> PreparedAnswer:
    """One file as Chainlit's page wants it."""
    told = json.dumps({"translation": json.loads(read_text(path))}, ensure_ascii=False).encode()
    headers = {"Vary": "Accept-Language", "X-Content-Type-Options": "nosniff"}
    return PreparedAnswer(told, "application/json", headers)
