"""What the fields offer that choose threads (templates/filters.html); what was chosen, in words."""

from collections.abc import Mapping
from typing import Any, Final

from data_layer.review.asked import ANYBODY, FIELDS, NOBODY
from research.doors import Visit
from study.vocabulary import ThreadState

Options = list[tuple[str, str]]

_LABELS: Final = {
    "q": "said",
    "title": "title has",
    "since": "begun from",
    "until": "begun until",
    "agent": "agent",
    "state": "state",
    "participant": "participant",
    "least": "turns, at least",
    "most": "turns, at most",
    "rating": "rated",
    "error": "error",
    "stopped": "stopped reply",
    "edited": "edited message",
    "deleted": "deleted",
    "tag": "participant’s tag",
    "model": "model",
    "annotated": "annotated",
    "code": "code",
    "by": "annotated by",
    "assigned": "assigned to",
}


async def choices(visit: Visit) -> dict[str, Any]:
    """What the selects of templates/filters.html offer: of each, values and what is shown for them.

    Raises:
        SQLAlchemyError: The database is away.
    """
    record = visit.room.record
    # A coder sees their own annotations and nobody's assignments: there is nothing to choose by.
    everybody = await record.researchers.all() if visit.reads_all else []
    people = [(one.researcher_id, one.name) for one in everybody]
    return {
        "agents": [(agent.name, agent.name) for agent in visit.room.study.definition.agents],
        "states": [(state.value, state.value.capitalize()) for state in ThreadState],
        "codes": [(code.code_id, code.name) for code in await record.codebook.newest()],
        "people": people,
        "coders": [(ANYBODY, "Anybody"), (NOBODY, "Nobody"), *people],
    }


def in_words(where: Mapping[str, Any], offered: Mapping[str, Options]) -> list[tuple[str, str]]:
    """What was chosen, each with its label, for people.

    Args:
        where: Fields of data_layer/review/asked.py that narrow.
        offered: What `choices` gives.
    """
    names = {"code": "codes", "by": "people", "assigned": "coders"}
    said = []
    for field in FIELDS:
        if value := str(where.get(field, "")):
            known = dict(offered[names[field]]) if field in names else {}
            said.append((_LABELS[field], known.get(value, value)))
    return said
