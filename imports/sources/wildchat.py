"""WildChat: conversations with people's consent, by hashed address; JSONL or Parquet, as published."""

from collections.abc import Iterator
from typing import Any, Final

from imports.fields import pick, rest, text
from imports.foreign import ForeignThread, SourceRequest
from imports.messages import MessageReader
from imports.rows import dataset_rows
from imports.times import ForeignTimes

_OWN: Final = ("conversation_hash", "conversation", "model", "hashed_ip", "timestamp")


class WildChat:
    """One conversation a row; who it was is told by the hashed address alone."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        times = ForeignTimes(asked.zone, asked.told)
        reader = MessageReader(asked.told, times)
        for place, row in dataset_rows(asked):
            said = row.get("conversation") if isinstance(row, dict) else None
            if not isinstance(said, list):
                asked.told.left_out(place, "a row without a conversation", "see that it is of this source")
                continue
            model = text(pick(row, "model"))
            thread = ForeignThread(
                # One hash may stand for conversations that began alike: by its first turn it is one.
                _key(row, said, place),
                place,
                user=text(_address(row, said)),
                agent=model,
                details=rest(row, *_OWN),
                is_named=text(pick(row, "conversation_hash")) is not None,
            )
            for number, one in enumerate(said, 1):
                left = ("turn_identifier",)
                message = reader.message(one, f"#{number}", place, model, left=left)
                if message is not None:
                    thread.messages.append(message)
            # The whole's time is when it ended; turns bear theirs since 2024.
            ended = times.read(pick(row, "timestamp"), place)
            if thread.messages and all(one.at is None for one in thread.messages):
                thread.at = ended
            times.settle(place)
            yield thread


def _key(row: dict[str, Any], said: list[Any], place: int) -> str:
    turns = [one.get("turn_identifier") for one in said if isinstance(one, dict)]
    turn = next((one for one in turns if one is not None), None)
    key = text(pick(row, "conversation_hash")) or f"row {place}"
    return key if turn is None else f"{key}/{turn}"


def _address(row: dict[str, Any], said: list[Any]) -> Any:
    found = pick(row, "hashed_ip")
    if found is not None:
        return found
    return next((one["hashed_ip"] for one in said if isinstance(one, dict) and one.get("hashed_ip")), None)
