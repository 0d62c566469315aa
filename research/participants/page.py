"""Participants: the list, one of them, and, when it is asked for, who they are."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.database.rows import Row
from data_layer.people.participants import ACCOUNT, LINK, USER_NAME
from data_layer.review.participants import Person, Standing, identities_of, list_people, read_person
from data_layer.review.taking_part import path_taken
from research.conditions import has_conditions, sees_conditions
from research.overview.figures import WAYS_IN
from research.participants.narrowing import asked_flow
from research.participants.path import drawn_path
from research.routing import ResearchRequest, ResearchRoutes
from study.roles import Right
from web.problem import HttpProblem

_NOT_HERE: Final = "There is no such participant."
# A recruiting service's ids are called as it calls them.
KINDS: Final = {USER_NAME: "Name", ACCOUNT: "Account", LINK: "Personal link"}
MEANS: Final = {
    Standing.ACTIVE: "wrote within 5 minutes, and is still connected",
    Standing.FINISHED: "has a thread that ended",
    Standing.ABANDONED: "no thread ended, and nothing written for over 24 hours",
    Standing.UNDER_WAY: "wrote within 24 hours, or came within them",
    Standing.WITHDRAWN: "all that they said is erased",
}


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The list, one participant, and their identities."""
    one = "/participants/{participant_id}"
    return [
        doors.route("/participants", _list, Right.OVERVIEW),
        doors.route(one, _show, Right.OVERVIEW),
        doors.route(f"{one}/identity", _identify, Right.IDENTITIES, ("POST",)),
    ]


async def _list(visit: ResearchRequest) -> Response:
    asked = visit.query("standing")
    standing = Standing(asked) if asked in set(Standing) else None
    record, protocol = visit.room.record, visit.room.study.definition.protocol
    narrowed = asked_flow(visit.query, protocol, sees_conditions=await sees_conditions(visit))
    after = visit.query("after")
    page = await list_people(record.read_database, record.now(), standing, after or None, narrowed.filter)
    return visit.draw(
        "participants.html",
        page=page,
        standing=standing,
        means=MEANS,
        ways=WAYS_IN,
        after=after,
        narrowed=narrowed,
        protocol=protocol,
        address=narrowed.address(standing.value if standing else ""),
    )


async def _show(visit: ResearchRequest) -> Response:
    person = await _asked_for(visit)
    await visit.note("participant_read", person.row["participant_id"])
    return await _draw(visit, person, None)


async def _identify(visit: ResearchRequest) -> Response:
    """Answers the page itself: no address leads to a name."""
    person = await _asked_for(visit)
    participant_id = person.row["participant_id"]
    await visit.note("identity_read", participant_id)
    return await _draw(visit, person, await identities_of(visit.room.record.read_database, participant_id))


async def _draw(visit: ResearchRequest, person: Person, identities: list[Row] | None) -> Response:
    protocol, sees = visit.room.study.definition.protocol, await sees_conditions(visit)
    path = None
    if protocol is not None and visit.may(Right.READ):
        database, whose = visit.room.record.read_database, person.row["participant_id"]
        path = await path_taken(database, whose, with_condition=sees)
    return visit.draw(
        "participant.html",
        person=person.row,
        threads=person.threads,
        good=sum(thread["good"] for thread in person.threads),
        bad=sum(thread["bad"] for thread in person.threads),
        identities=identities,
        protocol=protocol,
        path=drawn_path(path, visit.room.record.now()) if path else None,
        has_conditions=has_conditions(visit),
        sees_conditions=sees,
        kinds=KINDS,
        means=MEANS,
        ways=WAYS_IN,
    )


async def _asked_for(visit: ResearchRequest) -> Person:
    record = visit.room.record
    person = await read_person(record.read_database, visit.path("participant_id"), record.now())
    if person is None:
        raise HttpProblem(404, _NOT_HERE)
    return person
