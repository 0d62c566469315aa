"""JSON or JSONL in ShareGPT's shape: `conversations` of `from` and `value`."""

from collections.abc import Iterator
from typing import Final

from imports.fields import pick, rest, text
from imports.files import json_rows
from imports.foreign import ForeignThread, SourceRequest
from imports.messages import MessageReader
from imports.times import ForeignTimes

_SAID: Final = ("conversations", "conversation", "items")
_THREAD: Final = ("id", "conversation_id", "hash")
_SYSTEM: Final = ("system", "system_prompt")
_OWN: Final = (*_SAID, *_THREAD, *_SYSTEM, "title", "model", "user_id")


class ShareGPTFile:
    """One conversation a line, or an element of a list."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        times = ForeignTimes(asked.zone, asked.told)
        reader = MessageReader(asked.told, times)
        for place, row in json_rows(asked):
            said = pick(row, *_SAID) if isinstance(row, dict) else None
            if not isinstance(said, list):
                asked.told.left_out(place, "a line without conversations", "see that it is of this source")
                continue
            key, model = pick(row, *_THREAD), text(pick(row, "model"))
            thread = ForeignThread(
                f"line {place}" if key is None else str(key),
                place,
                title=text(pick(row, "title")) or "",
                user=text(pick(row, "user_id")),
                agent=model,
                details=rest(row, *_OWN),
                is_named=key is not None,
            )
            system = pick(row, *_SYSTEM)
            if system is not None:
                said = [{"role": "system", "content": system}, *said]
            for number, one in enumerate(said, 1):
                message = reader.message(one, f"#{number}", place, model)
                if message is not None:
                    thread.messages.append(message)
            times.settle(place)
            yield thread
