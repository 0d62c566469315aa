"""The study's seed and its ledger of places: drawn and begun on first use, read by whoever proves them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.protocol_writes import ReopenPlace
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow
from study.assignment import (
    AssignmentPlan,
    LedgerEvent,
    LedgerRow,
    TurnLevel,
    ledger_name,
    level_of_turn,
    new_seed,
    plan_to_json,
    seal,
)
from study.protocol.conditions import SEALED

_seeds: Final = schema.seeds
_ledgers: Final = schema.ledgers
_rows: Final = schema.assignments
_standing: Final = schema.participations


class Assignments:
    """Seeds, ledgers and places of the running study.

    Args:
        store: Read from, and written through.
        study_id: Of the study that runs.
    """

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._study_id = study_id
        self._begun: set[str] = set()
        self._drawn_from: dict[str, str] = {}

    async def seed_hash(self, said: str) -> str:
        """The SHA-256 of the study's seed, which is drawn where it is sealed and was not yet.

        Args:
            said: As the study file says it.

        Raises:
            DatabaseError: It could not be kept.
            SQLAlchemyError: The database is away.
        """
        return str((await self._seed(said))["seed_hash"])

    async def level_of(
        self, said: str, participant_id: str, thread_id: str, turn: int, chances: Mapping[str, Fraction]
    ) -> TurnLevel:
        """The level of a turn, the same whenever it is asked.

        Args:
            said: The study's seed, as its file says it.
            participant_id: Whose turn it is.
            thread_id: In which thread.
            turn: Its number.
            chances: How likely each level is.

        Raises:
            DatabaseError: The seed could not be kept.
            SQLAlchemyError: The database is away.
        """
        if said not in self._drawn_from:
            self._drawn_from[said] = str((await self._seed(said))["seed"])
        return level_of_turn(self._drawn_from[said], participant_id, thread_id, turn, chances)

    async def seed_when_ended(self, said: str, *, has_ended: bool) -> str | None:
        """The seed itself; None for as long as it is sealed and the study has not ended.

        Args:
            said: As the study file says it.
            has_ended: Whether it has.
        """
        return str((await self._seed(said))["seed"]) if has_ended or said != SEALED else None

    async def ledger_of(self, plan: AssignmentPlan, said: str) -> str:
        """The ledger of a plan; begun where it is not there yet.

        Args:
            plan: The study's, without complaints.
            said: Its seed, as the study file says it.

        Raises:
            DatabaseError: It could not be kept.
            SQLAlchemyError: The database is away.
        """
        seed = await self._seed(said)
        ledger_id = ledger_name(self._study_id, plan, seed["seed_hash"])
        if ledger_id not in self._begun:
            row = {
                "ledger_id": ledger_id,
                "study_id": self._study_id,
                "plan": plan_to_json(plan),
                "seed_id": seed["seed_id"],
                "created_at": self._store.clock(),
            }
            await self._store.commit(InsertRow("ledgers", row))
            self._begun.add(ledger_id)
        return ledger_id

    async def rows(self, ledger_id: str) -> list[LedgerRow]:
        """All rows of a ledger, in order, as study/assignment replays them."""
        query = select(_rows).where(_rows.c.ledger_id == ledger_id).order_by(_rows.c.seq)
        return [
            LedgerRow(
                row["seq"],
                row["event"],
                row["place_id"],
                row["condition"],
                row["participant_id"],
                row["reason"],
                row["inputs"],
                row["draw"],
            )
            for row in await self._store.rows(query)
        ]

    async def open_silent(self, ledger_id: str, silent_since: datetime, most: int) -> int:
        """Open the places of participants who were not seen since.

        Each by itself, and asked again where it is written: of several processes one opens it.

        Args:
            ledger_id: In which ledger.
            silent_since: When they were last to be seen.
            most: How many at once.

        Returns:
            How many this process has opened.

        Raises:
            SQLAlchemyError: The database is away.
        """
        query = (
            select(_standing.c.participant_id)
            .where(
                _standing.c.study_id == self._study_id,
                _standing.c.place.in_((LedgerEvent.ASSIGNED.value, LedgerEvent.RESUMED.value)),
                _standing.c.ending.is_(None),
                _standing.c.seen_at <= silent_since,
            )
            .order_by(_standing.c.seen_at)
            .limit(most)
        )
        now = self._store.clock()
        found = [row["participant_id"] for row in await self._store.rows(query)]
        writes = [ReopenPlace(one, ledger_id, silent_since, now) for one in found]
        outcomes = [self._store.writer.submit(write) for write in writes]
        done = [await outcome for outcome in outcomes]
        return sum(1 for outcome in done if outcome.reason is None and not outcome.journaled)

    async def _seed(self, said: str) -> Row:
        found = await self._kept_seed(said)
        if found is None:
            seed = new_seed() if said == SEALED else said
            row = {
                "seed_id": str(uuid.uuid4()),
                "study_id": self._study_id,
                "seed": seed,
                "seed_hash": seal(seed),
                "sealed": said == SEALED,
                "created_at": self._store.clock(),
            }
            await self._store.commit(InsertRow("seeds", row))
            # Of two processes that draw at once one has drawn: both go on from what stands.
            found = await self._kept_seed(said)
        assert found is not None, "a seed that was committed is there"
        return found

    async def _kept_seed(self, said: str) -> Row | None:
        here = _seeds.c.sealed if said == SEALED else _seeds.c.seed_hash == seal(said)
        return await self._store.first(select(_seeds).where(_seeds.c.study_id == self._study_id, here))


def answers_in(rows: Sequence[tuple[str, Row]]) -> Row:
    """What a survey that is just sent answers, by stage and item: it is not in the database yet."""
    found = {
        f"{row['stage_id']}.{row['item']}": row["answer"] for table, row in rows if table == "survey_answers"
    }
    return {name: value for name, value in found.items() if value is not None}
