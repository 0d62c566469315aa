"""A study as if it had been lived, for looking at the room: simulated offline, and coded a little."""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from bench.process import ServerProcess, command, verbatim
from tests.browser.conftest import TREE

STUDY: Final = TREE / "studies" / "example"
HIT: Final = "<img src=x onerror=window.__hit=1>"


def lived(folder: Path, threads: int) -> ServerProcess:
    """A server, not yet started, on a simulated study."""
    server = verbatim(TREE, folder, STUDY)
    command(server, "simulate", "--offline", "--threads", str(threads))
    return server


def rows(server: ServerProcess, query: str, *values: object) -> list[dict[str, Any]]:
    """What a server's database answers."""
    path = server.environment["VERBATIM_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///")
    with closing(sqlite3.connect(path, timeout=15)) as database, database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query, values)]


def add(server: ServerProcess, table: str, **columns: object) -> None:
    """Put a row into a server's database."""
    marks = ", ".join("?" * len(columns))
    rows(server, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", *columns.values())


def coded(server: ServerProcess, thread_id: str) -> None:
    """A code, a note on a thread, a saved view and an export, all named by an attacker."""
    [owner] = rows(server, "SELECT researcher_id FROM researchers WHERE name = 'owner'")
    code, at = str(uuid.uuid4()), "2026-05-01T10:00:00.000Z"
    by = owner | {"author": f"owner {HIT}", "created_at": at}
    named = {"name": f"Politeness {HIT}", "name_key": "politeness", "definition": f"Says please. {HIT}"}
    add(server, "codes", code_id=code, codebook_version=1, colour="blue", **named, **by)
    given = {"code_id": code, "codebook_version": 1}
    for more in (given, {"note": f"Look at this again. {HIT}"}):
        add(
            server,
            "annotations",
            annotation_id=str(uuid.uuid4()),
            thread_id=thread_id,
            target="thread",
            **more,
            **by,
        )
    view = {"view_id": str(uuid.uuid4()), "name": f"Latte {HIT}", "query": '{"q": "latte"}', "is_shared": 1}
    add(server, "saved_views", **view, **by)
