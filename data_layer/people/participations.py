"""Where participants stand in the study's protocol, and what they have answered so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import PatchRow
from study.vocabulary import MESSAGE_TYPES, Status, StepType

_standing: Final = schema.participations
_visits: Final = schema.stage_visits
_answers: Final = schema.survey_answers
_changes: Final = schema.survey_changes
# A sign of somebody is kept this often at most: a page that is typed in gives many.
SEEN_EACH: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ChatSoFar:
    """What was said in the chat of a stage.

    Args:
        turns: Messages that its participant has written; those that were removed or edited away too.
        said: Whether the thread is there, and anything in it.
    """

    turns: int = 0
    said: bool = False


class Participations:
    """Reads them, and keeps signs of life.

    Args:
        store: Read from, and written through.
        study_id: Of the study that runs.
    """

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._study_id = study_id

    async def of(self, participant_id: str) -> Row | None:
        """Where somebody stands; None before their first page."""
        return await self._store.first(select(_standing).where(_standing.c.participant_id == participant_id))

    async def usable(self) -> int:
        """How many of the study's participants are usable."""
        here = (_standing.c.study_id == self._study_id, _standing.c.usable)
        row = await self._store.first(select(func.count().label("count")).where(*here))
        return int(row["count"]) if row is not None else 0

    async def visit(self, participant_id: str, visit: int) -> Row | None:
        """A page that somebody stood at."""
        here = (_visits.c.participant_id == participant_id, _visits.c.visit == visit)
        return await self._store.first(select(_visits).where(*here))

    async def answers(self, participant_id: str) -> dict[str, Any]:
        """What somebody has answered, by stage and item ("before.support"); of several tries the last."""
        columns = [_answers.c[name] for name in ("stage_id", "item", "answer", "other")]
        query = select(*columns).where(_answers.c.participant_id == participant_id).order_by(_answers.c.visit)
        found: dict[str, Any] = {}
        for row in await self._store.rows(query):
            found[f"{row['stage_id']}.{row['item']}"] = row["answer"]
            if row["other"] is not None:
                found[f"{row['stage_id']}.{row['item']}_other"] = row["other"]
        return {name: value for name, value in found.items() if value is not None}

    async def in_words(self, participant_id: str) -> dict[str, str]:
        """Likewise, each as its page said it: a choice by its words, a number with its unit."""
        columns = [_answers.c[name] for name in ("stage_id", "item", "value_label")]
        query = select(*columns).where(_answers.c.participant_id == participant_id).order_by(_answers.c.visit)
        rows = await self._store.rows(query)
        found = {f"{row['stage_id']}.{row['item']}": row["value_label"] for row in rows}
        return {name: words for name, words in found.items() if words is not None}

    async def drafts(self, participant_id: str, visit: int) -> Mapping[str, Row]:
        """The newest change of each answer that was not sent yet, how many there were and when the first."""
        here = (_changes.c.participant_id == participant_id, _changes.c.visit == visit)
        drafts: dict[str, Row] = {}
        for row in await self._store.rows(select(_changes).where(*here).order_by(_changes.c.seq)):
            before = drafts.get(row["item"])
            first = row["changed_at"] if before is None else before["first_at"]
            count = 1 if before is None else before["changes"] + 1
            drafts[row["item"]] = {"value": row["value"], "changes": count, "first_at": first}
        return drafts

    async def visits_of_kind(self, participant_id: str, kind: str) -> list[int]:
        """The visits of stages of a kind, in their order."""
        here = (_visits.c.participant_id == participant_id, _visits.c.kind == kind)
        rows = await self._store.rows(select(_visits.c.visit).where(*here).order_by(_visits.c.visit))
        return [row["visit"] for row in rows]

    async def chat(self, thread_id: str) -> ChatSoFar:
        """What was said in a thread."""
        steps = schema.steps
        kinds = [kind.value for kind in MESSAGE_TYPES]
        query = (
            select(steps.c.type, func.count())
            .where(steps.c.thread_id == thread_id, steps.c.type.in_(kinds))
            .group_by(steps.c.type)
        )
        async with self._store.database.engine.connect() as connection:
            counts = {row[0]: row[1] for row in await connection.execute(query)}
        return ChatSoFar(counts.get(StepType.USER_MESSAGE.value, 0), bool(counts))

    async def failures(self, thread_id: str) -> int:
        """How many turns of a thread failed since the last answer; a fallback's count with theirs."""
        runs = schema.runs
        answered = select(func.coalesce(func.max(runs.c.seq), 0)).where(
            runs.c.thread_id == thread_id, runs.c.status == Status.COMPLETE.value
        )
        row = await self._store.first(
            select(func.count().label("count")).where(
                runs.c.thread_id == thread_id,
                runs.c.status == Status.FAILED.value,
                runs.c.fallback_for.is_(None),
                runs.c.seq > answered.scalar_subquery(),
            )
        )
        return int(row["count"]) if row is not None else 0

    def seen(self, row: Row) -> None:
        """Keep that somebody gave a sign of themselves, now and then."""
        now = self._store.clock()
        if row["ending"] is None and now - row["seen_at"] >= SEEN_EACH:
            key = {"participant_id": row["participant_id"]}
            self._store.writer.submit(PatchRow("participations", key, {"seen_at": now}, "ending"))

    def code_shown(self, participant_id: str) -> None:
        """Keep when the code of an ending left the server for the first time."""
        shown = {"code_shown_at": self._store.clock()}
        key = {"participant_id": participant_id}
        self._store.writer.submit(PatchRow("participations", key, shown, "code_shown_at"))
