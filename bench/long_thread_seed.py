"""A long thread in a participant's record, as if they had talked for days."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from data_layer.engine import open_database
from data_layer.fold_state import ThreadDefaults
from data_layer.record import Record
from data_layer.writes import InsertRow, PutStep, PutThread, Write

_SAID: Final = "Turn {n}: what do you think about the weather in week {n}, and why did it rain?"
_ANSWERED: Final = (
    "In week {n} it rained because of **warm air** from the west.\n\n"
    "- It carried water.\n- It rose at the hills, and `rain = f({n})`.\n\nIs that what you wanted to know?"
)


async def seed_thread(
    database_url: str, folder: Path, participant_id: str, messages: int, first: Sequence[str] = ()
) -> str:
    """Write a thread of messages, every second one a reply with its run.

    Args:
        database_url: At head; a server may be running on it.
        folder: For a journal of its own, which stays empty.
        participant_id: Whose thread it will be.
        messages: How many.
        first: What is said, and answered, in the first turns; the others talk about the weather.

    Returns:
        The thread's id.
    """
    record = Record(open_database(database_url), folder, ThreadDefaults("seed", "seed", "0" * 64))
    await record.writer.start()
    thread_id = str(uuid.uuid4())
    title = _SAID.format(n=1)
    await record.writer.submit(PutThread(thread_id, participant_id, record.now(), title, agent="ELIZA"))
    for n in range(1, messages // 2 + 1):
        orders = [record.take_order() for _ in range(3)]
        words = first[n - 1] if n <= len(first) else None
        turn = _turn(record, (thread_id, participant_id), n, orders[1], words)
        await record.writer.submit(*turn, orders=orders)
    await record.close()
    return thread_id


def _turn(record: Record, where: tuple[str, str], n: int, run_seq: int, words: str | None) -> list[Write]:
    thread_id, participant_id = where
    now, asked, run, answer = record.now(), *(str(uuid.uuid4()) for _ in range(3))
    said = {
        "step_id": asked,
        "thread_id": thread_id,
        "type": "user_message",
        "name": "Participant",
        "output": words or _SAID.format(n=n),
    }
    reply = {
        "step_id": answer,
        "thread_id": thread_id,
        "type": "assistant_message",
        "name": "ELIZA",
        "agent": "ELIZA",
        "parent_id": run,
        "run_id": run,
        "output": words or _ANSWERED.format(n=n),
    }
    ran = {
        "run_id": run,
        "thread_id": thread_id,
        "message_id": asked,
        "name": "on_message",
        "status": "complete",
        "seq": run_seq,
        "started_at": now,
        "ended_at": now,
    }
    return [
        PutStep(said, now, by=participant_id, creates=True),
        InsertRow("runs", ran),
        PutStep(reply, now, creates=True),
    ]
