"""Intents in a thread that is told: how they begin, change and end, or are left and taken up again."""

import json
from collections.abc import Sequence
from typing import Any, Final

from data_layer.database.rows import Row
from demo.answer import GeneratedAnswer
from demo.sheet import Sheet, new_id
from study.dialog import Answer
from study.intents import BY_AGENT, BY_PARTICIPANT, IDLE, IntentMove, IntentState, after

# How often an intent is completed on the way, and at the thread's end; else it may be cancelled, or left.
_SOON, _AT_LAST, _CANCELLED = 0.06, 0.6, 0.1
# Of those that come back to one that they had left.
_CONTINUED, _DECLINED = 0.6, 0.2
_IDLE_MS: Final = 30 * 60_000
_MOST_PARAMETERS: Final = 8

# As a dialogue file names them and as the page says them: the first begins most.
INTENTS: Final = (
    ("order", "Order something to drink"),
    ("what_you_have", "Ask what we have"),
    ("change_order", "Change an order"),
)


class DemoIntents:
    """Tells the intents of one thread.

    Args:
        sheet: Where the rows go.
        thread: The thread's row.
        agent: Who answers in it.
    """

    def __init__(self, sheet: Sheet, thread: Row, agent: str) -> None:
        self._sheet = sheet
        self._thread = thread
        self._agent = agent
        self._intent: Row | None = None
        self._in_turn: list[Row] = []
        self._count = 0

    def hear(self, message: Row, answer: Answer) -> None:
        """A message is about to be answered: it begins an intent, or says more of the one under way."""
        self._in_turn = []
        if self._intent is None or self._intent["state"] != IntentState.ACTIVE:
            self._begin(message)
        message["intent_id"] = self._intent_id
        known = dict((self._intent or {})["parameters"])
        said = known | _parameters(answer)
        if said != known:
            self._move(IntentMove.UPDATED, BY_AGENT, message, parameters=said)

    def mark(self, given: GeneratedAnswer) -> None:
        """An answer was given, also one that has left since: it is of the intent under way."""
        for row in (given.run, *given.steps):
            row["intent_id"] = self._intent_id
        if given.call is not None:
            given.call["intent_id"] = self._intent_id

    def answered(self, message: Row, given: GeneratedAnswer, *, is_last: bool) -> None:
        """A whole turn is over: its moves are of its run, and the intent may have come to its end."""
        draw = self._sheet.beside.random()
        if given.reply is not None and draw < (_AT_LAST if is_last else _SOON):
            self._move(IntentMove.COMPLETED, "tool", message)
        elif is_last and draw < _AT_LAST + _CANCELLED:
            self._move(IntentMove.ABANDONED, "cancelled", message)
        for move in self._in_turn:
            move["run_id"] = given.run["run_id"]

    def away(self) -> None:
        """The participant has gone: after half an hour the intent under way is left."""
        if self._intent is not None and self._intent["state"] == IntentState.ACTIVE:
            self._sheet.clock += _IDLE_MS
            self._move(IntentMove.ABANDONED, IDLE)

    def back(self, connection_id: str) -> None:
        """The participant has come back: to what they had left, or not."""
        if self._intent is None or self._intent["cause"] != IDLE:
            return
        draw = self._sheet.beside.random()
        if draw < _CONTINUED:
            self._move(IntentMove.CONTINUED, BY_PARTICIPANT)["connection_id"] = connection_id
        elif draw < _CONTINUED + _DECLINED:
            self._move(IntentMove.DECLINED, BY_PARTICIPANT)["connection_id"] = connection_id

    def end(self) -> bool:
        """Nothing more is said: what is under way is left, as any server would find. Whether it was."""
        self.away()
        return self._intent is not None and self._intent["cause"] == IDLE

    @property
    def _intent_id(self) -> str:
        return str((self._intent or {})["intent_id"])

    def _begin(self, message: Row) -> None:
        beside = self._sheet.beside
        name, title = INTENTS[0] if not self._count else beside.choice(INTENTS)
        self._count += 1
        self._sheet.tick()
        row: Row = {
            "intent_id": new_id(beside),
            "thread_id": self._thread["thread_id"],
            "message_id": message["step_id"],
            "seq": self._sheet.order,
            "agent": self._agent,
            "name": name,
            "title": title,
            "score": round(beside.uniform(0.55, 1), 2),
            "parameters": {},
            "agent_state": {},
            "began_at": self._sheet.now,
        }
        self._intent = self._sheet.add("intents", row)
        self._move(IntentMove.BEGAN, BY_AGENT, message)

    def _move(self, move: IntentMove, cause: str, message: Row | None = None, **changed: Any) -> Row:
        sheet, intent = self._sheet, self._intent
        assert intent is not None
        led_to = after(IntentState(intent["state"]) if intent["state"] else None, move)
        assert led_to is not None, (intent["state"], move)
        sheet.tick()
        intent |= changed | {"state": led_to.value, "cause": cause, "last_activity_at": sheet.now}
        intent["ended_at"] = None if led_to is IntentState.ACTIVE else sheet.now
        of_intent = ("intent_id", "thread_id", "state", "cause", "parameters", "agent_state")
        row = {name: intent[name] for name in of_intent} | {
            "move_id": new_id(sheet.beside),
            "message_id": message["step_id"] if message else None,
            "connection_id": message["connection_id"] if message else None,
            "seq": sheet.order,
            "move": move.value,
            "timestamp": sheet.now,
        }
        kept = sheet.add("intent_moves", row)
        if message is not None:
            self._in_turn.append(kept)
        return kept


def _parameters(answer: Answer) -> dict[str, Any]:
    """What the tools were asked: their arguments that are a text or a number."""
    found: dict[str, Any] = {}
    for call in answer.calls:
        try:
            asked = json.loads(call.request or "{}")
        except ValueError:
            continue
        found |= _plain(asked.items() if isinstance(asked, dict) else ())
    return dict(list(found.items())[:_MOST_PARAMETERS])


def _plain(items: Sequence[tuple[str, Any]] | Any) -> dict[str, Any]:
    return {name: value for name, value in items if isinstance(value, str | int | float)}
