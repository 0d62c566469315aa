"""Where a participant may talk, in a study with a protocol: in the chat that they stand in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from data_layer.record import Record
from stages.screen import Screen
from stages.spoken import Spoken
from study.assignment import TurnLevel
from study.limits import ThreadAllowance
from study.reasons import Reason


@dataclass(frozen=True, slots=True)
class ChatNow:
    """The chat that a participant stands in.

    Args:
        thread_id: Its thread; no other takes their words.
        began_at: When they came to it.
        allowance: What may be used in it.
        condition: The participant's; None where nothing differs between them.
        may: What they may do beside writing and stopping: "edit", "again".
    """

    thread_id: str
    began_at: datetime
    allowance: ThreadAllowance
    condition: str | None = None
    may: frozenset[str] = frozenset({"edit", "again"})


class Whereabouts(Protocol):
    """Knows where participants stand (stages/protocol/running.py)."""

    async def chat_now(self, participant_id: str) -> ChatNow | None:
        """The chat that somebody stands in; None where they stand elsewhere."""

    async def level_of(self, participant_id: str, thread_id: str, turn: int) -> TurnLevel | None:
        """What is drawn for a turn of theirs; None where nothing is."""


async def is_where(where: Whereabouts, participant_id: str, thread_id: str) -> bool:
    """Whether a thread is the chat that somebody stands in."""
    now = await where.chat_now(participant_id)
    return now is not None and now.thread_id == thread_id


async def may_talk(record: Record, where: Whereabouts | None, spoken: Spoken, screen: Screen) -> bool:
    """Whether words are said in the chat in which their participant stands; else they are told so."""
    if where is None or await is_where(where, spoken.participant_id, spoken.thread_id):
        return True
    record.refused("message", str(Reason.NOT_IN_A_CHAT), spoken.participant_id)
    await screen.say(screen.strings("chat.not_here"))
    return False


async def may_do(
    record: Record, where: Whereabouts | None, what: str, spoken: Spoken, screen: Screen
) -> bool:
    """Whether the chat lets its participant do something beside writing; else they are told so.

    Args:
        record: Keeps that it was refused.
        where: Knows where they stand; None where the study has no protocol.
        what: "edit" or "again".
        spoken: What is asked for, by whom.
        screen: Where.
    """
    if where is None:
        return True
    now = await where.chat_now(spoken.participant_id)
    if now is not None and what in now.may:
        return True
    record.refused(what, str(Reason.NOT_IN_THIS_CHAT), spoken.participant_id)
    await screen.say(screen.strings("chat.not_in_this_chat"))
    return False
