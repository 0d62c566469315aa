"""The study, and who takes part: pseudonyms, and how far each has come."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.problem import ApiProblem
from api.research.shared import Cursor, FromRow, Moment, unknown
from api.research.visitor import ReadsPeople, ReadsThreads
from data_layer.database.ids import is_uuid
from data_layer.review.participants import Standing, is_people_cursor, list_people, read_person
from study.vocabulary import StudyState

router = APIRouter(tags=["Researchers: the study"])


class ResearchStudy(BaseModel):
    """A study."""

    id: str
    title: str
    fingerprint: str = Field(description="SHA-256 over its files: another one is another study.")
    state: StudyState
    agents: list[str] = Field(description="Those that can answer in it.")


class StudyList(BaseModel):
    """The studies that this server holds: one."""

    studies: list[ResearchStudy]


class ResearchParticipant(FromRow):
    """A participant, without who they are."""

    participant_id: str = Field(description="Their pseudonym.")
    source: str = Field(
        description="How they came, such as login; simulation is a program that tried the study, import one "
        "whose conversations were held elsewhere."
    )
    created_at: Moment
    threads: int
    messages: int
    ended: int = Field(description="Threads that ended.")
    last_activity_at: Moment | None
    withdrawn_at: Moment | None
    standing: Standing


class ParticipantPage(BaseModel):
    """A page of participants."""

    participants: list[ResearchParticipant]
    next_cursor: str | None = Field(description="For the page after it; null on the last.")


class ThreadOfParticipant(FromRow):
    """A thread of a participant's."""

    thread_id: str
    title: str
    agent: str | None
    state: str
    message_count: int
    created_at: Moment
    last_activity_at: Moment
    deleted_at: Moment | None
    imported: bool = Field(description="It was held elsewhere, and imported: it is none of the study's own.")
    good: int = Field(description="Replies rated good.")
    bad: int = Field(description="Replies rated bad.")


class ParticipantWithThreads(ResearchParticipant):
    """A participant, and their newest threads."""

    their_threads: list[ThreadOfParticipant] = Field(description="The newest first, 500 at most.")


@router.get("/research/studies", summary="List studies")
async def studies(visitor: ReadsThreads) -> StudyList:
    """List the studies of this server. It holds one; another server holds another."""
    await visitor.note("study_read")
    context = visitor.context
    definition = context.study.definition
    one = ResearchStudy(
        id=definition.id,
        title=definition.title,
        fingerprint=context.study.fingerprint,
        state=context.record.controls.known,
        agents=[agent.name for agent in definition.agents],
    )
    return StudyList(studies=[one])


@router.get("/research/participants", summary="List participants")
async def participants(
    visitor: ReadsPeople,
    standing: Annotated[Standing | None, Query(description="Only those who have come so far.")] = None,
    cursor: Cursor = None,
) -> ParticipantPage:
    """List participants by their pseudonyms, who came last first."""
    if cursor and not is_people_cursor(cursor):
        raise ApiProblem(422, "no_such_cursor", "This is no page's cursor.", field="query.cursor")
    await visitor.note("participants_listed", **({"standing": standing.value} if standing else {}))
    record = visitor.context.record
    page = await list_people(record.read_database, record.now(), standing, cursor)
    shown = [ResearchParticipant.model_validate(row) for row in page.rows]
    return ParticipantPage(participants=shown, next_cursor=page.next_cursor)


@router.get("/research/participants/{participant_id}", summary="Read a participant")
async def participant(
    visitor: ReadsPeople, participant_id: Annotated[str, Path(max_length=40)]
) -> ParticipantWithThreads:
    """Read what a participant has done. Who they are never leaves by this door."""
    record = visitor.context.record
    known = is_uuid(participant_id)
    person = await read_person(record.read_database, participant_id, record.now()) if known else None
    if person is None:
        raise unknown("participant")
    await visitor.note("participant_read", participant_id)
    return ParticipantWithThreads.model_validate(person.row | {"their_threads": person.threads})
