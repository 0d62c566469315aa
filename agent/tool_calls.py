"""Calls of tools as a model's answer brings them: in pieces, several at once, in each server's manner."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.events import Json
from agent.failures import Malformed
from agent.others_json import is_object

MOST_CALLS: Final = 20  # of one answer
LONGEST_NAME: Final = 200
LONGEST_ARGUMENTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CallPiece:
    """What one chunk adds to a call.

    Args:
        index: Which call of the answer, as the server counts; None where it does not say.
        call_id: What the server calls it; "" where it does not say.
        name: The tool's; "" for more of a call that has one.
        arguments: More of them, as text.
    """

    index: int | None
    call_id: str
    name: str
    arguments: str


@dataclass(slots=True)
class ModelCall:
    """A call that a model wants.

    Args:
        call_id: Its result is sent back under it.
        name: The tool's.
        arguments: JSON, as far as the model could write it.
    """

    call_id: str
    name: str
    arguments: str = ""


class CallsHeard:
    """Puts an answer's calls together.

    Attributes:
        calls: Those so far, in the order in which they began.
        left_out: How many more there were than one answer may have.
    """

    def __init__(self) -> None:
        self.calls: list[ModelCall] = []
        self.left_out = 0
        self._open: dict[int, ModelCall] = {}
        self._latest: ModelCall | None = None
        self._length = 0

    def add(self, piece: CallPiece) -> None:
        """Take a piece.

        Raises:
            Malformed: The arguments have no end.
        """
        self._length += len(piece.arguments)
        if self._length > LONGEST_ARGUMENTS:
            raise Malformed("the arguments of a call have no end")
        call = self._open.get(piece.index) if piece.index is not None else self._latest
        if call is None or self._begins_another(call, piece):
            call = ModelCall(piece.call_id or f"call_{len(self.calls)}", piece.name[:LONGEST_NAME])
            if piece.index is not None:
                self._open[piece.index] = call
            if len(self.calls) < MOST_CALLS:
                self.calls.append(call)
            else:
                self.left_out += 1
        elif not call.name:
            call.name = piece.name[:LONGEST_NAME]
        self._latest = call
        call.arguments += piece.arguments

    def _begins_another(self, call: ModelCall, piece: CallPiece) -> bool:
        """Some servers count every call as the first, and some do not count: a new id tells them apart."""
        if piece.call_id and piece.name:
            return piece.call_id != call.call_id
        return piece.index is None and bool(piece.name) and bool(call.name) and bool(call.arguments)


def pieces_in(delta: Mapping[str, Any]) -> list[CallPiece]:
    """The pieces of calls that one chunk's delta, or a whole answer's message, brings."""
    listed = delta.get("tool_calls")
    found: list[CallPiece] = []
    for place, call in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(call, Mapping):
            index = call.get("index", place if len(listed or ()) > 1 else None)
            found += _piece(index if isinstance(index, int) else None, call.get("id"), call.get("function"))
    return found + _piece(0, None, delta.get("function_call"))


def _piece(index: int | None, call_id: Any, function: Any) -> list[CallPiece]:
    if not isinstance(function, Mapping):
        return []
    arguments = function.get("arguments")
    if arguments is None:
        arguments = ""
    elif not isinstance(arguments, str):  # Ollama's own way
        arguments = json.dumps(arguments, ensure_ascii=False)
    return [CallPiece(index, str(call_id or ""), str(function.get("name") or ""), arguments)]


def message_with(calls: Sequence[ModelCall], text: str, names: Mapping[str, str]) -> Json:
    """An answer that called tools, as the next request repeats it.

    Servers read the arguments of earlier calls, and refuse the whole request over those that are no JSON.

    Args:
        calls: What it called.
        text: What it said besides.
        names: What stands in place of a name that no server takes, by that name.
    """
    return {
        "role": "assistant",
        "content": text or None,
        "tool_calls": [
            {
                "id": call.call_id,
                "type": "function",
                "function": {
                    "name": names.get(call.name, call.name),
                    "arguments": call.arguments if is_object(call.arguments) else "{}",
                },
            }
            for call in calls
        ],
    }


def result_of(call_id: str, output: str) -> Json:
    """What came of a call, as the next request holds it."""
    return {"role": "tool", "tool_call_id": call_id, "content": output}


def ids_in(messages: Sequence[Json]) -> set[str]:
    """The ids of all calls in some messages."""
    return {call["id"] for message in messages for call in message.get("tool_calls", ())}
