"""A long thread in a participant's record, as if they had talked for days."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import InsertRow, PutStep, PutThread, Write

_SAID: Final = "Turn {n}: what do you think about the weather in week {n}, and why did it rain?"
_ANSWERED: Final = (
    "In week {n} it rained because of **warm air** from the west.\n\n"
    "- It carried water.\n- It rose at the hills, and `rain = f({n})`.\n\nIs that what you wanted to know?"
)

_TOOLS: Final = 4


async def seed_thread(
    database_url: str,
    folder: Path,
    participant_id: str,
    messages: int,
    first: Sequence[str] = (),
    *,
    with_work: bool = False,
    thread_id: str | None = None,
) -> str:
    """Write a thread of messages, every second one a reply with its run.

    Args:
        database_url: At head; a server may be running on it.
        folder: For a journal of its own, which stays empty.
        participant_id: Whose thread it will be.
        messages: How many.
        first: What is said, and answered, in the first turns; the others talk about the weather.
        thread_id: Of one that is there already, to be gone on with; a new one when left out.
        with_work: Behind each reply stand four tool calls and a call to a model, with its prompt.

    Returns:
        The thread's id.
    """
    record = Record(open_database(database_url), folder, ThreadDefaults("seed", "seed", "0" * 64))
    await record.writer.start()
    thread_id = thread_id or str(uuid.uuid4())
    title = _SAID.format(n=1)
    await record.writer.submit(PutThread(thread_id, participant_id, record.now(), title, agent="ELIZA"))
    for n in range(1, messages // 2 + 1):
        orders = [record.take_order() for _ in range(3)]
        words = first[n - 1] if n <= len(first) else None
        turn = _turn(record, (thread_id, participant_id), n, orders[1], words)
        if with_work:
            more = _work(record, thread_id, n, turn[1], turn[2])
            orders = orders[:2] + [record.take_order() for _ in more] + orders[2:]
            turn = [*turn[:2], *more, turn[2]]
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


def _work(record: Record, thread_id: str, n: int, ran: Write, replied: Write) -> list[Write]:
    """What lies behind a reply: the steps of its run, and the call to a model that gave it words."""
    assert isinstance(ran, InsertRow)
    assert isinstance(replied, PutStep)
    run, now = ran.row["run_id"], record.now()
    messages = json.dumps([{"role": "user", "content": _SAID.format(n=n)}])
    prompt_hash = hashlib.sha256(messages.encode()).hexdigest()
    call = {
        "llm_call_id": str(uuid.uuid4()),
        "run_id": run,
        "thread_id": thread_id,
        "message_id": replied.row["step_id"],
        "seq": record.take_order(),
        "prompt_hash": prompt_hash,
        "gen_ai_provider_name": "openai",
        "gen_ai_operation_name": "chat",
        "gen_ai_request_model": "small",
        "gen_ai_response_model": "small-2026",
        "gen_ai_usage_input_tokens": 120 + n,
        "gen_ai_usage_output_tokens": 34,
        "request_parameters": {"temperature": 0.7, "max_tokens": 400},
        "finish_reason": "stop",
        "attempts": 1,
        "cost": 0.00042,
        "cost_currency": "USD",
        "started_at": now,
        "ended_at": now,
        "ttft_ms": 250.5,
        "latency_ms": 900.0,
        "status": "complete",
    }
    steps: list[Write] = [
        PutStep(
            {
                "step_id": str(uuid.uuid4()),
                "thread_id": thread_id,
                "type": "tool",
                "name": f"weather_of_week_{part}",
                "run_id": run,
                "parent_id": run,
                "input": json.dumps({"week": n, "part": part}),
                "output": json.dumps({"rain_mm": n % 40, "wind": "west", "warm": bool(n % 2)}, indent=2),
                "started_at": now,
                "ended_at": now,
            },
            now,
            creates=True,
        )
        for part in range(_TOOLS)
    ]
    prompt = {"prompt_hash": prompt_hash, "messages": messages, "created_at": now}
    return [InsertRow("prompts", prompt), InsertRow("llm_calls", call), *steps]
