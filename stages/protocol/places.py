"""Places of the study's assignment, as participants come to them, fill them, leave them and come back."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database.rows import Row
from data_layer.people.assignment import answers_in
from data_layer.record import Record
from data_layer.writing.protocol_writes import ResumePlace
from study.assignment import LedgerEvent
from study.errors import DatabaseError
from study.loader import LoadedStudy
from study.protocol.assigning import fills, group_of, opened_because, plan_of
from study.protocol.definition import FULL

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 10.0
_AT_ONCE: Final = 200


class StudyPlaces:
    """The places of the running study; of one that assigns nobody there are none.

    Args:
        record: Where the ledger is kept.
        study: What runs; it has a protocol.
    """

    def __init__(self, record: Record, study: LoadedStudy) -> None:
        assert study.definition.protocol is not None, "a study without a protocol has no places"
        self._record = record
        self._protocol = study.definition.protocol
        self._rule = self._protocol.assign
        self._plan = plan_of(self._protocol, study.surveys)

    async def assign(self, participant_id: str, stage_id: str, row: Row, sent: Any = ()) -> dict[str, Any]:
        """What a move writes besides where somebody gets a place with it.

        Args:
            participant_id: Who moves.
            stage_id: The stage that they come to.
            row: Theirs of `participations`.
            sent: The rows that the move keeps.

        Returns:
            Fields of the write; none where they get no place.

        Raises:
            DatabaseError: The ledger could not be begun.
            SQLAlchemyError: The database is away.
        """
        rule = self._rule
        if rule is None or self._plan is None or stage_id != rule.at or row["condition"] is not None:
            return {}
        answers = {**await self._record.participations.answers(participant_id), **answers_in(sent)}
        try:
            stratum, levels = group_of(rule, answers)
        except KeyError as missing:
            # The file asks since for what they were never asked: they go on without a condition.
            log.error("not_assigned", participant_id=participant_id, unanswered=str(missing))
            return {}
        assign = {
            "ledger": await self._record.assignments.ledger_of(self._plan, rule.seed),
            "stratum": stratum,
            "levels": levels,
            "fill": rule.filled_by == "started",
        }
        no_place = {
            "ending": FULL,
            "ended_at": self._record.now(),
            "usable": False,
            "why_not": "ended as full",
        }
        return {"assign": assign, "no_place": no_place}

    async def left(self, row: Row, ending: str, usable: bool) -> Row | None:
        """What becomes of the place of somebody who ends; None where they have none, or keep it.

        Args:
            row: Theirs of `participations`.
            ending: How they end.
            usable: Whether their data are meant to be analysed.
        """
        if self._rule is None or self._plan is None or row["place"] in (None, LedgerEvent.FILLED.value):
            return None
        ledger = await self._record.assignments.ledger_of(self._plan, self._rule.seed)
        because = None if fills(self._rule, ending, usable) else opened_because(self._protocol, ending).value
        return {"ledger": ledger, "opened": because}

    async def back(self, row: Row) -> None:
        """Somebody gives a sign: where their place was opened they take it back, if nobody else has it."""
        if self._rule is None or self._plan is None or row["ending"] is not None:
            return
        if row["place"] == LedgerEvent.OPENED.value:
            ledger = await self._record.assignments.ledger_of(self._plan, self._rule.seed)
            await self._record.writer.submit(ResumePlace(row["participant_id"], ledger, self._record.now()))

    async def open_silent(self) -> int:
        """Open the places of those who gave no sign for as long as a place is held.

        Returns:
            How many this process has opened.

        Raises:
            DatabaseError: The ledger could not be begun.
            SQLAlchemyError: The database is away.
        """
        if self._rule is None or self._plan is None:
            return 0
        assignments = self._record.assignments
        ledger = await assignments.ledger_of(self._plan, self._rule.seed)
        silent_since = self._record.now() - timedelta(seconds=self._rule.held_for)
        count = 0
        while opened := await assignments.open_silent(ledger, silent_since, _AT_ONCE):
            count += opened
        return count

    async def open_forever(self) -> None:
        """Look again and again."""
        while True:
            try:
                if count := await self.open_silent():
                    log.info("silent_places_opened", count=count)
            except (SQLAlchemyError, OSError, DatabaseError) as error:
                log.warning("silent_places_not_opened", error_type=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)
