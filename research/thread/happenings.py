"""What happened between the messages of a thread, in words."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.review.thread import WholeThread
from research.thread.entries import Happened
from research.thread.forms import forms_asked
from study.intents import BY_AGENT, BY_PARTICIPANT, IDLE, REPLACED, IntentMove
from study.vocabulary import MESSAGE_TYPES, StepType
from web.numbers import span

# Every type of event that the app writes: a test looks through the source for others.
WORDS: Final[dict[str, str]] = {
    "bookmark_put": "The participant bookmarked a message",
    "bookmark_removed": "The participant took a bookmark away",
    "branch_shown": "The participant showed another branch",
    "message_returned": "A researcher brought a message back to the screen",
    "refused": "The app refused something",
    "share_revoked": "The participant ended a link to the conversation",
    "stop_pressed": "The participant pressed Stop",
    "circuit_closed": "A model’s server answered again",
    "circuit_opened": "A model’s server was left alone",
    "limit_reached": "A limit of the study was reached",
    "thread_archived": "The conversation was archived to make room for another",
    "thread_deleted": "The participant deleted the conversation",
    "thread_renamed": "The participant gave the conversation a title",
    "thread_restored": "The participant brought the conversation back",
    "thread_returned": "A researcher brought the conversation back",
    "thread_shared": "The participant made a link to the conversation",
    "thread_tagged": "The participant’s tags were changed",
    "thread_unarchived": "The conversation came back from the archive",
}
_DETAILS: Final = {
    "from": "from",
    "to": "to",
    "what": "what",
    "why": "why",
    "researcher_id": "researcher",
    "error": "error",
    "message": "said",
}
# What Socket.IO, and we, give as the reason that a connection ended.
_CLOSED: Final = {
    "client disconnect": "The page was closed or left",
    "transport close": "The page was closed, or its connection was lost",
    "transport error": "The connection to the page was lost",
    "ping timeout": "The page was not heard of any more",
    "server disconnect": "The app ended the connection to the page",
    "server stopped": "The server stopped while the page was open",
    "closed": "The page was closed",
    "idle": "The page was let go of, for nothing was done on it",
}
_MOVES: Final = {
    IntentMove.BEGAN.value: "An intent began",
    IntentMove.CONTINUED.value: "An intent was taken up again",
    IntentMove.COMPLETED.value: "An intent was completed",
    IntentMove.ABANDONED.value: "An intent was abandoned",
    IntentMove.DECLINED.value: "The participant will not go on with an intent",
}
_CAUSES: Final = {
    IDLE: "nothing was written for the study’s idle minutes",
    REPLACED: "another one took its place",
    BY_PARTICIPANT: "the participant chose so",
    BY_AGENT: "",
}
# The page says so with a line of its own.
_SEEN: Final = frozenset({IntentMove.BEGAN.value, IntentMove.COMPLETED.value, IntentMove.ABANDONED.value})
_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


def happenings(whole: WholeThread) -> Iterable[Happened]:
    """All that happened in a thread, beside what was said; in no order."""
    messages = {step["step_id"] for step in whole.steps if step["type"] in _MESSAGES}
    for event in whole.events:
        yield _event(event, messages)
    # These are read for the whole thread, or for messages that were judged later.
    for one in (*_pages(whole.connections), *_judged(whole.ratings)):
        if whole.piece.covers(one.at):
            yield one
    yield from _edits(whole)
    yield from _intents(whole)
    yield from forms_asked(whole.forms)
    for run in whole.runs:
        if run["error_type"]:
            said = [("error", run["error_type"]), ("said", run["error_message"] or "")]
            yield Happened(
                f"{run['run_id']}-failed",
                "agent_failed",
                run["ended_at"] or run["started_at"],
                "The agent failed",
                [one for one in said if one[1]],
                run["message_id"] if run["message_id"] in messages else None,
            )


def _event(event: Row, messages: set[str]) -> Happened:
    payload: Row = event["payload"] or {}
    kind = event["type"]
    # A type that another version of the app has written.
    words = WORDS.get(kind) or kind.replace("_", " ").capitalize()
    if kind == "stop_pressed" and payload.get("stopped") is False:
        words += ", and nothing was being said"
    if kind == "branch_shown":
        payload = {}  # Ids of both: the branches themselves say when they were shown.
    target = event["target"] if event["target"] in messages else None
    told = [
        (_DETAILS.get(key, key.replace("_", " ")), _text(value))
        for key, value in payload.items()
        if value not in (None, "", [], True, False)
    ]
    return Happened(event["event_id"], kind, event["timestamp"], words, told, target)


def _pages(connections: list[Row]) -> Iterable[Happened]:
    """When the participant's page was there. A page that lost its connection keeps its session."""
    closed: dict[str, Any] = {}
    for number, one in enumerate(connections):
        before = closed.get(one["session_id"])
        words, kind = "The conversation was opened in a page", "page_opened"
        if before is not None and before <= one["opened_at"]:
            words, kind = f"The page came back after {span(one['opened_at'] - before)}", "page_came_back"
        elif number:
            words, kind = "The conversation was opened in a page again", "page_opened_again"
        name = one["connection_id"]
        yield Happened(f"{name}-opened", kind, one["opened_at"], words)
        if one["closed_at"] is not None:
            closed[one["session_id"]] = one["closed_at"]
            reason = one["close_reason"] or "closed"
            known = _CLOSED.get(reason)
            details = [] if known else [("reason", reason)]
            yield Happened(
                f"{name}-closed", "page_closed", one["closed_at"], known or _CLOSED["closed"], details
            )


def _intents(whole: WholeThread) -> Iterable[Happened]:
    """What began, was continued and ended; what left the screen says so."""
    titles = {one["intent_id"]: one["title"] for one in whole.intents}
    for move in whole.moves:
        title = titles.get(move["intent_id"], "")
        said = [("intent", title), ("because", _CAUSES.get(move["cause"] or "", move["cause"] or ""))]
        if move["deleted_at"] is not None:
            said.append(("on", "a branch that left the screen"))
        yield Happened(
            move["move_id"],
            f"intent_{move['move']}",
            move["timestamp"],
            _MOVES.get(move["move"], str(move["move"])),
            [part for part in said if part[1]],
            seen=move["move"] in _SEEN and move["deleted_at"] is None,
        )


def _edits(whole: WholeThread) -> Iterable[Happened]:
    theirs = {step["step_id"] for step in whole.steps if step["type"] == StepType.USER_MESSAGE.value}
    for before, after in pairwise(whole.revisions):
        name = after["step_id"]
        if name in theirs and before["step_id"] == name and before["output"] != after["output"]:
            place = f"{name}-{after['revision']}"
            words = "The participant edited a message"
            yield Happened(place, "message_edited", after["created_at"], words, target=name)


def _judged(ratings: list[Row]) -> Iterable[Happened]:
    for one in ratings:
        name = f"{one['rating_id']}-{one['revision']}"
        good = "good" if one["value"] else "bad"
        words = f"The participant rated a reply {good}"
        if one["revision"] > 1:
            words = f"The participant changed their mind, and rated the reply {good}"
        said = [("because", ", ".join(one["reasons"] or [])), ("said", one["comment"] or "")]
        yield Happened(
            name,
            "rated_good" if one["value"] else "rated_bad",
            one["created_at"],
            words,
            [part for part in said if part[1]],
            one["message_id"],
        )
        if one["deleted_at"] is not None:
            words = "The participant took a rating back"
            yield Happened(
                f"{name}-back", "rating_taken_back", one["deleted_at"], words, [], one["message_id"]
            )


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
