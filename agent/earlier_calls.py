"""What a model called in earlier turns of a thread, as the next request repeats it.

The record has each call with its arguments and its result. A model is given them where they were made,
between the participant's words and its own answer; of a long thread the newest, as many as have room.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from pydantic_core import to_json

from agent.context import KeptCall, Utterance
from agent.events import Json
from agent.tool_calls import ModelCall, message_with, result_of
from study.text import beginning, storable_json

MOST_CALLS: Final = 100
# Characters of one result, and of all calls with their results.
LONGEST_OUTPUT: Final = 8_000
LONGEST_CALLS: Final = 80_000

_CUT: Final = "The result had {whole:,} characters; these are the first {kept:,} of its JSON."
_BROKEN_OFF: Final = to_json({"error": "It was broken off. Nobody knows whether it was done."}).decode()


def calls_between(turns: Sequence[Utterance], calls: Sequence[KeptCall]) -> dict[int, list[Json]]:
    """Write earlier calls as messages: each is answered, and has an id of its own.

    Args:
        turns: What the model may know of the conversation, oldest first; the last is to be answered.
        calls: Of earlier turns, oldest first. Those of turns, or of intents, that the model is not told of
            are left out.

    Returns:
        Messages, by the place in `turns` that they follow: the participant's words that led to them.
    """
    places = {turn.turn: place for place, turn in enumerate(turns[:-1]) if turn.role == "user"}
    of_intents = {(turn.turn, turn.intent_id) for turn in turns[:-1]}
    # What was called before the turn's intent began is of none, and was done for these very words.
    told = [
        call
        for call in calls
        if call.turn in places and (call.intent_id is None or (call.turn, call.intent_id) in of_intents)
    ]
    done: dict[int, list[Json]] = {}
    for (turn, _), together in groupby(_newest(_named(told)), lambda one: (one[1].turn, one[1].round)):
        done.setdefault(places[turn], []).extend(_messages(list(together)))
    return done


def _named(calls: Sequence[KeptCall]) -> list[tuple[str, KeptCall]]:
    """With ids that stay the same in every later request.

    Some servers take ids of nine letters and digits alone.
    """
    named: list[tuple[str, KeptCall]] = []
    for turn, of_turn in groupby(calls, lambda call: call.turn):
        named += [(f"t{turn:04}c{number:03}", call) for number, call in enumerate(of_turn, 1)]
    return named


def _newest(named: Sequence[tuple[str, KeptCall]]) -> list[tuple[str, KeptCall]]:
    """As many as there is room for; what is older than one that has none is left out, too."""
    room = LONGEST_CALLS
    first = len(named)
    while first > 0 and len(named) - first < MOST_CALLS:
        call = named[first - 1][1]
        room -= len(call.arguments) + len(_output(call))
        if room < 0:
            break
        first -= 1
    return list(named[first:])


def _messages(together: Sequence[tuple[str, KeptCall]]) -> list[Json]:
    calls = [ModelCall(call_id, call.name, call.arguments) for call_id, call in together]
    results = [result_of(call_id, _output(call)) for call_id, call in together]
    written: list[Json] = storable_json([message_with(calls, "", {}), *results])
    return written


def _output(call: KeptCall) -> str:
    if not call.is_whole:
        return _BROKEN_OFF
    if len(call.output) <= LONGEST_OUTPUT:
        return call.output
    kept = beginning(call.output, LONGEST_OUTPUT)
    note = _CUT.format(whole=len(call.output), kept=len(kept))
    return to_json({"cut_off": note, "beginning": kept}).decode()
