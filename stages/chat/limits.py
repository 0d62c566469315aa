"""How much a thread and its participant may use, as the study says, and how much of it is left.

Counted from the record, so that a restart changes nothing; a study without limits asks it nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection

from data_layer.conversations.used import Used, owner_of, rank_of, used_by
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat.away import AWAY
from stages.chat.left import Left, Whole
from stages.chat.where import Whereabouts
from stages.screen import Screen
from stages.spoken import Spoken
from study.assignment import TurnLevel
from study.limits import Allowance, Limits

log = structlog.get_logger(__name__)

N = TypeVar("N", int, float)

# From which share of tokens or money on the page says that the end is near.
NEARLY: Final = 0.8


class ThreadLimits:
    """The limits of a study, by thread and by participant.

    Args:
        record: What is counted.
        limits: As the study says.
        where: Knows which chat of a protocol a participant stands in; its bounds are its own.
    """

    def __init__(self, record: Record, limits: Limits, where: Whereabouts | None = None) -> None:
        self._record = record
        self._where = where
        self._limits = limits
        self.of_turn = limits.turn
        self._wholes: list[tuple[Whole, Allowance]] = [
            ("participant", limits.participant),
            ("thread", limits.thread),
        ]
        self._any = any(allowance.limits for _, allowance in self._wholes)

    @property
    def asks(self) -> bool:
        """Whether there is anything to say to a page; without, nothing is counted."""
        return self._any or self._limits.thread.at_least > 0 or self._where is not None

    async def left(self, thread_id: str, participant_id: str) -> Left:
        """What is left.

        Raises:
            SQLAlchemyError: The database does not answer.
            OSError: Likewise.
        """
        if not self.asks:
            return Left()
        now = self._record.now()
        wholes, least, began_at = await self._bounds(thread_id, participant_id)
        used = await self._record.database.read(
            lambda connection: [_used(connection, whole, thread_id, participant_id) for whole, _ in wholes]
        )
        if began_at is not None:
            used[1] = replace(used[1], began_at=began_at)
        of_each = [
            _left(whole, allowance, each, now) for (whole, allowance), each in zip(wholes, used, strict=True)
        ]
        return _together(of_each, max(0, least - used[1].messages))

    async def _bounds(
        self, thread_id: str, participant_id: str
    ) -> tuple[list[tuple[Whole, Allowance]], int, datetime | None]:
        """What holds in a thread, how many messages are asked for in it, and since when its time counts."""
        chat = await self._where.chat_now(participant_id) if self._where is not None else None
        if chat is None or chat.thread_id != thread_id:
            return self._wholes, self._limits.thread.at_least, None
        return [self._wholes[0], ("thread", chat.allowance)], chat.allowance.at_least, chat.began_at

    async def tell(self, spoken: Spoken, screen: Screen) -> None:
        """After a turn: show what is left, and keep that a limit was reached."""
        if not self.asks:
            return
        try:
            left = await self.left(spoken.thread_id, spoken.participant_id)
        except AWAY as error:
            log.warning("limits_unreadable", error_type=type(error).__name__)
            return
        await screen.left(left)
        if left.over is not None:
            payload = {"of": left.over, "what": left.what}
            ids = {"thread_id": spoken.thread_id, "participant_id": spoken.participant_id}
            self._record.writer.submit(self._record.event("limit_reached", payload=payload, **ids))

    async def condition_of(self, spoken: Spoken) -> str | None:
        """The condition of whoever spoke; None where nothing differs between participants."""
        chat = await self._where.chat_now(spoken.participant_id) if self._where is not None else None
        return chat.condition if chat is not None else None

    async def level_of(self, spoken: Spoken, turn: int) -> TurnLevel | None:
        """What is drawn for a turn of whoever spoke; None where nothing is."""
        if self._where is None:
            return None
        return await self._where.level_of(spoken.participant_id, spoken.thread_id, turn)

    async def refuse(self, spoken: Spoken, screen: Screen) -> bool:
        """Whether nothing new may be said; then the participant is told so, and nothing is changed."""
        if not self._any and self._where is None:
            return False
        try:
            left = await self.left(spoken.thread_id, spoken.participant_id)
        except AWAY:
            return False  # What would change something says itself that the database is away.
        if left.over is None:
            return False
        await screen.left(left)
        await screen.say(screen.strings(f"page.limits_{left.over}"))
        return True

    async def is_beyond(self, message: Row, participant_id: str | None = None) -> bool:
        """Whether a message that is kept came too late to be answered: of two tabs one was the last.

        Args:
            message: The participant's, a row of `steps`.
            participant_id: Whose it is; looked up where it is not known.

        Raises:
            SQLAlchemyError: The database does not answer.
            OSError: Likewise.
        """
        if not self._any and self._where is None:
            return False
        now = self._record.now()
        thread_id = message["thread_id"]
        whose = participant_id or await self._owner_of(thread_id)
        wholes, _least, began_at = await self._bounds(thread_id, whose)

        def look(connection: Connection) -> bool:
            return any(
                _is_beyond(connection, whole, allowance, message, whose, now, began_at)
                for whole, allowance in wholes
                if allowance.limits
            )

        return await self._record.database.read(look)

    async def _owner_of(self, thread_id: str) -> str:
        return await self._record.database.read(lambda connection: owner_of(connection, thread_id))


def _is_beyond(
    connection: Connection,
    whole: Whole,
    allowance: Allowance,
    message: Row,
    whose: str,
    now: datetime,
    began_at: datetime | None,
) -> bool:
    used = _used(connection, whole, message["thread_id"], whose)
    if whole == "thread" and began_at is not None:
        used = replace(used, began_at=began_at)
    if _left(whole, allowance.model_copy(update={"messages": None}), used, now).over:
        return True
    if allowance.messages is None or used.messages <= allowance.messages:
        return False
    ids = _ids(whole, message["thread_id"], whose)
    return rank_of(connection, message["seq"], **ids) > allowance.messages


def _ids(whole: Whole, thread_id: str, participant_id: str) -> dict[str, str | None]:
    own = whole == "thread"
    return {"thread_id": thread_id if own else None, "participant_id": None if own else participant_id}


def _used(connection: Connection, whole: Whole, thread_id: str, participant_id: str) -> Used:
    return used_by(connection, **_ids(whole, thread_id, participant_id))


def _left(whole: Whole, allowance: Allowance, used: Used, now: datetime) -> Left:
    messages = None if allowance.messages is None else max(0, allowance.messages - used.messages)
    seconds: float | None = None
    if allowance.minutes is not None and used.began_at is not None:
        end = used.began_at + timedelta(minutes=allowance.minutes)
        seconds = max(0.0, (end - now).total_seconds())
    shares = _shares(allowance, used)
    what = next(
        (
            name
            for name, is_over in (
                ("messages", messages == 0),
                ("minutes", seconds == 0),
                *((name, share >= 1) for name, share in shares),
            )
            if is_over
        ),
        None,
    )
    nearly = any(share >= NEARLY for _, share in shares)
    return Left(messages, seconds, nearly, whole if what else None, what=what)


def _shares(allowance: Allowance, used: Used) -> list[tuple[str, float]]:
    shares = []
    if allowance.tokens is not None:
        shares.append(("tokens", used.tokens / allowance.tokens))
    if allowance.cost is not None:
        shares.append(("cost", used.cost / allowance.cost))
    return shares


def _least(numbers: Iterable[N | None]) -> N | None:
    return min((number for number in numbers if number is not None), default=None)


def _together(of_each: list[Left], least: int) -> Left:
    over = next((one for one in of_each if one.over), None)
    return Left(
        messages=_least(one.messages for one in of_each),
        seconds=_least(one.seconds for one in of_each),
        nearly=any(one.nearly for one in of_each),
        over=over.over if over else None,
        least=0 if over else least,
        what=over.what if over else None,
    )
