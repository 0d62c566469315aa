"""What the data layer's tests write with, and how they look at what is kept."""

import uuid
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import event, select, text

from data_layer.conversations.forms import forms_under
from data_layer.conversations.threads import ThreadRecord, on_screen, thread_row
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.order import Clock
from data_layer.database.rows import Row, read_rows
from data_layer.record import Record
from data_layer.writing.writes import PutStep, PutThread

ADA = "11111111-1111-4111-8111-111111111111"
BOB = "22222222-2222-4222-8222-222222222222"


def new_id() -> str:
    """A UUID as Chainlit's page makes them."""
    return str(uuid.uuid4())


class Clocked(Protocol):
    """What has the time: the record, and what stands for it."""

    @property
    def now(self) -> Clock:
        """Reads the clock."""


def message(record: Clocked, thread_id: str, words: str | None, **columns: Any) -> PutStep:
    """A participant's message of ADA's; `by`, `creates` and any column may be given."""
    by = columns.pop("by", ADA)
    creates = columns.pop("creates", True)
    row: Row = {"step_id": new_id(), "thread_id": thread_id, "type": "user_message", "output": words}
    return PutStep(row | columns, record.now(), by=by, creates=creates)


def reply(record: Clocked, thread_id: str, words: str | None, **columns: Any) -> PutStep:
    """An agent's message, written by the app."""
    shape: Row = {"type": "assistant_message", "by": None, "agent": "Agent", "name": "Agent"}
    return message(record, thread_id, words, **(shape | columns))


async def begin_thread(record: Record, words: str = "Hello there", owner: str = ADA) -> str:
    """A thread with one message.

    Returns:
        Its id.
    """
    thread_id = new_id()
    await record.writer.submit(
        PutThread(thread_id, owner, record.now(), words), message(record, thread_id, words, by=owner)
    )
    return thread_id


async def rows(record: Record, table: str, **equal: Any) -> list[Row]:
    """The rows of a table, in order, deleted ones too."""
    target = schema.metadata.tables[table]
    query = select(target)
    for name, value in equal.items():
        query = query.where(target.c[name] == value)
    for column in ("seq", "revision"):
        if column in target.c:
            query = query.order_by(target.c[column])
    async with record.database.engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def one(record: Record, table: str, **equal: Any) -> Row:
    """The one row that fits."""
    found = await rows(record, table, **equal)
    assert len(found) == 1, f"{len(found)} rows of {table}"
    return found[0]


async def count(record: Record, table: str) -> int:
    """How many rows there are."""
    return len(await rows(record, table))


async def execute(database: Database, statement: str, **values: Any) -> None:
    """Do something to the database behind the record's back."""
    async with database.engine.begin() as connection:
        await connection.execute(text(statement), values)


def endless() -> list[Any]:
    """Deeper than Python's JSON goes."""
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    return nested


def call_row(started: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """A call to a model that has not ended."""
    names = ("gen_ai_provider_name", "gen_ai_operation_name", "gen_ai_request_model")
    return started | {
        "llm_call_id": new_id(),
        "seq": 2,
        "prompt_hash": "0" * 64,
        "started_at": moment,
        **dict.fromkeys(names, "x"),
    }


class Requests:
    """Whose HTTP request is being served."""

    def __init__(self) -> None:
        self.participant_id: str | None = None

    def __call__(self) -> str | None:
        """As page/chainlit/request_guard.py says it."""
        return self.participant_id


def chainlit_step(thread_id: str, **fields: Any) -> Any:
    """A step as Chainlit hands it over: every field, most of them empty."""
    return {
        "id": new_id(),
        "threadId": thread_id,
        "parentId": None,
        "type": "assistant_message",
        "name": "Agent",
        "input": "",
        "output": "",
        "streaming": False,
        "isError": False,
        "waitForAnswer": False,
        "createdAt": "2026-11-21T12:00:00.123456Z",
        "start": "2026-11-21T12:00:00.123456Z",
        "end": "2026-11-21T12:00:00.123456Z",
        "metadata": {},
        "tags": None,
        "defaultOpen": False,
        "autoCollapse": False,
        "showInput": "json",
        "language": None,
        "icon": None,
    } | fields


class Statements:
    """Remembers every statement that a database executes while it listens."""

    def __init__(self, database: Database) -> None:
        self._engines = [database.engine.sync_engine]
        if database.reading is not None:
            self._engines.append(database.reading.engine)
        self.texts: list[str] = []

    def __enter__(self) -> "Statements":
        for engine in self._engines:
            event.listen(engine, "before_cursor_execute", self._remember)
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self._engines:
            event.remove(engine, "before_cursor_execute", self._remember)

    def _remember(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.texts.append(statement)


async def read_thread(database: Database, thread_id: str) -> ThreadRecord | None:
    """A living thread with all that stands on its screen; None when there is none."""
    thread = await thread_row(database, thread_id)
    if thread is None or thread["deleted_at"] is not None:
        return None
    parts: list[list[Row]] = []
    async with database.engine.connect() as connection:
        for table in (schema.steps, schema.runs, schema.elements):
            parts.append(await read_rows(connection, on_screen(table, thread_id).order_by(table.c.seq)))
        ratings = schema.ratings
        current = select(ratings).where(ratings.c.thread_id == thread_id, ratings.c.is_current)
        rated = await read_rows(connection, current)
        asked = await forms_under(connection, parts[0])
    steps, runs, elements = parts
    return ThreadRecord(thread, steps, runs, rated, elements, forms=asked)


def form_row(record: Record, thread_id: str, **columns: Any) -> Row:
    """A row of `forms`: one choice, open under a reply."""
    item = {"id": "drink", "kind": "choice", "label": "Which drink?"}
    item |= {"options": [{"value": "tea", "label": "Tea", "code": 1}]}
    row: Row = {
        "form_id": new_id(),
        "thread_id": thread_id,
        "run_id": None,
        "message_id": new_id(),
        "seq": record.take_order(),
        "turn": None,
        "name": "order",
        "definition": {"id": "order", "language": "en", "seed": "s", "items": [item]},
        "state": "open",
        "left_because": None,
        "answers": None,
        "shown_at": record.now(),
        "closed_at": None,
        "answered_by_message": None,
    }
    return row | columns
