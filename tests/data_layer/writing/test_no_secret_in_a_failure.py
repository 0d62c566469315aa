"""The migration that takes keys out of what an earlier version kept of failures."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, select

from data_layer.database import migrate, schema
from data_layer.database.engine import Database, open_database, sqlite_path
from study.masking import MASK, hold
from tests.data_layer.database.test_migrations import bare_url
from tests.data_layer.rows import new_id

__all__ = ["bare_url"]

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HELD = "swordfish.of-the-lab_4711"
OLD = "sk-" + "herring-Ab3dEfGh1jKlMnOpQrStUvWxYz"
WORDS = "Connection error. The server at http://localhost:8080 did not answer."


def failed(said: str, kind: str = "APIConnectionError") -> dict[str, object]:
    """What a run and a call have in common."""
    return {
        "run_id": new_id(), "thread_id": new_id(), "seq": 1, "status": "failed", "error_type": kind,
        "error_message": said, "started_at": NOW,
    }  # fmt: skip


@pytest.fixture
async def before(bare_url: str) -> Database:
    """A database as the version before kept it."""
    database = open_database(bare_url)
    if (path := sqlite_path(bare_url)) is not None:
        path.parent.mkdir()
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate._run, command.upgrade, "0007")
    return database


async def test_keys_that_stand_are_masked(before: Database) -> None:
    """The key of the settings and others by their looks, escaped; what holds none stays to the letter."""
    hold(HELD)
    told = f"Illegal header value b'Bearer {HELD}\\r'"
    # So much longer than what is written over it that SQLite would leave the rest of it lying on the page.
    long = f"{HELD} " * 40
    call = failed(f"Connection error. {told}") | {
        "llm_call_id": new_id(), "prompt_hash": "x", "gen_ai_provider_name": "p",
        "gen_ai_operation_name": "chat", "gen_ai_request_model": "m",
    }  # fmt: skip
    runs = [
        failed(told),
        failed(f"Incorrect API key provided: {OLD}.", OLD),
        failed(WORDS),
        *(failed(long) for _ in range(20)),
    ]
    made = {"export_id": new_id(), "name": "ada", "options": {}, "state": "failed", "created_at": NOW}
    async with before.engine.begin() as connection:
        await connection.execute(insert(schema.llm_calls), call)
        await connection.execute(insert(schema.runs), [row | {"name": "on_message"} for row in runs])
        await connection.execute(insert(schema.exports), made | {"problem": f"cannot open x://ada:{OLD}@h/d"})
    await migrate.upgrade_open(before)
    table = schema.runs.c
    async with before.engine.connect() as connection:
        kept = list(await connection.execute(select(table.error_type, table.error_message)))
        said = await connection.scalar(select(schema.llm_calls.c.error_message))
        problem = await connection.scalar(select(schema.exports.c.problem))
    assert set(map(tuple, kept)) == {
        (MASK, f"Incorrect API key provided: {MASK}."),
        ("APIConnectionError", WORDS),
        ("APIConnectionError", f"Illegal header value b'{MASK}'"),
        ("APIConnectionError", long.replace(HELD, MASK)),
    }
    assert (said, problem) == (
        f"Connection error. Illegal header value b'{MASK}'",
        f"cannot open x://ada:{MASK}@h/d",
    )
    await before.close()
    if (path := sqlite_path(before.url)) is not None:
        assert [place for place in files_beside(path) if HELD.encode() in place.read_bytes()] == []


def files_beside(path: Path) -> list[Path]:
    """The database's file and its logs."""
    return sorted(path.parent.glob(f"{path.name}*"))
