"""What the fields offer that choose threads (templates/filters.html); what was chosen, in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from data_layer.coding.codebook import Code
from data_layer.coding.codebook_tree import tree_of
from data_layer.review.filter_fields import ANYBODY, FIELDS, NOBODY
from research.routing import ResearchRequest
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
    "simulated": "simulated",
    "imported": "imported",
    "least": "turns, at least",
    "most": "turns, at most",
    "rating": "rated",
    "error": "error",
    "stopped": "stopped reply",
    "edited": "edited message",
    "deleted": "deleted",
    "archived": "archived",
    "intent": "intent",
    "tag": "participant’s tag",
    "model": "model",
    "annotated": "annotated",
    "code": "code",
    "by": "annotated by",
    "assigned": "assigned to",
    "coded": "coding",
}


async def choices(visit: ResearchRequest) -> dict[str, Any]:
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
        "codes": _codes(await record.codebook.newest()),
        "people": people,
        "coders": [(ANYBODY, "Anybody"), (NOBODY, "Nobody"), *people],
    }


def _codes(newest: Sequence[Code]) -> Options:
    """The codes as a tree, each with the names of those above it; behind them the retired ones."""
    living = [(one.code.code_id, " / ".join(one.path)) for one in tree_of(newest)]
    return living + [(code.code_id, code.name) for code in newest if code.retired_at is not None]


def filters_in_words(where: Mapping[str, Any], offered: Mapping[str, Options]) -> list[tuple[str, str]]:
    """What was chosen, each with its label, for people.

    Args:
        where: Fields of data_layer/review/filter_fields.py that narrow.
        offered: What `choices` gives.
    """
    names = {"code": "codes", "by": "people", "assigned": "coders"}
    said = []
    for field in FIELDS:
        if value := str(where.get(field, "")):
            known = dict(offered[names[field]]) if field in names else {}
            said.append((_LABELS[field], known.get(value, value)))
    return said
