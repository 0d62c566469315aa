"""What a write does to an intent, and what becomes of intents when the screen goes to another branch.

The moves that stand are the path of the conversation, as living steps are. A row of `intents` says where they
have led: a move takes it one on; when moves leave or come back with a branch it is reckoned anew from those
that stand. study/intents.py alone says what may follow what.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from data_layer.database.rows import Row
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.state import State, own_thread
from study.errors import WriteRefused
from study.intents import REPLACED, IntentMove, IntentState, after
from study.reasons import Reason
from study.text import storable, storable_json
from study.vocabulary import StepType

_MOVED: Final = ("deleted_at", "deleted_because", "branch")
_STANDS: Final[Row] = dict.fromkeys(_MOVED)


def move_intent(state: State, order: int, write: MoveIntent) -> None:
    """Move an intent; when it begins or is continued, another that is under way is abandoned.

    Raises:
        WriteRefused: The thread is another's, the intent is not there, cannot do that from where it stands,
            or was not left idle.
    """
    thread = own_thread(state, write.thread_id, write.by)
    if thread is None:
        raise WriteRefused(Reason.NO_THREAD)
    old = state.intents.get(write.intent_id)
    left = _left(state, write.run_id)
    if old is not None and (old["thread_id"] != write.thread_id or _stands(old) is not _stands(left)):
        raise WriteRefused(Reason.NO_INTENT)
    move = IntentMove(write.move)
    led_to = after(None if old is None else IntentState(old["state"]), move)
    if led_to is None:
        raise WriteRefused(Reason.NO_INTENT if old is None else Reason.INTENT_STANDS_ELSEWHERE)
    if write.idle_since is not None and _last_touched(thread, old) > write.idle_since:
        raise WriteRefused(Reason.NOT_IDLE)
    takes_over = led_to is IntentState.ACTIVE and move is not IntentMove.UPDATED and _stands(left)
    for other in active_ones(state, write.thread_id) if takes_over else ():
        _go(state, order - 1, other, IntentMove.ABANDONED, write, REPLACED)
    intent = old or _new(state, order, write) | left
    state.intents[write.intent_id] = intent
    _go(state, order, intent, move, write, write.cause)
    _mark_message(state, write)


def _last_touched(thread: Row, intent: Row | None) -> datetime:
    """When its participant wrote last, or went on with it by a button."""
    written: datetime = thread["last_activity_at"]
    return written if intent is None else max(written, intent["last_activity_at"])


def leave(state: State, thread_id: str | None, after_seq: int, leaves: Row) -> None:
    """What stands behind a place has left the screen: so do the moves that were made there.

    Those of a run go with it: one that stands answers an earlier message.
    """
    gone = [move for move in state.moves.values() if move["thread_id"] == thread_id and _stands(move)]
    behind = [move for move in gone if move["seq"] > after_seq]
    _set_moves(state, [move for move in behind if not _run_stands(state, move["run_id"])], leaves)


def come_back(state: State, thread_id: str, branch: str) -> None:
    """A branch comes back: so do the moves that left with it."""
    gone = [move for move in state.moves.values() if move["thread_id"] == thread_id and not _stands(move)]
    _set_moves(state, [move for move in gone if move["branch"] == branch], _STANDS)


def reread(state: State, message: Row | None) -> None:
    """After moves have left and come back: to which intent does a message belong that stays?"""
    if message is None or message["type"] != StepType.USER_MESSAGE:
        return
    theirs = [one for one in state.moves.values() if one["thread_id"] == message["thread_id"]]
    if not theirs:
        return
    intent_id = _of_message(message, sorted((one for one in theirs if _stands(one)), key=_seq))
    if message["intent_id"] != intent_id:
        message["intent_id"] = intent_id
        state.changed_steps.add(message["step_id"])


def active_ones(state: State, thread_id: str) -> list[Row]:
    """Intents of a thread that are under way: one at most, outside of a write that begins another."""
    return [
        one
        for one in state.intents.values()
        if one["thread_id"] == thread_id and _stands(one) and one["state"] == IntentState.ACTIVE
    ]


def _new(state: State, order: int, write: MoveIntent) -> Row:
    begins = write.begins or {}
    score = begins.get("score")
    return {
        "intent_id": write.intent_id,
        "thread_id": write.thread_id,
        "message_id": write.message_id,
        "seq": order,
        "agent": begins.get("agent"),
        "name": storable(str(begins.get("name") or "")),
        "title": storable(str(begins.get("title") or begins.get("name") or "")),
        "score": None if score is None else float(score),
        "parameters": {},
        "agent_state": {},
        "began_at": write.at,
    }


def _go(state: State, order: int, intent: Row, kind: IntentMove, write: MoveIntent, cause: str) -> None:
    """Keep a move, and what it changes."""
    if kind is IntentMove.UPDATED:
        intent["parameters"] = storable_json(write.parameters or {})
        intent["agent_state"] = storable_json(write.agent_state or {})
    before = IntentState(intent["state"]) if "state" in intent else None
    move: Row = {
        "move_id": str(uuid.uuid4()),
        "intent_id": intent["intent_id"],
        "thread_id": write.thread_id,
        "run_id": write.run_id,
        "message_id": write.message_id,
        "connection_id": write.connection_id,
        "seq": order,
        "move": kind.value,
        "state": (after(before, kind) or IntentState.ACTIVE).value,
        "cause": storable(cause),
        "parameters": intent["parameters"],
        "agent_state": intent["agent_state"],
        "timestamp": write.at,
        **{name: intent[name] for name in _MOVED},
    }
    state.moves[move["move_id"]] = move
    state.changed_moves.add(move["move_id"])
    _follow(intent, move)
    state.changed_intents.add(intent["intent_id"])


def _follow(intent: Row, move: Row) -> None:
    """Where a move has led an intent."""
    ended = move["state"] != IntentState.ACTIVE
    intent |= {name: move[name] for name in ("state", "cause", "parameters", "agent_state")}
    intent |= {"last_activity_at": move["timestamp"], "ended_at": move["timestamp"] if ended else None}


def _mark_message(state: State, write: MoveIntent) -> None:
    """The message that is answered is of the intent that is under way after it."""
    message = state.steps.get(write.message_id or "")
    if message is None or message["thread_id"] != write.thread_id or write.move == IntentMove.UPDATED:
        return
    active = active_ones(state, write.thread_id)
    if active and message["intent_id"] != active[0]["intent_id"]:
        message["intent_id"] = active[0]["intent_id"]
        state.changed_steps.add(message["step_id"])


def _of_message(message: Row, standing: list[Row]) -> str | None:
    """The intent that began with a message or was continued by it, else the one that was under way then."""
    taken_up = {IntentMove.BEGAN.value, IntentMove.CONTINUED.value}
    under_way: str | None = None
    for move in standing:
        active = move["state"] == IntentState.ACTIVE
        if move["message_id"] == message["step_id"] and move["move"] in taken_up:
            under_way = move["intent_id"]
        elif move["seq"] < message["seq"] and (active or move["intent_id"] == under_way):
            under_way = move["intent_id"] if active else None
    return under_way


def _set_moves(state: State, moves: Iterable[Row], changes: Row) -> None:
    touched = set()
    for move in moves:
        move |= {name: changes[name] for name in _MOVED}
        state.changed_moves.add(move["move_id"])
        touched.add(move["intent_id"])
    for intent_id in touched:
        _reckon(state, state.intents[intent_id], changes)


def _reckon(state: State, intent: Row, changes: Row) -> None:
    """What stands of an intent, from its moves that stand."""
    state.changed_intents.add(intent["intent_id"])
    theirs = (move for move in state.moves.values() if move["intent_id"] == intent["intent_id"])
    at: IntentState | None = None
    for move in sorted((one for one in theirs if _stands(one)), key=_seq):
        led_to = after(at, IntentMove(move["move"]))
        if led_to is not None:
            at = led_to
            _follow(intent, move)
    intent |= _STANDS if at is not None else {name: changes[name] for name in _MOVED}


def _left(state: State, run_id: str | None) -> Row:
    """How a run has left the screen, from another process: what it still does has left with it."""
    run = state.runs.get(run_id or "")
    return _STANDS if run is None else {name: run[name] for name in _MOVED}


def _run_stands(state: State, run_id: str | None) -> bool:
    run = state.runs.get(run_id or "")
    return run is not None and _stands(run)


def _stands(row: Row) -> bool:
    return row["deleted_at"] is None


def _seq(row: Row) -> int:
    return int(row["seq"])
