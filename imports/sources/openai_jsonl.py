"""JSONL with `messages` as OpenAI's chat API has them: fine-tuning files, logs of programs."""

from collections.abc import Iterator
from typing import Any, Final

from imports.fields import pick, rest, text
from imports.files import json_rows
from imports.foreign import ForeignMessage, ForeignRole, ForeignThread, SourceRequest
from imports.messages import MessageReader
from imports.times import ForeignTimes

_THREAD: Final = ("id", "thread_id", "conversation_id", "session_id", "custom_id", "uuid")
_USER: Final = ("user", "user_id")
_AT: Final = ("created_at", "timestamp", "create_time", "created")
_OWN: Final = ("messages", "title", "model", *_THREAD, *_USER, *_AT)


class OpenAIJsonl:
    """One conversation a line: an object with `messages`, or the list of messages itself."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        times = ForeignTimes(asked.zone, asked.told)
        reader = MessageReader(asked.told, times)
        for place, row in json_rows(asked):
            if isinstance(row, list):
                row = {"messages": row}
            said = row.get("messages") if isinstance(row, dict) else None
            if not isinstance(said, list):
                asked.told.left_out(
                    place, "a line without a list of messages", "see that it is of this source"
                )
                continue
            key = pick(row, *_THREAD)
            thread = ForeignThread(
                str(key) if key is not None else f"line {place}",
                place,
                user=text(pick(row, *_USER)),
                title=text(pick(row, "title")) or "",
                at=times.read(pick(row, *_AT), place),
                details=rest(row, *_OWN),
                is_named=key is not None,
            )
            thread.messages = list(_messages(said, place, reader, text(pick(row, "model"))))
            thread.agent = next((one.model for one in thread.messages if one.model), None)
            times.settle(place)
            yield thread


def _messages(
    said: list[Any], place: int, reader: MessageReader, model: str | None
) -> Iterator[ForeignMessage]:
    """Messages with their calls of tools, what came of a call in the call's own step."""
    calls: dict[str, ForeignMessage] = {}
    for number, one in enumerate(said, 1):
        message = reader.message(one, f"#{number}", place, model)
        if message is None:
            continue
        found = calls.get(str(one.get("tool_call_id")))
        if message.role is ForeignRole.TOOL and found is not None and not found.content:
            found.content, found.metadata = message.content, found.metadata | message.metadata
            continue
        mine = list(_calls(one, number, message))
        calls |= {call.key: call for call in mine}
        # A reply of calls alone says nothing.
        if message.content or message.metadata or not mine:
            yield message
        yield from mine


def _calls(one: dict[str, Any], number: int, message: ForeignMessage) -> Iterator[ForeignMessage]:
    calls = one.get("tool_calls")
    if isinstance(one.get("function_call"), dict):
        calls = [{"function": one["function_call"]}]
    for place, call in enumerate(calls if isinstance(calls, list) else [], 1):
        function = call.get("function") if isinstance(call, dict) else None
        function = function if isinstance(function, dict) else {}
        yield ForeignMessage(
            str(call.get("id") or f"#{number}.{place}") if isinstance(call, dict) else f"#{number}.{place}",
            ForeignRole.TOOL,
            "",
            message.at,
            name=str(function.get("name") or "tool"),
            input=str(function.get("arguments") or ""),
            model=message.model,
        )
