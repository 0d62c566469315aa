"""Which threads: what a filter may ask, and how the database is asked it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from data_layer.coding.codebook_tree import ids_below
from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.people.participants import IMPORTED, SIMULATED
from data_layer.search.index import indexed_words, thread_ids_of, titled_threads
from study.vocabulary import Status, StepType

_THREADS: Final = schema.threads
NO_INTENT: Final = "none"


@dataclass(frozen=True)
class ThreadFilter:
    """Which threads; what is None or empty does not narrow.

    Args:
        since: Begun at or after.
        before: Begun before.
        title: Words that stand in its title, the last at least begun.
        agent: Its name.
        state: Of study.vocabulary.ThreadState.
        participant: The participant_id, or how it begins.
        simulated: Whether its participant is simulated.
        imported: Whether it was held elsewhere, and imported.
        least_turns: At least so many participant's messages stand.
        most_turns: At most so many.
        rating: 1 up, 0 down: a current rating of a reply.
        error: Whether a run has failed.
        stopped: Whether a run was stopped.
        edited: Whether a participant has said a message otherwise.
        deleted: Whether it was deleted by its participant.
        archived: Whether it is archived.
        intent: How one of its intents stands (study.intents.IntentState), or "none": it has none.
        tag: One of its tags, as it is written.
        model: As it was asked for.
        annotated: Whether it bears an annotation: a code or a note, on it or on anything in it; such a one
            as the two below say, which are of one that it bears unless this is False.
        code: The code_id of the annotation, or of one that its code stands under.
        annotated_by: The researcher_id of who made it.
        assigned: Whether somebody has it to code.
        assigned_to: The researcher_id of who has it to code.
        finished: Whether somebody who has it to code, or the one above, has said that it is coded.
    """

    since: datetime | None = None
    before: datetime | None = None
    title: str = ""
    agent: str = ""
    state: str = ""
    participant: str = ""
    simulated: bool | None = None
    imported: bool | None = None
    least_turns: int | None = None
    most_turns: int | None = None
    rating: int | None = None
    error: bool | None = None
    stopped: bool | None = None
    edited: bool | None = None
    deleted: bool | None = None
    archived: bool | None = None
    intent: str = ""
    tag: str = ""
    model: str = ""
    annotated: bool | None = None
    code: str = ""
    annotated_by: str = ""
    assigned: bool | None = None
    assigned_to: str = ""
    finished: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lets every thread through."""
        return self == ThreadFilter()


def of_coder(filter: ThreadFilter, researcher_id: str) -> ThreadFilter:
    """What a filter leaves of what a coder reads: their own threads and annotations."""
    of_annotations = filter.annotated is not None or filter.code or filter.annotated_by
    return replace(
        filter,
        assigned=None,
        assigned_to=researcher_id,
        annotated_by=researcher_id if of_annotations else "",
    )


def conditions(filter: ThreadFilter, dialect: str) -> list[ColumnElement[bool]]:
    """What a filter asks of a row of `threads`, for this table and for the search alike.

    Args:
        filter: Which threads.
        dialect: "sqlite" or "postgresql".
    """
    return [
        *_own(filter),
        *_turns(filter),
        *_rare(filter),
        *_tagged(filter, dialect),
        *_titled(filter, dialect),
        *_made_of_it(filter),
    ]


def _own(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    """What the row itself tells."""
    asked: list[ColumnElement[bool]] = []
    if filter.since is not None:
        asked.append(_THREADS.c.created_at >= filter.since)
    if filter.before is not None:
        asked.append(_THREADS.c.created_at < filter.before)
    if filter.agent:
        asked.append(_THREADS.c.agent == filter.agent)
    if filter.state:
        asked.append(_THREADS.c.state == filter.state)
    if filter.participant:
        asked.append(_of(filter.participant))
    if filter.simulated is not None:
        asked.append(_came(SIMULATED, filter.simulated))
    if filter.imported is not None:
        asked.append(_came(IMPORTED, filter.imported))
    if filter.deleted is not None:
        gone = _THREADS.c.deleted_at.is_not(None)
        asked.append(gone if filter.deleted else ~gone)
    if filter.archived is not None:
        away = _THREADS.c.archived_at.is_not(None)
        asked.append(away if filter.archived else ~away)
    return asked


def _of(participant: str) -> ColumnElement[bool]:
    whose, gone = _THREADS.c.participant_id, _THREADS.c.deleted_at
    if not is_uuid(participant):
        return whose.startswith(participant, autoescape=True)
    # One index by participant has the deleted threads, another the rest: of 100,000 0.2 ms, not 50.
    return or_(and_(whose == participant, gone.is_(None)), and_(whose == participant, gone.is_not(None)))


def _came(source: str, wanted: bool) -> ColumnElement[bool]:
    """A look at the participant of each thread, by its key, which stops when the page is full."""
    people = schema.participants
    this_way = people.c.source == literal(source, literal_execute=True)
    is_one = (
        select(people.c.participant_id)
        .where(people.c.participant_id == _THREADS.c.participant_id, this_way)
        .correlate(_THREADS)
        .exists()
    )
    return is_one if wanted else ~is_one


def _turns(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if filter.least_turns is not None:
        asked.append(_THREADS.c.turn_count >= filter.least_turns)
    if filter.most_turns is not None:
        asked.append(_THREADS.c.turn_count <= filter.most_turns)
    return asked


def _rare(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    """What few threads have, found by its own index and not by a look into each thread."""
    runs, steps, ratings, calls = schema.runs, schema.steps, schema.ratings, schema.llm_calls
    # `status <> 'complete'` is said again because it is what ix_runs_unwell is of.
    unwell = select(runs.c.thread_id).where(
        runs.c.status != literal(Status.COMPLETE.value, literal_execute=True)
    )
    asked = [
        _among(filter.error, unwell.where(runs.c.status == Status.FAILED.value)),
        _among(filter.stopped, unwell.where(runs.c.status == Status.STOPPED.value)),
        _among(
            filter.edited,
            select(steps.c.thread_id).where(
                steps.c.revision > literal(1, literal_execute=True),
                steps.c.type == StepType.USER_MESSAGE.value,
            ),
        ),
    ]
    if filter.intent:
        asked.append(_with_intent(filter.intent))
    if filter.rating is not None:
        current = ratings.c.is_current & ratings.c.deleted_at.is_(None)
        asked.append(
            _among(True, select(ratings.c.thread_id).where(current, ratings.c.value == filter.rating))
        )
    if filter.model:
        # Most threads may have the model: a look into each, which stops when the page is full.
        called = calls.c.thread_id == _THREADS.c.thread_id
        asked.append(
            select(calls.c.llm_call_id)
            .where(called, calls.c.gen_ai_request_model == filter.model)
            .correlate(_THREADS)
            .exists()
        )
    return asked


def _with_intent(state: str) -> ColumnElement[bool]:
    intents = schema.intents
    there = select(intents.c.thread_id).where(intents.c.deleted_at.is_(None))
    return _among(False, there) if state == NO_INTENT else _among(True, there.where(intents.c.state == state))


def _among(wanted: bool | None, thread_ids: Any) -> ColumnElement[bool]:
    if wanted is None:
        return true()
    return _THREADS.c.thread_id.in_(thread_ids) if wanted else _THREADS.c.thread_id.not_in(thread_ids)


def _tagged(filter: ThreadFilter, dialect: str) -> list[ColumnElement[bool]]:
    if not filter.tag:
        return []
    if dialect == "postgresql":
        return [cast(_THREADS.c.tags, JSONB).contains([filter.tag])]
    each = func.json_each(_THREADS.c.tags).table_valued("value")
    return [select(each.c.value).where(cast(each.c.value, Text) == filter.tag).exists()]


def _titled(filter: ThreadFilter, dialect: str) -> list[ColumnElement[bool]]:
    if not filter.title:
        return []
    words = indexed_words(filter.title)
    return [_THREADS.c.thread_id.in_(thread_ids_of(titled_threads(dialect, words)))] if words else [false()]


def _made_of_it(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    """What researchers have made of it, and who is to."""
    notes, given = schema.annotations, schema.coding_assignments
    # Asked together, code and author are of one annotation: which somebody gave, or did not give.
    living = select(notes.c.thread_id).where(notes.c.deleted_at.is_(None))
    if filter.code:
        living = living.where(notes.c.code_id.in_(ids_below(filter.code)))
    if filter.annotated_by:
        living = living.where(notes.c.researcher_id == filter.annotated_by)
    wanted = filter.annotated
    if wanted is None and (filter.code or filter.annotated_by):
        wanted = True
    going_on = select(given.c.thread_id).where(given.c.ended_at.is_(None))
    asked = [_among(wanted, living), _among(filter.assigned, going_on)]
    if filter.finished is not None:
        done = given.c.finished_at.is_not(None)
        going_on = going_on.where(done if filter.finished else ~done)
    if filter.assigned_to:
        going_on = going_on.where(given.c.researcher_id == filter.assigned_to)
    if filter.assigned_to or filter.finished is not None:
        asked.append(_among(True, going_on))
    return asked
