"""What tools keep of a thread, and their decisions: begun in the database before anything is done."""

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.rows import Row, rows_of
from data_layer.writing.store import Store
from data_layer.writing.tool_writes import BeginTool, EndTool, PutToolRecord
from study.text import storable

LONGEST_KEY: Final = 200
_records: Final = schema.tool_records


@dataclass(frozen=True, slots=True)
class ThreadRecords:
    """What tools keep of one thread.

    Args:
        store: The record's.
        thread_id: The thread.
        participant_id: Whose it is.
    """

    store: Store
    thread_id: str
    participant_id: str

    async def get(self, key: str) -> Any:
        """What stands under a key; None where nothing does.

        Raises:
            SQLAlchemyError: The database is away.
        """
        query = select(_records.c.value).where(
            _records.c.thread_id == self.thread_id, _records.c.key == _kept_as(key)
        )
        found = await self.store.database.read(lambda connection: rows_of(connection, query))
        return found[0]["value"] if found else None

    async def put(self, key: str, value: Any) -> None:
        """Keep a value under a key. It is in the database when this returns.

        Raises:
            ValueError: The key is too long, or the value is nothing that JSON can hold.
            WriteRefused: The participant has withdrawn.
            DatabaseError: The database does not answer, and the value waits in the journal.
        """
        if len(key) > LONGEST_KEY:
            raise ValueError(f"a key has at most {LONGEST_KEY} characters; this one has {len(key)}")
        kept, at = _json_of(value), self.store.clock()
        await self.store.commit(PutToolRecord(self.thread_id, _kept_as(key), kept, at, self.participant_id))


class Decisions:
    """Decisions of tools that act.

    Args:
        store: The record's.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, decision: BeginTool) -> Row | None:
        """Take a decision.

        Returns:
            Its row, with the decision's run where it was taken; None where nobody can say, and it must not be
            carried out now.
        """
        outcome = await self._store.writer.submit(decision)
        return None if outcome.journaled or outcome.reason is not None else outcome.decision

    async def end(self, key: str, run_id: str, changes: Row) -> None:
        """Keep what came of a decision: in the database, or in the journal until that answers."""
        await self._store.writer.submit(EndTool(key, run_id, changes, self._store.clock()))


def _json_of(value: Any) -> Any:
    """A value as it will be read: what JSON cannot hold is said here, to the tool that has it."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"a tool keeps what JSON can hold; {type(value).__name__} is not: {error}"
        ) from error


def _kept_as(key: str) -> str:
    return storable(key)
