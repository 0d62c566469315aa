"""Other applications' databases, made for a test: in a SQLite file, or in PostgreSQL by its address."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from data_layer.database.rows import Row

CHAINLIT: Final[Mapping[str, str]] = {
    "users": '"id" {uuid} PRIMARY KEY, "identifier" TEXT NOT NULL, "metadata" {json}, "createdAt" TEXT',
    "threads": '"id" {uuid}, "createdAt" TEXT, "name" TEXT, "userId" {uuid}, "userIdentifier" TEXT, '
    '"tags" {tags}, "metadata" {json}',
    "steps": '"id" {uuid}, "name" TEXT, "type" TEXT, "threadId" {uuid}, "parentId" {uuid}, '
    '"streaming" BOOLEAN, "isError" BOOLEAN, "metadata" {json}, "tags" {tags}, "input" TEXT, '
    '"output" TEXT, "createdAt" TEXT, '
    '"start" TEXT, "end" TEXT, "generation" {json}, "showInput" TEXT, "language" TEXT',
    "elements": '"id" {uuid}, "threadId" {uuid}, "type" TEXT, "url" TEXT, "name" TEXT, '
    '"forId" {uuid}, "mime" TEXT',
    "feedbacks": '"id" {uuid}, "forId" {uuid}, "threadId" {uuid}, "value" INT, "comment" TEXT',
}
CONVERSATIONS: Final = {
    "conversations": "id INTEGER, user_id TEXT, thread_id TEXT, role TEXT, content TEXT, created_at TEXT"
}
SESSIONS: Final = {
    "chat_sessions": "id TEXT, user_id TEXT, title TEXT, agent_type TEXT, metadata TEXT, is_active BOOLEAN, "
    "created_at TIMESTAMP",
    "chat_messages": "id INTEGER, session_id TEXT, role TEXT, content TEXT, metadata TEXT, "
    "created_at TIMESTAMP",
}
_TYPES: Final = {
    "sqlite": {"uuid": "TEXT", "json": "TEXT", "tags": "TEXT"},
    "postgresql": {"uuid": "UUID", "json": "JSONB", "tags": "TEXT[]"},
}


def sqlite_with(path: Path, tables: Mapping[str, str], rows: Mapping[str, Sequence[Row]]) -> Path:
    """A SQLite file with such tables and rows."""
    with sqlite3.connect(path) as connection:
        for name, columns in tables.items():
            connection.execute(f'CREATE TABLE "{name}" ({columns.format(**_TYPES["sqlite"])})')
            for row in rows.get(name, ()):
                connection.execute(_insert(name, row, ["?"] * len(row)), list(row.values()))
    connection.close()
    return path


async def postgres_with(url: str, tables: Mapping[str, str], rows: Mapping[str, Sequence[Row]]) -> str:
    """The address of a schema of its own in PostgreSQL, with such tables and rows."""
    plain = url.replace("postgresql+asyncpg://", "postgresql://")
    connection: Any = await asyncpg.connect(plain)
    await connection.execute(
        "DROP SCHEMA IF EXISTS elsewhere CASCADE; CREATE SCHEMA elsewhere; SET search_path = elsewhere"
    )
    for name, columns in tables.items():
        await connection.execute(f'CREATE TABLE "{name}" ({columns.format(**_TYPES["postgresql"])})')
        for row in rows.get(name, ()):
            places = [f"${number}" for number in range(1, len(row) + 1)]
            await connection.execute(_insert(name, row, places), *row.values())
    await connection.close()
    return f"{plain}{'&' if '?' in plain else '?'}options=-csearch_path%3Delsewhere"


def _insert(name: str, row: Row, places: Sequence[str]) -> str:
    names = ", ".join(f'"{one}"' for one in row)
    return f'INSERT INTO "{name}" ({names}) VALUES ({", ".join(places)})'
