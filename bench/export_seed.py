"""A study of any size in a SQLite file, for measuring exports: seeded, so that it is the same each time."""

import asyncio
import json
import random
import sqlite3
import sys
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from data_layer.database import schema
from data_layer.database.migrate import upgrade
from data_layer.database.types import iso

SEED: Final = 1966
TURNS: Final = 5  # 10 messages a thread, as 1,000,000 in 100,000 threads are
THREADS_EACH: Final = 4  # threads of one participant
# Threads that are under way at once: their rows lie interleaved in the file, as in a running study.
AT_ONCE: Final = 100
PROMPTS: Final = 1000
BEGIN: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
LINES: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "orders.jsonl"
FINGERPRINT: Final = "5f" * 32

Rows = list[tuple[Any, ...]]


def seed(path: Path, messages: int) -> str:
    """Fill a new database.

    Args:
        path: Of the SQLite file; it must not be there yet.
        messages: How many; a multiple of 1,000 is met exactly.

    Returns:
        The database's address.
    """
    url = f"sqlite+aiosqlite:///{path}"
    asyncio.run(upgrade(url))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")  # it can be made again
    connection.execute("PRAGMA cache_size=-200000")
    study = _Study(random.Random(SEED))
    _insert(connection, "prompts", study.prompts())
    for first in range(0, messages // (2 * TURNS), AT_ONCE):
        for table, rows in study.threads(range(first, min(first + AT_ONCE, messages // (2 * TURNS)))):
            _insert(connection, table, rows)
        connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return url


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        assert set(names) <= set(schema.metadata.tables[table].c.keys())
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        connection.executemany(statement, [tuple(row.values()) for row in rows])


class _Study:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._lines = _lines()
        self._hashes = [sha256(str(number).encode()).hexdigest() for number in range(PROMPTS)]
        self._participant = ""

    def _id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def prompts(self) -> list[dict[str, Any]]:
        return [
            {"prompt_hash": name, "messages": json.dumps(self._said(20)), "created_at": iso(BEGIN)}
            for name in self._hashes
        ]

    def _said(self, count: int) -> list[str]:
        return self._chance.choices(self._lines, k=count)

    def threads(self, numbers: range) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The rows of threads that run side by side, turn by turn."""
        begun = BEGIN + timedelta(seconds=numbers.start * 3)
        threads = [self._thread(number, begun) for number in numbers]
        yield "participants", [self._person(row) for row in threads if row["title"].startswith("0 ")]
        yield "threads", threads
        for turn in range(1, TURNS + 1):
            tables: dict[str, list[dict[str, Any]]] = {
                name: [] for name in ("runs", "steps", "step_revisions", "llm_calls")
            }
            for place, thread in enumerate(threads):
                at = begun + timedelta(seconds=turn * 20, milliseconds=place * 37)
                self._turn(tables, thread["thread_id"], turn, at)
            yield from tables.items()

    def _person(self, thread: dict[str, Any]) -> dict[str, Any]:
        return {
            "participant_id": thread["participant_id"],
            "study_id": thread["study_id"],
            "source": "simulation",
            "created_at": thread["created_at"],
        }

    def _thread(self, number: int, at: datetime) -> dict[str, Any]:
        if number % THREADS_EACH == 0:
            self._participant = self._id()
        return {
            "thread_id": self._id(),
            "participant_id": self._participant,
            "study_id": "bench",
            "seq": _micros(at) + number % AT_ONCE,
            "agent": "assistant",
            "title": f"{number % THREADS_EACH} {self._said(1)[0][:40]}",
            "renamed": 0,
            "preview": "",
            "message_count": 2 * TURNS,
            "turn_count": TURNS,
            "state": "active",
            "created_at": iso(at),
            "last_activity_at": iso(at + timedelta(seconds=TURNS * 20)),
            "app_version": "0.1.0",
            "study_fingerprint": FINGERPRINT,
            "version": _micros(at) + number % AT_ONCE,
        }

    def _turn(self, tables: dict[str, list[dict[str, Any]]], thread_id: str, turn: int, at: datetime) -> None:
        said, answered, run_id, seq = self._id(), self._id(), self._id(), _micros(at)
        common = {"thread_id": thread_id, "connection_id": None, "turn": turn}
        ttft = self._chance.uniform(150, 900)
        end = iso(at + timedelta(milliseconds=3 * ttft))
        words, reply = self._said(1)[0], " ".join(self._said(2))
        tables["steps"] += [
            _step(said, None, seq, "user_message", words, iso(at)) | common,
            _step(answered, run_id, seq + 2, "assistant_message", reply, end) | common,
        ]
        for step_id, of, text, when in ((said, None, words, iso(at)), (answered, run_id, reply, end)):
            tables["step_revisions"].append(
                {
                    "step_id": step_id,
                    "revision": 1,
                    "thread_id": thread_id,
                    "run_id": of,
                    "input": "",
                    "output": text,
                    "status": "complete",
                    "created_at": when,
                }
            )
        tables["runs"].append(
            common
            | {
                "run_id": run_id,
                "message_id": said,
                "message_revision": 1,
                "seq": seq + 1,
                "name": "on_message",
                "agent": "assistant",
                "agent_kind": "openai",
                "status": "complete",
                "started_at": iso(at),
                "ended_at": end,
                "ttft_ms": ttft,
                "latency_ms": 3 * ttft,
                "app_version": "0.1.0",
                "study_fingerprint": FINGERPRINT,
            }
        )
        tables["llm_calls"].append(
            {
                "llm_call_id": self._id(),
                "run_id": run_id,
                "thread_id": thread_id,
                "message_id": answered,
                "seq": seq + 3,
                "prompt_hash": self._chance.choice(self._hashes),
                "gen_ai_provider_name": "openai",
                "gen_ai_operation_name": "chat",
                "gen_ai_request_model": "small-model",
                "gen_ai_response_model": "small-model-2026-01-01",
                "gen_ai_usage_input_tokens": self._chance.randrange(200, 2000),
                "gen_ai_usage_output_tokens": self._chance.randrange(5, 200),
                "request_parameters": '{"temperature":0.7}',
                "finish_reason": "stop",
                "attempts": 1,
                "started_at": iso(at),
                "ended_at": end,
                "ttft_ms": ttft,
                "latency_ms": 3 * ttft,
                "status": "complete",
            }
        )


def _step(step_id: str, run_id: str | None, seq: int, kind: str, text: str, at: str) -> dict[str, Any]:
    return {
        "step_id": step_id,
        "run_id": run_id,
        "seq": seq,
        "type": kind,
        "name": "Assistant" if run_id else "Participant",
        "agent": "assistant" if run_id else None,
        "status": "complete",
        "revision": 1,
        "input": "",
        "output": text,
        "is_error": 0,
        "created_at": at,
        "ended_at": at if run_id else None,
        "version": seq,
    }


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _lines() -> list[str]:
    """What people say, in its real lengths."""
    with LINES.open(encoding="utf-8") as dialogs:
        return [said["text"] for line in dialogs for said in json.loads(line)["utterances"] if said["text"]]


if __name__ == "__main__":
    seed(Path(sys.argv[1]), int(sys.argv[2]))
