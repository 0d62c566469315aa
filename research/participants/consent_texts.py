"""The very text that somebody was shown before they agreed, found by its hash."""

import json
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.review.taking_part import consent_text
from research.routing import ResearchRequest, ResearchRoutes
from study.roles import Right
from web.problem import HttpProblem

_HASH_LENGTH: Final = 64


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """A text."""
    return [doors.route("/consents/{text_hash}", _show, Right.OVERVIEW)]


async def _show(visit: ResearchRequest) -> Response:
    text_hash = visit.path("text_hash")
    is_hash = len(text_hash) == _HASH_LENGTH and text_hash.isascii() and text_hash.isalnum()
    row = await consent_text(visit.room.record.read_database, text_hash) if is_hash else None
    if row is None:
        raise HttpProblem(404, "Nobody was shown a consent with this hash.")
    shown = json.loads(row["text"])
    return visit.draw("consent_text.html", row=row, text=shown["text"], boxes=shown["boxes"])
