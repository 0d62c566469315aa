"""A study written straight into the tables, with everything in it that an export has to tell apart."""

import asyncio
import hashlib
import json
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert

from data_layer.database import schema
from data_layer.database.engine import open_database

BEGIN: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
FINGERPRINT: Final = "a" * 64
Row = dict[str, Any]


def id_of(name: str) -> str:
    """A UUID by name, so that a test can say which row it means."""
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))


def at(seconds: float) -> datetime:
    """A moment of the study."""
    return BEGIN + timedelta(seconds=seconds)


def order(moment: datetime) -> int:
    """The order that a write at a moment takes."""
    return round(moment.timestamp() * 1_000_000)


class Seed:
    """Rows to be written, and short ways to make them.

    Each method takes the name of its row and returns its id.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)

    def write(self, url: str) -> None:
        """Write all rows, also from where an event loop runs."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self._write(url)).result()

    async def _write(self, url: str) -> None:
        database = open_database(url)
        async with database.engine.begin() as connection:
            for name, rows in self.rows.items():
                table = schema.metadata.tables[name]
                # One statement for many rows sets the same columns in all of them.
                whole = [dict.fromkeys(name for other in rows for name in other) | row for row in rows]
                await connection.execute(insert(table), whole)
        await database.close()

    def participant(self, name: str, seconds: float = 0) -> str:
        """A participant who signed in by that name."""
        participant_id, moment = id_of(name), at(seconds)
        self.rows["participants"].append(
            {"participant_id": participant_id, "study_id": "example", "source": "login", "created_at": moment}
        )
        identity = {"identity_id": id_of(f"identity {name}"), "participant_id": participant_id}
        self.rows["identities"].append(
            identity
            | {
                "study_id": "example",
                "kind": "user_name",
                "value": name,
                "value_key": name.casefold(),
                "created_at": moment,
            }
        )
        return participant_id

    def connection(self, name: str, participant: str, seconds: float, **columns: Any) -> str:
        """A connection; closed unless told otherwise."""
        row: Row = {
            "connection_id": id_of(name),
            "session_id": f"session of {name}",
            "participant_id": id_of(participant),
            "user_agent": "A browser",
            "opened_at": at(seconds),
            "closed_at": at(seconds + 600),
            "close_reason": "client disconnect",
        }
        self.rows["connections"].append(row | columns)
        return id_of(name)

    def thread(self, name: str, participant: str | None, seconds: float, **columns: Any) -> str:
        """A thread."""
        moment = at(seconds)
        row: Row = {
            "thread_id": id_of(name),
            "participant_id": id_of(participant) if participant else None,
            "study_id": "example",
            "seq": order(moment),
            "agent": "Model",
            "title": name,
            "renamed": False,
            "preview": "",
            "message_count": 0,
            "turn_count": 0,
            "state": "active",
            "tags": None,
            "metadata": None,
            "created_at": moment,
            "last_activity_at": moment,
            "app_version": "0.1.0",
            "study_fingerprint": FINGERPRINT,
            "version": order(moment),
        }
        self.rows["threads"].append(row | columns)
        return id_of(name)

    def step(self, name: str, thread: str, seconds: float, kind: str, /, **columns: Any) -> str:
        """A message or step, and its first revision."""
        moment = at(seconds)
        row: Row = {
            "step_id": id_of(name),
            "thread_id": id_of(thread),
            "seq": order(moment),
            "turn": 1,
            "type": kind,
            "name": kind,
            "status": "complete",
            "revision": 1,
            "input": "",
            "output": name,
            "is_error": False,
            "created_at": moment,
            "version": order(moment),
        }
        row |= columns
        self.rows["steps"].append(row)
        for revision in range(1, row["revision"] + 1):
            words = row["output"] if revision == row["revision"] else f"{row['output']}, revision {revision}"
            self.revision(row, revision, words)
        return id_of(name)

    def revision(self, step: Row, revision: int, words: str) -> None:
        """A revision of a step."""
        row = {name: step.get(name) for name in ("step_id", "thread_id", "run_id", "input", "status")}
        self.rows["step_revisions"].append(
            row | {"revision": revision, "output": words, "created_at": step["created_at"]}
        )

    def run(self, name: str, thread: str, message: str, seconds: float, **columns: Any) -> str:
        """A run that answers a message."""
        moment = at(seconds)
        row: Row = {
            "run_id": id_of(name),
            "thread_id": id_of(thread),
            "message_id": id_of(message),
            "message_revision": 1,
            "seq": order(moment),
            "turn": 1,
            "name": "on_message",
            "agent": "Model",
            "agent_kind": "openai",
            "status": "complete",
            "started_at": moment,
            "ended_at": at(seconds + 2),
            "ttft_ms": 250.5,
            "latency_ms": 2000.0,
            "app_version": "0.1.0",
            "study_fingerprint": FINGERPRINT,
        }
        self.rows["runs"].append(row | columns)
        return id_of(name)

    def call(
        self, name: str, thread: str, run: str, message: str, seconds: float, prompt: str, **columns: Any
    ) -> str:
        """A call to a model, and its prompt."""
        moment = at(seconds)
        messages = json.dumps([{"role": "user", "content": prompt}])
        prompt_hash = hashlib.sha256(messages.encode()).hexdigest()
        if prompt_hash not in {row["prompt_hash"] for row in self.rows["prompts"]}:
            self.rows["prompts"].append(
                {"prompt_hash": prompt_hash, "messages": messages, "created_at": moment}
            )
        row: Row = {
            "llm_call_id": id_of(name),
            "run_id": id_of(run),
            "thread_id": id_of(thread),
            "message_id": id_of(message),
            "seq": order(moment),
            "prompt_hash": prompt_hash,
            "gen_ai_provider_name": "openai",
            "gen_ai_operation_name": "chat",
            "gen_ai_request_model": "small",
            "gen_ai_response_model": "small-2026",
            "gen_ai_usage_input_tokens": 120,
            "gen_ai_usage_output_tokens": 34,
            "request_parameters": {"temperature": 0.7},
            "finish_reason": "stop",
            "attempts": 1,
            "cost": 0.00042,
            "cost_currency": "USD",
            "started_at": moment,
            "ended_at": at(seconds + 1),
            "status": "complete",
        }
        self.rows["llm_calls"].append(row | columns)
        return id_of(name)

    def rating(self, name: str, thread: str, message: str, run: str, seconds: float, **columns: Any) -> str:
        """A rating, up unless told otherwise."""
        row: Row = {
            "rating_id": id_of(name),
            "revision": 1,
            "thread_id": id_of(thread),
            "message_id": id_of(message),
            "run_id": id_of(run),
            "participant_id": id_of("Ada"),
            "value": 1,
            "comment": None,
            "is_current": True,
            "created_at": at(seconds),
        }
        self.rows["ratings"].append(row | columns)
        return id_of(name)

    def element(self, name: str, thread: str, message: str, seconds: float, **columns: Any) -> str:
        """A text shown beside a message."""
        row: Row = {
            "element_id": id_of(name),
            "thread_id": id_of(thread),
            "message_id": id_of(message),
            "seq": order(at(seconds)),
            "type": "text",
            "name": name,
            "mime": "text/plain",
            "size_bytes": 12,
            "sha256": "b" * 64,
            "file": f"ab/{id_of(name)}",
            "display": {"display": "inline"},
            "created_at": at(seconds),
        }
        self.rows["elements"].append(row | columns)
        return id_of(name)

    def form(
        self,
        name: str,
        thread: str,
        reply: str,
        answer: str,
        seconds: float,
        items: list[Row],
        /,
        **columns: Any,
    ) -> str:
        """A form under a reply, answered by a message."""
        row: Row = {
            "form_id": id_of(name),
            "thread_id": id_of(thread),
            "message_id": id_of(reply),
            "seq": order(at(seconds)),
            "name": name,
            "definition": {"id": name, "language": "en", "seed": "s", "items": items},
            "state": "answered",
            "shown_at": at(seconds),
            "closed_at": at(seconds + 1),
            "answered_by_message": id_of(answer),
        }
        self.rows["forms"].append(row | columns)
        return id_of(name)

    def form_answer(self, item: str, form: str, place: int, **columns: Any) -> str:
        """What was answered to one of its items."""
        asked = next(row for row in self.rows["forms"] if row["form_id"] == id_of(form))
        row: Row = {
            "answer_id": id_of(f"{form} {item}"),
            "form_id": asked["form_id"],
            "thread_id": asked["thread_id"],
            "message_id": asked["answered_by_message"],
            "seq": asked["seq"] + place,
            "form": asked["name"],
            "item": item,
            "kind": "choice",
            "position": place,
            "state": "answered",
            "changes": 1,
            "shown_at": asked["shown_at"],
            "sent_at": asked["closed_at"],
        }
        self.rows["form_answers"].append(row | columns)
        return row["answer_id"]

    def intent(self, name: str, thread: str, message: str, seconds: float, **columns: Any) -> str:
        """One that was completed within a minute."""
        row: Row = {
            "intent_id": id_of(name),
            "thread_id": id_of(thread),
            "message_id": id_of(message),
            "seq": order(at(seconds)),
            "name": name,
            "title": name,
            "state": "completed",
            "cause": "tool",
            "began_at": at(seconds),
            "last_activity_at": at(seconds + 60),
            "ended_at": at(seconds + 60),
        }
        self.rows["intents"].append(row | columns)
        return id_of(name)

    def share(self, name: str, thread: str, by: str, seconds: float, **columns: Any) -> str:
        """A link to a thread that works for a week."""
        row: Row = {
            "share_id": id_of(name),
            "thread_id": id_of(thread),
            "participant_id": id_of(by),
            "token_hash": id_of(name).replace("-", "") * 2,
            "last_seq": order(at(seconds)),
            "created_at": at(seconds),
            "expires_at": at(seconds + 7 * 24 * 3600),
        }
        self.rows["shares"].append(row | columns)
        return id_of(name)

    def event(self, name: str, kind: str, seconds: float, **columns: Any) -> str:
        """An event."""
        row: Row = {"event_id": id_of(name), "seq": order(at(seconds)), "type": kind}
        self.rows["events"].append(row | {"timestamp": at(seconds)} | columns)
        return id_of(name)

    def code(self, name: str, version: int, called: str, seconds: float, **columns: Any) -> str:
        """A version of a code."""
        row: Row = {
            "code_id": id_of(name),
            "codebook_version": version,
            "name": called,
            "name_key": called.casefold(),
            "definition": "",
            "colour": "blue",
            "researcher_id": id_of("Olga"),
            "author": "Olga",
            "created_at": at(seconds),
        }
        self.rows["codes"].append(row | columns)
        return id_of(name)

    def coding_task(self, thread: str, coder: str, seconds: float, **columns: Any) -> str:
        """A thread that Olga gave to a coder."""
        name = f"{coder} is to code {thread}"
        row: Row = {
            "assignment_id": id_of(name),
            "thread_id": id_of(thread),
            "researcher_id": id_of(coder),
            "assigned_by": id_of("Olga"),
            "created_at": at(seconds),
        }
        self.rows["coding_assignments"].append(row | columns)
        return id_of(name)

    def annotation(
        self,
        name: str,
        thread: str,
        coder: str,
        seconds: float,
        code: str | None = None,
        message: str | None = None,
        **columns: Any,
    ) -> str:
        """A code, or with `note` a note: of a turn where a message is given, of the thread otherwise."""
        row: Row = {
            "annotation_id": id_of(name),
            "thread_id": id_of(thread),
            "target": "turn" if message else "thread",
            "step_id": id_of(message) if message else None,
            "revision": 1 if message else None,
            "code_id": id_of(code) if code else None,
            "codebook_version": 3 if code else None,
            "researcher_id": id_of(coder),
            "author": coder,
            "created_at": at(seconds),
        }
        self.rows["annotations"].append(row | columns)
        return id_of(name)
