"""Goes through the protocol with each participant: where they stand, what they send, how it ends.

What is shown and what is refused follows from the record alone. A page that was drawn for an earlier visit
changes nothing, and its participant gets the present one.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.protocol_writes import BeginParticipation, MoveParticipation
from data_layer.writing.writes import InsertRow
from stages.chat.handler import thread_of
from stages.chat.where import ChatNow
from stages.consent.anew import AskedAnew, agrees, refused_at_first
from stages.protocol.handling import AtStage, Posted, Posting
from stages.protocol.places import StudyPlaces
from stages.protocol.registry import HANDLERS
from stages.protocol.usable import why_not_usable
from study.assignment import TurnLevel
from study.errors import WriteRefused
from study.limits import ThreadAllowance
from study.loader import LoadedStudy
from study.protocol import machine
from study.protocol.definition import FULL, WITHDREW, Protocol
from study.protocol.each_turn import probabilities_of
from study.protocol.machine import Moved, Position
from study.protocol.stages import ChatDefinition, ConsentDefinition, Ending, StageDefinition, StageKind
from study.reasons import Reason
from study.strings import Strings
from study.text import storable_json


@dataclass(frozen=True)
class Present:
    """Where somebody stands now, and what their page shows.

    Args:
        position: Where.
        stage: Its definition; None where taking part has ended.
        shown: What the stage's template is given.
        ending: How it ended; None while it goes on.
        number: Of the stage, from 1.
        count: Of all stages.
        problems: What was wrong with what the page sent, by field.
        receipt: Of their withdrawal, where they have just withdrawn.
    """

    position: Position
    stage: StageDefinition | None
    shown: Mapping[str, Any] = field(default_factory=dict)
    ending: Ending | None = None
    number: int = 0
    count: int = 0
    problems: Mapping[str, str] = field(default_factory=dict)
    receipt: Row | None = None


class StudyProtocol:
    """The protocol of the running study.

    Args:
        record: Where everybody's place is kept.
        study: What runs; it has a protocol.
    """

    def __init__(self, record: Record, study: LoadedStudy) -> None:
        protocol = study.definition.protocol
        if protocol is None:
            raise ValueError("the study has no protocol")
        self._record = record
        self._study = study
        self.definition: Protocol = protocol
        self.places = StudyPlaces(record, study)
        self._asked = AskedAnew(record, study)

    async def present(self, participant_id: str, strings: Strings, again: int = 0) -> Present:
        """Where somebody stands; whoever is new enters the first stage.

        Args:
            participant_id: Who.
            strings: In their language.
            again: The visit whose page was sent with something wrong: what that is is told once more.

        Raises:
            DatabaseError: The database does not answer.
            SQLAlchemyError: Likewise.
            WriteRefused: They have withdrawn.
        """
        row = await self._record.participations.of(participant_id)
        if row is None:
            row = await self._begin(participant_id, strings)
        position = position_of(row)
        back = machine.come_back(self.definition, position, self._record.now())
        if back is not None:
            position = await self._keep(participant_id, position, Posting(), back, strings)
        else:
            await self._sign(row)
        problems: Mapping[str, str] = {}
        if position.ending is None and (anew := await self._asked.stage_of(participant_id, row)) is not None:
            here = self._here(participant_id, position, strings, anew)
            problems = await HANDLERS[StageKind.CONSENT].again(here) if position.visit == again else {}
            return await self._shown(participant_id, position, strings, problems, anew)
        if position.ending is None and position.visit == again:
            here = self._here(participant_id, position, strings)
            problems = await HANDLERS[StageKind(here.stage.kind)].again(here)
        return await self._shown(participant_id, position, strings, problems)

    async def position(self, participant_id: str) -> Position | None:
        """Where somebody stands, and nothing more; None before their first page."""
        row = await self._record.participations.of(participant_id)
        return None if row is None else position_of(row)

    async def chat_now(self, participant_id: str) -> ChatNow | None:
        """The chat that somebody stands in; None where they stand elsewhere."""
        row = await self._record.participations.of(participant_id)
        if row is None or row["ending"] is not None:
            return None
        stage = self.definition.stage(row["stage_id"])
        if not isinstance(stage, ChatDefinition):
            return None
        if await self._asked.stage_of(participant_id, row) is not None:
            return None
        await self._sign(row)
        bounds = ThreadAllowance(
            messages=stage.turns.most, minutes=stage.minutes.most, at_least=stage.turns.least or 0
        )
        thread_id = thread_of(participant_id, row["visit"])
        may = frozenset(stage.participant_may)
        return ChatNow(thread_id, row["entered_at"], bounds, row["condition"], may)

    async def level_of(self, participant_id: str, thread_id: str, turn: int) -> TurnLevel | None:
        """What is drawn for a turn of somebody's; None where nothing is."""
        chances = probabilities_of(self.definition.turn_levels)
        if not chances:
            return None
        seed = self.definition.seed
        return await self._record.assignments.level_of(seed, participant_id, thread_id, turn, chances)

    async def take(self, participant_id: str, visit: int, posted: Posted, strings: Strings) -> Present:
        """Take what a page sent.

        Args:
            participant_id: Whose page it is.
            visit: For which it was drawn.
            posted: Its fields.
            strings: In their language.

        Returns:
            Where they stand now; where something is wrong with it, the same page with what that is.

        Raises:
            DatabaseError: The database does not answer.
            SQLAlchemyError: Likewise.
            WriteRefused: They have withdrawn.
        """
        row = await self._record.participations.of(participant_id)
        if row is None or row["ending"] is not None or row["visit"] != visit:
            return await self.present(participant_id, strings)
        position = position_of(row)
        if (anew := await self._asked.stage_of(participant_id, row)) is not None:
            return await self._decide_anew(participant_id, position, anew, posted, strings)
        here = self._here(participant_id, position, strings)
        posting = await HANDLERS[StageKind(here.stage.kind)].take(here, posted)
        if posting.move is None:
            await self._keep_drafts(here, posting.drafts)
            return await self._shown(participant_id, position, strings, posting.problems)
        try:
            moved = machine.move(self.definition, position, visit, posting.move, self._record.now())
        except machine.TooEarly:
            return await self._shown(participant_id, position, strings)
        position = await self._keep(participant_id, position, posting, moved, strings)
        if position.ending == WITHDREW:
            receipt = await self._record.withdrawals.withdraw(participant_id, "participant")
            return Present(position, None, receipt=receipt)
        return await self._shown(participant_id, position, strings)

    async def _decide_anew(
        self,
        participant_id: str,
        position: Position,
        stage: ConsentDefinition,
        posted: Posted,
        strings: Strings,
    ) -> Present:
        """Take a decision on a new version: who agrees goes on from where they stand."""
        here = self._here(participant_id, position, strings, stage)
        here = replace(
            here, position=replace(position, entered_at=self._asked.asked_at(participant_id, stage))
        )
        posting = await HANDLERS[StageKind.CONSENT].take(here, posted)
        if posting.problems:
            await self._keep_drafts(here, posting.drafts)
            return await self._shown(participant_id, position, strings, posting.problems, stage)
        if agrees(stage, posting):
            await self._record.store.commit(*(InsertRow(table, row) for table, row in posting.rows))
            return await self.present(participant_id, strings)
        ended = machine.end(position, position.visit, stage.otherwise, self._record.now())
        position = await self._keep(participant_id, position, posting, ended, strings)
        return await self._shown(participant_id, position, strings)

    async def keep_change(self, participant_id: str, visit: int, item: str, value: Any) -> bool:
        """Keep an answer as it is made; a stale page's is not kept.

        Returns:
            Whether it was taken.
        """
        position = await self.position(participant_id)
        if position is None or position.visit != visit or position.ending is not None:
            return False
        await self._record.writer.submit(self._change(participant_id, position, item, value))
        return True

    async def _keep_drafts(self, here: AtStage, sent: Mapping[str, Any]) -> None:
        """Keep what a page sent that could not be taken: the page that is asked for next shows it."""
        drafts = await self._record.participations.drafts(here.participant_id, here.position.visit)
        kept = {item: draft["value"] for item, draft in drafts.items()}
        writes = [
            self._change(here.participant_id, here.position, item, value)
            for item, value in sent.items()
            if kept.get(item) != storable_json(value)
        ]
        if writes:
            await self._record.store.commit(*writes)

    def _change(self, participant_id: str, position: Position, item: str, value: Any) -> InsertRow:
        row = {
            "change_id": str(uuid.uuid4()),
            "participant_id": participant_id,
            "seq": self._record.take_order(),
            "stage_id": position.stage,
            "visit": position.visit,
            "item": item,
            "value": storable_json(value),
            "changed_at": self._record.now(),
        }
        return InsertRow("survey_changes", row)

    def _here(
        self,
        participant_id: str,
        position: Position,
        strings: Strings,
        stage: StageDefinition | None = None,
    ) -> AtStage:
        stage = stage or self.definition.stage(position.stage)
        condition = position.condition or ""
        return AtStage(self._record, self._study, participant_id, position, stage, strings, condition)

    async def _sign(self, row: Row) -> None:
        """Somebody gives a sign of themselves: their place is held for them, or they take it back."""
        self._record.participations.seen(row)
        await self.places.back(row)

    async def _begin(self, participant_id: str, strings: Strings) -> Row:
        position = machine.begin(self.definition, self._record.now())
        row = {
            "participant_id": participant_id,
            "study_id": self._record.defaults.study_id,
            "study_fingerprint": self._study.fingerprint,
            "attention_failed": 0,
            **_columns(position),
        }
        visit = self._visit_row(participant_id, position, strings)
        assigning = await self.places.assign(participant_id, position.stage, {**row, "condition": None})
        await self._record.store.commit(BeginParticipation(row, visit, **assigning))
        # Of two first pages one began: both go on from what stands.
        begun = await self._record.participations.of(participant_id) or row
        most = self.definition.recruit.stop_at
        if most is None or begun["ending"] is not None or await self._record.participations.usable() < most:
            return begun
        position = position_of(begun)
        full = machine.end(position, position.visit, FULL, self._record.now())
        await self._keep(participant_id, position, Posting(), full, strings)
        return await self._record.participations.of(participant_id) or row

    async def _keep(
        self, participant_id: str, position: Position, posting: Posting, moved: Moved, strings: Strings
    ) -> Position:
        """Commit a move, and tell where somebody stands then: elsewhere, if another page was faster."""
        now = self._record.now()
        changes: Row = {**posting.changes, **_columns(moved.position)}
        row = await self._record.participations.of(participant_id) or {"condition": None, "place": None}
        ending, place, assigning = moved.position.ending, None, {}
        if ending is not None:
            told = await self._usable(participant_id, ending, posting, position)
            changes |= {"ended_at": now} | told
            place = await self.places.left(row, ending, told["usable"])
        elif moved.entered is not None:
            stage_id = moved.position.stage
            assigning = await self.places.assign(participant_id, stage_id, row, posting.rows)
        write = MoveParticipation(
            participant_id,
            position.visit,
            changes,
            moved.outcome.value,
            now,
            posting.rows,
            self._visit_row(participant_id, moved.position, strings) if ending is None else None,
            place=place,
            forgets_who=refused_at_first(self.definition, position.stage, posting),
            **assigning,
        )
        try:
            await self._record.store.commit(write)
        except WriteRefused as refused:
            if refused.reason is not Reason.STAGE_LEFT:
                raise
            assigning = {"assign": None}
        if not assigning:
            return moved.position
        # What stands is another's move, or holds the condition, or there was no place.
        kept = await self._record.participations.of(participant_id)
        return position if kept is None else position_of(kept)

    async def _usable(self, participant_id: str, ending: str, posting: Posting, position: Position) -> Row:
        record = self._record.participations
        row = {**(await record.of(participant_id) or {"attention_failed": 0}), **posting.changes}
        failed = row["attention_failed"]
        chats = await record.visits_of_kind(participant_id, StageKind.CHAT.value)
        turns = [(await record.chat(thread_of(participant_id, visit))).turns for visit in chats]
        why_not = why_not_usable(self.definition, ending, turns, failed)
        return {"usable": why_not is None, "why_not": why_not}

    def _visit_row(self, participant_id: str, position: Position, strings: Strings) -> Row:
        here = self._here(participant_id, position, strings)
        return {
            "visit_id": str(uuid.uuid4()),
            "participant_id": participant_id,
            "stage_id": position.stage,
            "kind": here.stage.kind,
            "visit": position.visit,
            "attempt": position.attempt,
            "entered_at": position.entered_at,
            "shown": HANDLERS[StageKind(here.stage.kind)].entering(here),
        }

    async def _shown(
        self,
        participant_id: str,
        position: Position,
        strings: Strings,
        problems: Mapping[str, str] | None = None,
        instead: StageDefinition | None = None,
    ) -> Present:
        ids = [stage.id for stage in self.definition.stages]
        number, count = ids.index(position.stage) + 1, len(ids)
        if position.ending is not None:
            ending = self.definition.endings.get(position.ending)
            return Present(position, None, ending=ending, number=number, count=count)
        here = self._here(participant_id, position, strings, instead)
        shown = await HANDLERS[StageKind(here.stage.kind)].shown(here)
        return Present(
            position,
            here.stage,
            shown,
            None,
            number,
            count,
            problems or {},
        )


def position_of(row: Row) -> Position:
    """A row of `participations` as the machine reads it."""
    names = ("visit", "attempt", "began_at", "entered_at", "seen_at", "ending", "condition")
    return Position(row["stage_id"], **{name: row[name] for name in names})


def _columns(position: Position) -> Row:
    names = ("visit", "attempt", "began_at", "entered_at", "seen_at", "ending")
    return {"stage_id": position.stage} | {name: getattr(position, name) for name in names}
