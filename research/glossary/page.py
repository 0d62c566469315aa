"""All words with their meanings."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from research.routing import ResearchRequest, ResearchRoutes
from research.terms import MEANINGS, anchor
from study.roles import Right


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """One page."""
    return [doors.route("/glossary", _show, Right.ENTER)]


async def _show(visit: ResearchRequest) -> Response:
    words = sorted(MEANINGS.items(), key=lambda one: one[0].lower())
    return visit.draw("glossary.html", words=[(word, anchor(word), meaning) for word, meaning in words])
